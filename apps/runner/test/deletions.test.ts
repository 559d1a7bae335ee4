import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { reportSchema } from '@expunge/report';
import { type Sandbox, startSandbox } from '@expunge/vendor-sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorkplace, type Workplace } from './expunge-process.ts';
import { sandboxConfig, type TestConnector } from './sandbox-config.ts';

let sandbox: Sandbox;
let workplace: Workplace;

const people = Array.from({ length: 12 }, (_, index) => ({
  id: `leaver-${index}`,
  email: `leaver.${index}@example.com`,
}));
const bystanders = ['stayer-1', 'stayer-2'];
const everywhere: TestConnector[] = [
  'mixpanel-profile',
  'mixpanel-gdpr',
  'clevertap',
  'altcraft',
  'segment-regulation',
];

beforeEach(async () => {
  sandbox = await startSandbox({
    limits: 'off',
    settings: {
      mixpanel: { taskTimes: { stagingAfterMs: 0, startedAfterMs: 0, successAfterMs: 0 } },
      clevertap: { deletionDelayMs: 0 },
      segment: { beginsAfterMs: 0, finishesAfterMs: 0 },
    },
  });
  for (const { id, email } of [...people, ...bystanders.map((name) => ({ id: name, email: `${name}@example.com` }))]) {
    sandbox.mixpanel.seed([id]);
    sandbox.clevertap.seed([id]);
    sandbox.altcraft.seed([email]);
    sandbox.segment.seed([id]);
  }
  workplace = openWorkplace();
  workplace.write('people.csv', `user_id,email\n${people.map(({ id, email }) => `${id},${email}\n`).join('')}`);
});
afterEach(async () => {
  await workplace.close();
  await sandbox.close();
});

function configure(names: readonly TestConnector[], extra?: Parameters<typeof sandboxConfig>[2]): void {
  workplace.write('expunge.config.json', sandboxConfig(sandbox, names, extra));
}

/** Who is still known where. */
function stillThere() {
  return {
    'mixpanel-profile': people.filter(({ id }) => sandbox.mixpanel.hasProfile(id)).length,
    'mixpanel-gdpr': people.filter(({ id }) => sandbox.mixpanel.hasEvents(id)).length,
    clevertap: people.filter(({ id }) => sandbox.clevertap.hasProfile(id)).length,
    altcraft: people.filter(({ email }) => sandbox.altcraft.profileIdsOf(email).length > 0).length,
    'segment-regulation': people.filter(({ id }) => sandbox.segment.hasData(id)).length,
  };
}

function expectBystandersUnharmed(): void {
  for (const id of bystanders) {
    expect(sandbox.mixpanel.hasProfile(id) && sandbox.mixpanel.hasEvents(id)).toBe(true);
    expect(sandbox.clevertap.hasProfile(id)).toBe(true);
    expect(sandbox.altcraft.profileIdsOf(`${id}@example.com`)).toHaveLength(1);
    expect(sandbox.segment.hasData(id)).toBe(true);
  }
}

const nobody = { 'mixpanel-profile': 0, 'mixpanel-gdpr': 0, clevertap: 0, altcraft: 0, 'segment-regulation': 0 };

function deletionCalls(): number {
  return [sandbox.mixpanel, sandbox.clevertap, sandbox.altcraft, sandbox.segment]
    .flatMap(({ requests }) => [...requests])
    .filter(({ acted }) => acted).length;
}

