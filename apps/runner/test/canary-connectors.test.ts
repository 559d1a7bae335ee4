import { describe, expect, it } from 'vitest';
import { canaryPerson } from './canaries.ts';
import { type CanaryWorkplace, inCanaryWorkplace } from './canary-workplace.ts';

// Connectors may be anybody's. What they throw is kept to ourselves; what they leak themselves is found by the search.

/** A connector of somebody else, as the text of a module. */
function strayConnector(parts: {
  readonly factory?: string;
  readonly targetsOf?: string;
  readonly submit?: string;
  readonly checkAccess?: string;
  /** It takes deletions with a receipt, and is asked about them. */
  readonly check?: string;
  readonly cancel?: string;
  /** It loses the reply of each deletion, and is asked about that. */
  readonly recover?: string;
}): string {
  const isAsked = parts.check !== undefined || parts.cancel !== undefined || parts.recover !== undefined;
  const completion = isAsked
    ? '{ type: "polled", firstCheckAfterMs: 0, checkEveryMs: 100, expectedWithinMs: 1000 }'
    : '{ type: "immediate" }';
  const submit = isAsked ? 'return targets.map(() => ({ type: "accepted", receipt: { job: 1 } }));' : '';
  return `import { ConnectorError } from '@expunge/core';
import { writeFileSync } from 'node:fs';
const somebody = ${JSON.stringify(canaryPerson.user_id)};
let asked = 0;
const fail = (code, message, vendorStatus) => { throw new ConnectorError({ code, vendor: "stray", message, vendorStatus }); };
export default (options) => {
  ${parts.factory ?? ''}
  return {
    specVersion: 'v1', vendor: 'stray', operation: 'profile',
    capabilities: {
      title: 'Stray', reach: 'person', erases: ['Nothing.'], leaves: [], identifiers: [{ type: 'id', from: ['user_id'] }],
      completion: ${completion}, repeat: ${parts.recover === undefined ? "'harmless'" : "'costly'"},
      limits: { submit: { maxTargets: 10 }, rates: [], inFlight: [] },
    },
    targetsOf(subject) { ${parts.targetsOf ?? ''} return subject.identifiers.map(({ type, value }) => ({ type, value })); },
    async submit(targets) { ${parts.submit ?? submit} return targets.map(() => ({ type: 'deleted' })); },
    ${isAsked ? `async check() { ${parts.check ?? 'return { state: "pending", vendorStatus: "RUNNING" };'} },` : ''}
    ${parts.cancel === undefined ? '' : `async cancel() { ${parts.cancel} },`}
    ${parts.recover === undefined ? '' : `async recover() { ${parts.recover} },`}
    async checkAccess() { ${parts.checkAccess ?? ''} return { proven: ['It works.'], unproven: [] }; },
  };
};
`;
}

function configureStray(workplace: CanaryWorkplace, parts: Parameters<typeof strayConnector>[0]): void {
  workplace.writeInput('stray.mjs', strayConnector(parts));
  const stray = { package: './stray.mjs', options: { token: { env: 'ALTCRAFT_TOKEN' } } };
  workplace.writeInput(
    'expunge.config.json',
    JSON.stringify({
      ledger: { sqlite: './expunge.db' },
      retry: { baseMs: 1, maxMs: 2, maxAttempts: 2 },
      connectors: { stray },
    }),
  );
  workplace.writeInput('people.csv', `request_id,user_id\nR-1,${canaryPerson.user_id}\n`);
}

const person = '" no one named " + targets[0].value + " with " + options.token';

describe('lets nobody out through a connector that', () => {
  it.each<[string, Parameters<typeof strayConnector>[0], string]>([
    [
      'throws while planning',
      { targetsOf: 'throw new Error(subject.identifiers[0].value + "\\n    at " + options.token);' },
      'Something unexpected',
    ],
    ['throws while deleting', { submit: `throw new Error(${person});` }, 'broke its contract'],
    ['throws a text', { submit: 'throw targets[0].value;' }, 'broke its contract'],
    ['answers with the person', { submit: 'return targets;' }, 'broke its contract'],
    [
      'throws when it is made',
      { factory: 'throw new Error("no " + options.token);' },
      "can't be made: Error: no [secret]",
    ],
  ])(
    '%s',
    inCanaryWorkplace(async (workplace, _what, parts, message) => {
      configureStray(workplace, parts);
      const environment = { EXPUNGE_DEBUG: '1' };
      const { messages } = await workplace.run(['delete', 'people.csv', '--json'], { environment });
      expect(messages).toContain(message);
      await workplace.run(['resume', '--resend'], { environment });
      await workplace.run(['report', '--output', 'report.json'], { environment });
      expect(workplace.leaks()).toEqual([]);
    }),
  );

  // What nobody catches ends a process: each run is one.
  it.each<[string, string]>([
    [
      'throws where nobody listens',
      `setImmediate(() => { throw new Error(${person}); }); await new Promise(() => {});`,
    ],
    ['rejects where nobody listens', `void Promise.reject(new TypeError(${person}));`],
  ])(
    '%s',
    inCanaryWorkplace(async (workplace, _what, submit) => {
      configureStray(workplace, { submit });
      const environment = { EXPUNGE_DEBUG: '1' };
      const { messages } = await workplace.start(['delete', 'people.csv', '--json'], { environment }).ended;
      expect(messages).toContain('Something unexpected');
      await workplace.start(['resume', '--resend'], { environment }).ended;
      await workplace.run(['report', '--output', 'report.json'], { environment });
      expect(workplace.leaks()).toEqual([]);
    }),
  );

  it(
    'throws when it is checked',
    inCanaryWorkplace(async (workplace) => {
      configureStray(workplace, { checkAccess: 'throw new Error("no " + options.token);' });
      expect((await workplace.run(['check', '--json'], { environment: { EXPUNGE_DEBUG: '1' } })).code).toBe(3);
      expect(workplace.leaks()).toEqual([]);
    }),
  );
});

