import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { startAcmeSandbox } from './example-vendor.ts';
import { createManualClock } from './sandbox-clock.ts';

it('the example vendor of the README works', async () => {
  const clock = createManualClock();
  const acme = await startAcmeSandbox(clock);
  const forget = (email: string) =>
    fetch(`${acme.url}/v1/forget`, {
      method: 'POST',
      headers: { Authorization: 'Bearer acme-test-token' },
      body: JSON.stringify({ email }),
    });
  acme.seed(['ada@example.test', 'bob@example.test']);
  acme.faults.add({ fault: { type: 'lie' } });
  expect((await forget('bob@example.test')).status).toBe(202);
  expect((await forget('ada@example.test')).status).toBe(202);
  expect((await forget('ada@example.test')).headers.get('retry-after')).toBe('1');
  expect(acme.has('ada@example.test')).toBe(true);
  clock.advance(3_600_000);
  expect(acme.has('ada@example.test')).toBe(false);
  expect(acme.has('bob@example.test')).toBe(true);
  expect(acme.requests.map(({ acted }) => acted)).toEqual([false, true, false]);
  await acme.close();
});

it('the README shows the example vendor as it is', () => {
  const withoutImports = (text: string) => text.slice(text.indexOf('/** Fake Acme'));
  const example = withoutImports(readFileSync(new URL('./example-vendor.ts', import.meta.url), 'utf8'));
  expect(readFileSync(new URL('../../README.md', import.meta.url), 'utf8')).toContain(example);
});
