import { describe, expect, it } from 'vitest';
import { createRequestLog, type RecordedRequest } from './request-log.ts';

const request = (path: string, body = ''): RecordedRequest => ({
  method: 'POST',
  path,
  query: '',
  headers: {},
  body,
  at: 0,
  answeredAt: 0,
  status: 200,
  answer: undefined,
  acted: false,
  fault: undefined,
});

describe('a request log', () => {
  it('keeps the newest requests', () => {
    const log = createRequestLog({ kept: 2, routeOf: (path) => path });
    for (const path of ['/1', '/2', '/3', '/4', '/5']) log.record(request(path));
    expect(log.requests.map(({ path }) => path)).toEqual(['/4', '/5']);
  });

  it('keeps fewer when their bodies are large, and always the newest', () => {
    const log = createRequestLog({ kept: 100, keptBodyLength: 10, routeOf: (path) => path });
    for (const path of ['/1', '/2', '/3']) log.record(request(path, 'x'.repeat(9)));
    expect(log.requests.map(({ path }) => path)).toEqual(['/3']);
    log.record(request('/4', 'x'.repeat(1000)));
    expect(log.requests.map(({ path }) => path)).toEqual(['/4']);
    log.record(request('/5'));
    log.record(request('/6'));
    expect(log.requests.at(-1)?.path).toBe('/6');
  });

  it('counts no more than a thousand different routes', () => {
    const log = createRequestLog({ kept: 1, routeOf: (path) => path });
    for (let index = 0; index < 1500; index += 1) log.count(request(`/${index}`));
    log.count({ ...request('/unanswered'), status: undefined });
    const counts = log.summary();
    expect(counts).toHaveLength(1002);
    expect(counts.filter(({ route }) => route === '(other)')).toEqual([
      { method: 'POST', route: '(other)', status: 200, count: 500 },
      { method: 'POST', route: '(other)', status: 0, count: 1 },
    ]);
  });
});