describe('keeps out of the ledger what a connector', () => {
  const refusal = 'code: "request-rejected", vendor: "stray", message: "no " + targets[0].value';
  it.each<[string, string]>([
    ['says in its error', `throw new ConnectorError({ ${refusal} });`],
    ['takes for a word of the vendor', 'return [{ type: "absent", vendorStatus: targets[0].value }];'],
    [
      'says of a refusal',
      'return [{ type: "rejected", reason: "refused", message: "no " + targets[0].value.toUpperCase() }];',
    ],
  ])(
    '%s',
    inCanaryWorkplace(async (workplace, _what, submit) => {
      configureStray(workplace, { submit });
      await workplace.run(['delete', 'people.csv']);
      await workplace.run(['report', '--output', 'report.json']);
      expect(workplace.leaks()).toEqual([]);
    }),
  );
});

describe('keeps out of the ledger and of every message what a connector that is asked later', () => {
  const failed = 'fail("vendor-failed", "no " + somebody, somebody);';
  const part = (name: string, word: string) => `parts: [{ name: ${name}, state: "failed", vendorStatus: ${word} }]`;
  it.each<[string, Parameters<typeof strayConnector>[0]]>([
    ['pauses with', { check: 'fail("setup-wrong", "no " + somebody);' }],
    ['takes for the word of a job under way', { check: 'return { state: "pending", vendorStatus: somebody };' }],
    [
      'takes for the name of a part',
      { check: `return { state: "partial", vendorStatus: "HALF", ${part('"List of " + somebody', '"NO"')} };` },
    ],
    ['says when it cannot cancel', { cancel: failed }],
    [
      'says when it looks for what was lost',
      {
        submit: 'fail("timed-out", "no");',
        recover: `if (asked++ === 0) ${failed} return { job: 1 };`,
        check: 'return { state: "deleted", vendorStatus: "DONE" };',
      },
    ],
  ])(
    '%s',
    inCanaryWorkplace(async (workplace, _what, parts) => {
      configureStray(workplace, parts);
      // What became of a lost call shows at a vendor only after a while.
      const wait = parts.recover === undefined ? '50ms' : '6s';
      const { messages } = await workplace.run(['delete', 'people.csv', '--wait', wait, '--json']);
      expect(messages).not.toContain('Something unexpected');
      if (parts.cancel !== undefined) {
        expect((await workplace.run(['cancel', 'R-1'])).messages).toContain('a call for 1 record failed');
      }
      expect((await workplace.run(['report', '--output', 'report.json'])).code).toBe(0);
      expect(workplace.leaks()).toEqual([]);
    }),
  );
});

// The teeth of the search, on the whole of it.
describe('finds what a leaking connector', () => {
  const prints = 'process.stdout.write(targets[0].value);';
  const warns = 'console.error({ id: targets[0].value });';
  const writes = 'writeFileSync("debug.log", Buffer.from(targets[0].value).toString("base64"));';

  it.each<[string, string, string]>([
    ['prints', prints, 'expunge delete people.csv: stdout (plain)'],
    ['warns of', warns, 'expunge delete people.csv: stderr (plain)'],
  ])(
    '%s',
    inCanaryWorkplace(async (workplace, _what, submit, place) => {
      configureStray(workplace, { submit });
      await workplace.run(['delete', 'people.csv']);
      expect(workplace.leaks()).toContain(`person user_id in ${place}`);
    }),
  );

  it(
    'prints, warns of and writes to a file, as a process of its own',
    inCanaryWorkplace(async (workplace) => {
      configureStray(workplace, { submit: `${prints} ${warns} ${writes}` });
      await workplace.start(['delete', 'people.csv']).ended;
      expect(workplace.leaks()).toEqual(
        expect.arrayContaining([
          'person user_id in expunge delete people.csv: output (plain)',
          'person user_id in expunge delete people.csv: messages (plain)',
          'person user_id in debug.log (base64)',
        ]),
      );
    }),
  );
});
