import { parseJson } from '@expunge/http-client';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buildTaskCreation,
  buildTaskQuery,
  buildTaskRevocation,
  readTaskIds,
  taskCreationSchema,
} from './mixpanel-gdpr-api.ts';
import type { GdprSettings } from './mixpanel-options.ts';

const options: GdprSettings = {
  api: 'gdpr',
  region: 'eu',
  projectToken: 'test-token',
  oauthToken: 'test-oauth',
  compliance: 'GDPR',
};
const authorization = { authorization: 'Bearer test-oauth', accept: 'application/json' };
const tasks = 'https://eu.mixpanel.com/api/app/data-deletions/v3.0';

function target(value: string) {
  return { type: 'distinct_id', value };
}

describe('the requests', () => {
  it('create a task', () => {
    expect(buildTaskCreation(options, [target('ada'), target('grace')])).toEqual({
      method: 'POST',
      url: `${tasks}/?token=test-token`,
      headers: { ...authorization, 'content-type': 'application/json' },
      body: '{"distinct_ids":["ada","grace"],"compliance_type":"GDPR"}',
    });
  });

  it('file it under the law that was chosen', () => {
    const body = buildTaskCreation({ ...options, compliance: 'CCPA' }, [target('ada')]).body;
    expect(body).toBe('{"distinct_ids":["ada"],"compliance_type":"CCPA"}');
  });

  it('ask about a task, with the slash', () => {
    expect(buildTaskQuery(options, '1700000000000000001')).toEqual({
      method: 'GET',
      url: `${tasks}/1700000000000000001/?token=test-token`,
      headers: authorization,
    });
  });

  it('call a task back, without the slash', () => {
    expect(buildTaskRevocation(options, '1700000000000000001')).toEqual({
      method: 'DELETE',
      url: `${tasks}/1700000000000000001?token=test-token`,
      headers: authorization,
    });
  });

  it.each([
    ['us', 'https://mixpanel.com/api/app/'],
    ['eu', 'https://eu.mixpanel.com/api/app/'],
    ['in', 'https://in.mixpanel.com/api/app/'],
  ] as const)('go to the host of region %s', (region, start) => {
    expect(buildTaskCreation({ ...options, region }, [target('ada')]).url.startsWith(start)).toBe(true);
  });

  it('encode whatever goes into the address', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (taskId, projectToken) => {
        fc.pre(taskId !== '.' && taskId !== '..');
        const url = new URL(buildTaskQuery({ ...options, projectToken }, taskId).url);
        expect(decodeURIComponent(url.pathname.split('/')[5] ?? '')).toBe(taskId);
        expect(url.searchParams.get('token')).toBe(projectToken);
      }),
    );
  });

  it('send every id as it is, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', minLength: 1 })), (values) => {
        const body: unknown = JSON.parse(buildTaskCreation(options, values.map(target)).body ?? '');
        expect(body).toMatchObject({ distinct_ids: values });
      }),
    );
  });
});

describe('the ids of a creation', () => {
  function idsOf(text: string): readonly string[] {
    return readTaskIds(taskCreationSchema.parse(parseJson(text)));
  }

  it.each([
    ['an object with task_id', '{"status":"ok","results":{"task_id":"1700000000000000001"}}', ['1700000000000000001']],
    [
      'a list with tracking_id',
      '{"status":"ok","results":[{"status":"PENDING","tracking_id":"1700000000000000001","project_id":123,"distinct_id_count":2}]}',
      ['1700000000000000001'],
    ],
    [
      'a bare number of 19 digits',
      '{"status":"ok","results":{"task_id":1700000000000000001}}',
      ['1700000000000000001'],
    ],
    [
      'a bare number in a list',
      '{"status":"ok","results":[{"tracking_id":1700000000000000003}]}',
      ['1700000000000000003'],
    ],
    [
      'a UUID',
      '{"status":"ok","results":{"task_id":"8c3c1c1e-0000-4000-8000-000000000001"}}',
      ['8c3c1c1e-0000-4000-8000-000000000001'],
    ],
    ['no id', '{"status":"ok","results":{}}', []],
    ['no results', '{"status":"ok"}', []],
    ['an empty list', '{"status":"ok","results":[]}', []],
    ['results as text', '{"status":"ok","results":"done"}', []],
    ['an id that is no id', '{"status":"ok","results":{"task_id":"ada@example.com"}}', []],
    ['a number that lost its digits', '{"status":"ok","results":{"task_id":1.7e18}}', []],
    ['one id of two', '{"status":"ok","results":[{"tracking_id":"1"},{}]}', []],
  ])('are read: %s', (_case, text, ids) => {
    expect(idsOf(text)).toEqual(ids);
  });

  it('keep every digit of any bare number', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 20n }), (id) => {
        expect(idsOf(`{"status":"ok","results":{"task_id":${id}}}`)).toEqual([String(id)]);
      }),
    );
  });

  it('are not read from an answer that is not ok', () => {
    expect(() => idsOf('{"status":"error","results":{"task_id":"1"}}')).toThrow();
  });
});