describe('expunge delete', () => {
  it('deletes everybody everywhere, says how that is known, and does nothing twice', async () => {
    configure(everywhere, { connectors: { altcraft: { verify: 'before-and-after' } } });
    const first = await workplace.run(['delete', 'people.csv', '--report', 'report.html']);
    expect(first.messages).not.toMatch(/leaver/);
    expect(first.output).not.toMatch(/leaver/);
    expect(first.code).toBe(0);
    expect(stillThere()).toEqual(nobody);
    expectBystandersUnharmed();
    // A read of the profile does not cover its history: Altcraft's own word stands, and what was read is said.
    expect(first.output).toMatch(/altcraft +12 +0/);
    expect(first.output).toContain('does not cover all that is to be erased');
    expect(first.output).toMatch(/clevertap +0 +12/);
    expect(first.output).toContain('cannot be observed');
    expect(readFileSync(join(workplace.folder, 'report.html'), 'utf8')).toContain('12 of 12 requests settled.');

    const calls = deletionCalls();
    const second = await workplace.run(['delete', 'people.csv', '--json']);
    expect(second.code).toBe(0);
    expect(JSON.parse(second.output)).toMatchObject({
      exitCode: 0,
      result: 'settled',
      input: { valid: 12, accepted: 0, known: 12, knownSettled: 12 },
    });
    expect(deletionCalls()).toBe(calls);
    expect(statSync(join(workplace.folder, 'expunge.db.key')).mode & 0o077).toBe(0);
  });

  it('is silent with --quiet, and prints nothing but one document with --json', async () => {
    configure(['clevertap', 'altcraft']);
    expect(await workplace.run(['delete', 'people.csv', '--quiet'])).toMatchObject({
      code: 0,
      output: '',
      // The new key is something to look at.
      messages: expect.stringMatching(/^warning: A new key was written to .*\n$/),
    });
    const { output } = await workplace.run(['status', '--json']);
    expect(JSON.parse(output)).toMatchObject({ result: 'settled', requests: { total: 12, settled: 12 } });
  });

  it('finishes at the others when one vendor rejects the credentials, says so with exit code 4, and goes on when they are right', async () => {
    configure(everywhere);
    const first = await workplace.run(['delete', 'people.csv', '--wait', '5s'], {
      environment: { CLEVERTAP_PASSCODE: 'wrong-passcode' },
    });
    expect(first.code).toBe(4);
    expect(first.messages).toMatch(/clevertap is paused \(credentials-rejected\)/);
    expect(first.output).toContain('Paused: clevertap. 12 deletions not done.');
    expect(first.messages + first.output).not.toContain('wrong-passcode');
    expect(stillThere()).toEqual({ ...nobody, clevertap: 12 });
    const calls = deletionCalls();
    expect((await workplace.run(['resume'])).code).toBe(0);
    expect(stillThere()).toEqual(nobody);
    expect(deletionCalls()).toBe(calls + 1);
    expectBystandersUnharmed();
  });

  it('waits with exit code 3 when a vendor cannot be reached', async () => {
    configure(['clevertap', 'altcraft'], {
      connectors: {
        clevertap: {
          options: {
            baseUrl: 'http://127.0.0.1:9',
            accountId: 'SANDBOX-ACCOUNT',
            passcode: { env: 'CLEVERTAP_PASSCODE' },
          },
        },
      },
    });
    const { code, output, messages } = await workplace.run(['delete', 'people.csv', '--wait', '300ms']);
    expect(code).toBe(3);
    expect(messages).toMatch(/clevertap: a call for 12 records failed \(connection-failed\)/);
    expect(output).toContain('12 deletions still wait.');
    expect(output).toContain('expunge resume');
    expect(stillThere()).toMatchObject({ clevertap: 12, altcraft: 0 });
  });

  it('ends with exit code 2 where something failed for good, says why, and tries again when told', async () => {
    configure(['clevertap', 'altcraft']);
    const body = { status: 'fail', error: 'Invalid request', code: 400 };
    sandbox.clevertap.faults.add({ fault: { type: 'status', status: 400, body }, times: Number.POSITIVE_INFINITY });
    const first = await workplace.run(['delete', 'people.csv']);
    expect(first.code).toBe(2);
    expect(first.output).toContain('12 deletions failed for good');
    expect(first.output).toContain('--retry-failed');
    sandbox.clevertap.faults.clear();
    expect((await workplace.run(['resume'])).code).toBe(2);
    expect(stillThere()).toMatchObject({ clevertap: 12, altcraft: 0 });
    const retried = await workplace.run(['resume', '--retry-failed', '--json']);
    expect(retried.code).toBe(0);
    expect(JSON.parse(retried.output)).toMatchObject({ retried: 12, result: 'settled' });
    expect(stillThere().clevertap).toBe(0);
  });

  it('leaves it to the operator what is in doubt for good, and says how to decide', async () => {
    workplace.write('people.csv', `email\n${people.map(({ email }) => `${email}\n`).join('')}`);
    configure(['altcraft'], { top: { retry: { baseMs: 1, maxMs: 2, maxAttempts: 2 } } });
    sandbox.altcraft.faults.add({ fault: { type: 'html' }, times: Number.POSITIVE_INFINITY });
    const first = await workplace.run(['delete', 'people.csv']);
    expect(first.code).toBe(3);
    expect(first.output).toContain('12 to be reviewed: the vendor answered something that its documents do not know');
    expect(first.output).toContain('--resend');
    sandbox.altcraft.faults.clear();
    expect((await workplace.run(['resume'])).code).toBe(3);
    expect(stillThere().altcraft).toBe(12);
    expect((await workplace.run(['resume', '--resend'])).code).toBe(0);
    expect(stillThere().altcraft).toBe(0);
  });

  it('shows people without a usable identifier as skipped', async () => {
    configure(['clevertap', 'altcraft']);
    workplace.write('people.csv', `user_id,email\n${people[0]?.id},\n,${people[1]?.email}\n`);
    const { code, output } = await workplace.run(['delete', 'people.csv']);
    expect(code).toBe(0);
    expect(output).toMatch(/clevertap: 1 skipped: no identifier that this vendor can use/);
    expect(output).toContain('nothing was sent');
    expect(stillThere()).toMatchObject({ clevertap: 11, altcraft: 11 });
  });
});

