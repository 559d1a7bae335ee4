import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault, Sandbox } from '@expunge/vendor-sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allSecrets, canaryPerson, heldPerson, ledgerKey, misplacedSecret, wrongSecrets } from './canaries.ts';
import {
  type CanaryWorkplace,
  canaryList,
  everywhereConfig,
  openCanaryWorkplace,
  startCanaryVendors,
} from './canary-workplace.ts';

// Canary people and canary secrets go through everything that can happen; then every byte that was written is searched
// for them. find-leaks.test.ts and the last part of this file show that the search finds what is there.

let sandbox: Sandbox;
let workplace: CanaryWorkplace;

beforeEach(async () => {
  sandbox = await startCanaryVendors();
  workplace = openCanaryWorkplace();
  workplace.writeInput('expunge.config.json', everywhereConfig(sandbox));
  workplace.writeInput('people.csv', canaryList());
});
afterEach(async () => {
  await workplace.close();
  await sandbox.close();
});

const vendors = () => [sandbox.mixpanel, sandbox.clevertap, sandbox.altcraft, sandbox.segment, sandbox.braze];

function failEverywhere(fault: Fault, times = Number.POSITIVE_INFINITY): void {
  for (const { faults } of vendors()) {
    // Reads are tried again and again, and Mixpanel allows 60 of them an hour.
    faults.add({ fault, times: times / 4, path: /query/ });
    faults.add({ fault, times, path: /^(?!.*query)/ });
  }
}

/** How many requests a fault has hit, at each vendor. */
function hits(): number[] {
  return vendors().map(({ requests }) => requests.filter(({ fault }) => fault !== undefined).length);
}

/** Everything that a vendor could say back: the person, and what the call came with. */
const echo = JSON.stringify([
  canaryPerson,
  allSecrets,
  Buffer.from(`:${allSecrets.MIXPANEL_SECRET}`).toString('base64'),
]);
const echoBody = {
  status: canaryPerson.user_id,
  error: echo,
  error_text: echo,
  message: echo,
  code: canaryPerson.user_id,
  type: canaryPerson.user_id,
  errors: [{ type: canaryPerson.user_id, message: echo }],
  results: { status: canaryPerson.user_id },
  data: { regulation: { id: 'regulation-1', overallStatus: canaryPerson.user_id } },
};
const echoHeaders = { 'x-request-id': encodeURIComponent(echo), 'retry-after': '0' };

it('lets nobody out where everything goes well, in no output of any command', async () => {
  const { run } = workplace;
  expect((await run(['check'])).code).toBe(0);
  expect((await run(['plan', 'people.csv'])).code).toBe(0);
  expect((await run(['hold', 'add', `email=${heldPerson.email}`, '--reason', 'litigation'])).code).toBe(0);
  const rows = [
    { request_id: 'R-1', ...canaryPerson },
    { request_id: 'R-2', ...heldPerson },
  ];
  const input = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  const deleted = await run(['delete', '-', '--format', 'jsonl', '--report', 'first.html', '--wait', '2s'], { input });
  expect(deleted).toMatchObject({ code: 3 });
  expect(sandbox.altcraft.profileIdsOf(canaryPerson.email)).toEqual([]);
  expect(sandbox.clevertap.hasProfile(canaryPerson.crm_id)).toBe(false);
  const all = async (commands: readonly (readonly string[])[]) => {
    for (const { code, messages } of await Promise.all(commands.map((command) => run(command)))) {
      expect({ code, messages: code === 0 ? '' : messages }).toEqual({ code: 0, messages: '' });
    }
  };
  await all([['delete', 'people.csv', '--json']]);
  await all([
    ['status'],
    ['status', 'R-1'],
    ['status', '--json', '--subject', `crm_id=${canaryPerson.crm_id}`],
    ['report', '--output', 'all.html'],
    ['report', '--output', 'all.json'],
    ['report', '--output', 'all.csv'],
    ['report', '--certificate', 'R-1', '--output', 'certificate.json'],
    ['audit', 'list'],
    ['hold', 'list', '--json'],
    ['ledger', 'backup', 'backup.db'],
    ['connectors'],
  ]);
  await all([
    ['audit', 'verify', 'certificate.json'],
    ['ledger', 'rekey'],
  ]);
  await all([['hold', 'remove', `email=${heldPerson.email}`]]);
  await all([['resume', '--json']]);
  expect(workplace.leaks()).toEqual([]);

  // The one thing that names people, when told to: the search sees it.
  expect((await run(['report', '--with-identifiers', '--output', 'named.html'])).code).toBe(0);
  expect(workplace.leaks()).toEqual(
    expect.arrayContaining([
      'person user_id in named.html (plain)',
      'person crm_id in named.html (HTML)',
      'held email in named.html (plain)',
    ]),
  );
  rmSync(join(workplace.folder, 'named.html'));
  expect(workplace.leaks()).toEqual([]);
});

