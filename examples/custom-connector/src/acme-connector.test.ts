import { type ConnectorErrorCode, OptionsError } from '@expunge/core';
import { expect, it, onTestFinished } from 'vitest';
import { startAcmeSandbox } from '../test/acme-sandbox.ts';
import { createAcmeConnector } from './acme-connector.ts';
import { mapAcmeStatus } from './map-acme-status.ts';

// What is special to Acme. What holds for every connector is asked by the conformance suite.

async function startAcme() {
  const acme = await startAcmeSandbox();
  onTestFinished(() => acme.close());
  return { acme, connector: createAcmeConnector({ baseUrl: acme.url, ...acme.credentials }) };
}

const target = (value: string) => ({ type: 'user_id', value });

it('says who was unknown, and deletes the others', async () => {
  const { acme, connector } = await startAcme();
  acme.seed(['ada', 'bob', 'eve']);
  const outcomes = await connector.submit(['ada', 'nobody', 'bob'].map(target));
  expect(outcomes).toEqual([
    { type: 'accepted', receipt: { job: 'job-0' } },
    { type: 'absent', vendorStatus: 'unknown' },
    { type: 'accepted', receipt: { job: 'job-0' } },
  ]);
  acme.clock.advance(24 * 3_600_000);
  expect(['ada', 'bob', 'eve'].filter((id) => acme.has(id))).toEqual(['eve']);
});

it('rejects a target of another type, and sends nothing for it', async () => {
  const { acme, connector } = await startAcme();
  acme.seed(['ada', 'ada@example.com']);
  const outcomes = await connector.submit([{ type: 'email', value: 'ada@example.com' }, target('ada')]);
  expect(outcomes.map(({ type }) => type)).toEqual(['rejected', 'accepted']);
  acme.clock.advance(24 * 3_600_000);
  expect(acme.has('ada@example.com')).toBe(true);
});

it.each<[number, string, ConnectorErrorCode]>([
  [401, 'bad_key', 'credentials-rejected'],
  [403, 'missing_role', 'permission-missing'],
  [413, 'too_many_ids', 'request-too-large'],
  [400, 'bad_ids', 'request-rejected'],
  [200, 'a_new_word', 'response-unexpected'],
])('takes HTTP %i with "%s" for %s', async (status, error, code) => {
  const { acme, connector } = await startAcme();
  acme.faults.add({ fault: { type: 'status', status, body: { ok: false, error } } });
  await expect(connector.submit([target('ada')])).rejects.toMatchObject({ code });
});

it('sees that the plan is used up, in spite of HTTP 200', async () => {
  const { acme, connector } = await startAcme();
  acme.settings.isPlanUsedUp = true;
  await expect(connector.submit([target('ada')])).rejects.toMatchObject({ code: 'quota-spent', isRetryable: true });
});

it('says that a forgotten job is lost, and takes no other 404 for that', async () => {
  const { acme, connector } = await startAcme();
  expect(await connector.check?.({ job: 'job-7' }, [])).toEqual({ state: 'lost', vendorStatus: 'unknown_job' });
  acme.faults.add({ fault: { type: 'status', status: 404, body: 'Not found' } });
  await expect(connector.check?.({ job: 'job-7' }, [])).rejects.toMatchObject({ code: 'setup-wrong' });
});

it.each([
  ['queued', { state: 'pending' }],
  ['running', { state: 'pending' }],
  ['done', { state: 'deleted' }],
  ['failed', { state: 'failed', canSubmitAgain: true }],
])('takes the state "%s" for %o', (word, expected) => {
  expect(mapAcmeStatus(word)).toEqual({ ...expected, vendorStatus: word });
});

it('guesses no state that Acme does not document', () => {
  expect(() => mapAcmeStatus('DONE')).toThrow(expect.objectContaining({ code: 'response-unexpected' }));
});

it('believes no answer about somebody else', async () => {
  const { acme, connector } = await startAcme();
  acme.faults.add({ fault: { type: 'status', status: 200, body: { ok: true, user: { id: 'bob' } } } });
  await expect(connector.verify?.([target('ada')])).rejects.toMatchObject({ code: 'answer-contradictory' });
});

it('names every wrong option, and no value', () => {
  const options = { apiKey: 'secret\n', baseUrl: 'acme', retries: 3 };
  try {
    createAcmeConnector(options);
    expect.unreachable();
  } catch (error) {
    expect(OptionsError.isInstance(error) && error.issues.map(({ path }) => path.join('.'))).toEqual([
      'apiKey',
      'baseUrl',
      'retries',
    ]);
    expect(`${error}`).not.toContain('secret');
  }
});