describe('expunge plan', () => {
  it('says what would be done, asks nobody, and leaves nothing behind', async () => {
    configure(everywhere);
    const { code, output } = await workplace.run(['plan', 'people.csv']);
    expect(code).toBe(0);
    expect(output).toMatch(/people\.csv: 12 people\. Nothing is sent\./);
    expect(output).toMatch(/altcraft +12 +12/);
    expect(output).toMatch(/mixpanel-gdpr +12 +1 .*30 days/);
    expect(deletionCalls()).toBe(0);
    expect(sandbox.altcraft.requests).toEqual([]);
    expect((await workplace.run(['status'])).messages).toContain('There is no ledger');
  });
});

describe('expunge check', () => {
  it('says what is proven and what is not, and deletes nothing', async () => {
    configure(everywhere);
    const { code, output } = await workplace.run(['check']);
    expect(code).toBe(0);
    expect(output).toMatch(/\+ clevertap/);
    expect(output).toMatch(/unproven/);
    expect(deletionCalls()).toBe(0);
  });

  it('tells a refusal (4) from a vendor that cannot be asked (3), and goes on with the others', async () => {
    configure(['clevertap', 'altcraft']);
    const refused = await workplace.run(['check', '--json'], { environment: { CLEVERTAP_PASSCODE: 'wrong' } });
    expect(refused.code).toBe(4);
    expect(JSON.parse(refused.output)).toMatchObject({
      exitCode: 4,
      connectors: [
        { connector: 'clevertap', error: { code: 'credentials-rejected' } },
        { connector: 'altcraft', report: { proven: [expect.any(String), expect.any(String)] } },
      ],
    });
    sandbox.clevertap.faults.add({ fault: { type: 'reset-before' }, times: Number.POSITIVE_INFINITY });
    expect((await workplace.run(['check'])).code).toBe(3);
  });
});

describe('the record', () => {
  it('tells where one request stands, reports it with and without names, and cancels what was not sent', async () => {
    workplace.write('people.csv', `user_id,email,request_id\n${people[0]?.id},${people[0]?.email},R-1\n`);
    configure(['clevertap', 'altcraft'], {
      connectors: {
        clevertap: {
          options: {
            baseUrl: 'http://127.0.0.1:9',
            accountId: 'SANDBOX-ACCOUNT',
            passcode: { env: 'CLEVERTAP_PASSCODE' },
          },
        },
      },
    });
    expect((await workplace.run(['delete', 'people.csv', '--wait', '0s'])).code).toBe(3);

    const status = await workplace.run(['status', 'R-1']);
    expect(status.output).toMatch(/R-1 \(gdpr\): open/);
    expect(status.output).toMatch(/altcraft +email +deleted +confirmed/);
    expect(status.output).toMatch(/clevertap +identity +to be sent/);
    expect(await workplace.run(['status', 'R-2'])).toMatchObject({
      code: 1,
      messages: expect.stringContaining('no request R-2'),
    });

    const report = await workplace.run(['report', '--json'], { environment: { ALTCRAFT_TOKEN: '' } });
    expect(report.code).toBe(0);
    expect(report.output).not.toMatch(/leaver/);
    const parsed = reportSchema.parse(JSON.parse(report.output));
    expect(parsed.requests[0]?.tasks).toHaveLength(2);
    expect(parsed.connectors.map(({ isConfigured }) => isConfigured)).toEqual([true, true]);

    const named = await workplace.run(['report', '--with-identifiers', '--request', 'R-1', '--output', 'named.html']);
    expect(named.code).toBe(0);
    const path = join(workplace.folder, 'named.html');
    expect(readFileSync(path, 'utf8')).toContain('leaver.0@example.com');
    expect(statSync(path).mode & 0o077).toBe(0);

    const cancelled = await workplace.run(['cancel', 'R-1', '--json']);
    expect(cancelled.code).toBe(2);
    expect(JSON.parse(cancelled.output)).toMatchObject({ cancelled: 1, tooLate: 1 });
    expect((await workplace.run(['cancel', 'R-9'])).code).toBe(1);
    // Nothing is open, and no request is done: R-1 was cancelled in part.
    const resumed = await workplace.run(['resume']);
    expect(resumed).toMatchObject({ code: 2, output: expect.stringContaining('1 request cancelled') });
    expect(resumed.output).not.toContain('Everything is settled');
    expect(stillThere().clevertap).toBe(12);
  });
});