describe('lets nobody out where vendors', () => {
  const answers = (status: number) =>
    [`answer ${status}`, { type: 'status', status, headers: echoHeaders, body: echoBody }] as const;
  const faults: readonly (readonly [string, Fault])[] = [
    ...[200, 302, 400, 401, 403, 404, 413, 500].map(answers),
    [
      'answer a web page',
      { type: 'status', status: 200, headers: { 'content-type': 'text/html' }, body: `<p>${echo}` },
    ],
    ['reset the connection', { type: 'reset-after' }],
    ['cut their answers off', { type: 'truncated' }],
    ['lie', { type: 'lie' }],
    // Last: a vendor that was too slow for us is called more seldom from then on.
    answers(429),
  ];

  it('refuse, repeating whom and what they were sent, or fail in any other way', async () => {
    for (const [index, [what, fault]] of faults.entries()) {
      workplace.writeInput('people.csv', canaryList(`R-${index}`));
      for (const { clearRequests } of vendors()) clearRequests();
      // Not for ever: a vendor that says "too many" is asked again as often as it says so.
      failEverywhere(fault, 8);
      const { code, messages } = await workplace.run(['delete', 'people.csv', '--wait', '100ms', '--json']);
      expect({ what, messages: code === 1 ? messages : '' }).toEqual({ what, messages: '' });
      expect({ what, hits: hits() }).toEqual({ what, hits: hits().map((count) => Math.max(1, count)) });
      for (const vendor of vendors()) vendor.faults.clear();
    }
    failEverywhere({ type: 'status', status: 401, headers: echoHeaders, body: echoBody });
    expect((await workplace.run(['check'])).code).toBe(4);
    expect((await workplace.run(['report', '--output', 'report.json'])).code).toBe(0);
    expect((await workplace.run(['report', '--output', 'report.html'])).code).toBe(0);
    expect((await workplace.run(['audit', 'list'])).output).toContain('in-doubt');
    expect(workplace.leaks()).toEqual([]);
  });

  it('refuse the credentials', async () => {
    const environment = wrongSecrets;
    expect((await workplace.run(['check'], { environment })).code).toBe(4);
    const { code, messages } = await workplace.run(['delete', 'people.csv'], { environment });
    expect(code).toBe(4);
    expect(messages).toContain('credentials-rejected');
    expect(workplace.leaks()).toEqual([]);
  });
});

describe('lets nobody out when it is', () => {
  const hung = () => vendors().filter(({ requests }) => requests.some(({ fault }) => fault === 'hang-after')).length;
  const untilHung = () => expect.poll(() => hung()).toBeGreaterThan(2);

  it('killed in the middle of calls: not into the files that SQLite leaves behind, and not into temporary ones', async () => {
    failEverywhere({ type: 'hang-after' });
    const input = `${JSON.stringify(canaryPerson)}\n`;
    const running = workplace.start(['delete', '-', '--format', 'jsonl'], { input });
    await untilHung();
    // What came over standard input has no name any more.
    expect(readdirSync(workplace.temporaryFolder)).toEqual([]);
    expect((await workplace.run(['status', '--json'])).code).toBe(0);
    expect((await workplace.run(['ledger', 'backup', 'backup.db'])).code).toBe(0);
    running.child.kill('SIGKILL');
    expect((await running.ended).signal).toBe('SIGKILL');
    expect(statSync(join(workplace.folder, 'expunge.db-wal')).size).toBeGreaterThan(10_000);
    expect(workplace.leaks()).toEqual([]);
    for (const vendor of vendors()) vendor.faults.clear();
    expect((await workplace.run(['resume'])).code).not.toBe(1);
    expect(workplace.leaks()).toEqual([]);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('stopped by %s, once or twice', async (signal) => {
    failEverywhere({ type: 'hang-after' });
    const running = workplace.start(['delete', 'people.csv']);
    await untilHung();
    let messages = '';
    const isStopping = new Promise<void>((resolve) => {
      running.child.stderr?.on('data', (text: string) => {
        messages += text;
        if (messages.includes('Stopping')) resolve();
      });
    });
    running.child.kill(signal);
    // Two signals that come at once are one.
    await Promise.race([isStopping, running.ended]);
    running.child.kill(signal);
    expect([3, 130, 143]).toContain((await running.ended).code);
    expect(workplace.leaks()).toEqual([]);
  });
});

describe('lets no key of the ledger out', () => {
  const withKey = (key: object) => everywhereConfig(sandbox, { ledger: { sqlite: './expunge.db', key } });

  it('where the company keeps it itself', async () => {
    workplace.writeInput('expunge.config.json', withKey({ env: 'LEDGER_KEY' }));
    const environment = { LEDGER_KEY: ledgerKey, NEXT_KEY: ledgerKey };
    expect((await workplace.run(['delete', 'people.csv'], { environment })).code).not.toBe(1);
    expect((await workplace.run(['ledger', 'rekey', '--new-key-env', 'NEXT_KEY'], { environment })).code).toBe(0);
    expect((await workplace.run(['ledger', 'backup', 'backup.db'], { environment })).code).toBe(0);
    expect(readdirSync(workplace.folder)).not.toContain('expunge.db.key');
    for (const wrong of [misplacedSecret, ledgerKey.replaceAll('c', 'd'), `${ledgerKey}00`]) {
      const { code } = await workplace.run(['status', '--json'], {
        environment: { LEDGER_KEY: wrong, EXPUNGE_DEBUG: '1' },
      });
      expect(code).toBe(1);
    }
    expect(workplace.leaks()).toEqual([]);
  });
});

it('finds a secret that was written into the ledger', async () => {
  const { DatabaseSync } = await import('node:sqlite');
  expect((await workplace.run(['delete', 'people.csv', '--wait', '0s'])).code).not.toBe(1);
  expect(workplace.leaks()).toEqual([]);
  const database = new DatabaseSync(join(workplace.folder, 'expunge.db'));
  database.prepare("UPDATE connectors SET pause_message = ? WHERE name = 'altcraft'").run(allSecrets.ALTCRAFT_TOKEN);
  database.close();
  expect(workplace.leaks()).toEqual(['secret ALTCRAFT_TOKEN in expunge.db (plain)']);
  expect(readFileSync(join(workplace.folder, 'expunge.db')).length).toBeGreaterThan(0);
});
