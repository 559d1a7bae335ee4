import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { csvColumns, reportSchema } from '@expunge/report';
import { type Sandbox, startSandbox } from '@expunge/vendor-sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorkplace, type Workplace } from './expunge-process.ts';
import { sandboxConfig } from './sandbox-config.ts';

let sandbox: Sandbox<'clevertap' | 'altcraft'>;
let workplace: Workplace;

const day = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * day).toISOString();

beforeEach(async () => {
  sandbox = await startSandbox({ vendors: ['clevertap', 'altcraft'], limits: 'off' });
  sandbox.altcraft.seed(['ada@example.com', 'bob@example.com', 'cleo@example.com']);
  workplace = openWorkplace();
  workplace.write('people.csv', 'request_id,email\nR-1,ada@example.com\nR-2,bob@example.com\n');
  workplace.write(
    'expunge.config.json',
    sandboxConfig(sandbox, ['altcraft'], { top: { retry: { baseMs: 1, maxMs: 2, maxAttempts: 2 } } }),
  );
});
afterEach(async () => {
  await workplace.close();
  await sandbox.close();
});

function changeLedger(sql: string): void {
  const database = new DatabaseSync(join(workplace.folder, 'expunge.db'));
  database.exec(sql);
  database.close();
}

const stillThere = () =>
  ['ada', 'bob', 'cleo'].filter((name) => sandbox.altcraft.profileIdsOf(`${name}@example.com`).length > 0);

describe('expunge audit verify', () => {
  it('finds an untouched log intact, and names the first entry that was changed', async () => {
    expect((await workplace.run(['delete', 'people.csv'])).code).toBe(0);
    expect(await workplace.run(['audit', 'verify'])).toMatchObject({
      code: 0,
      output: expect.stringContaining('intact'),
    });
    changeLedger(`UPDATE audit SET text = replace(text, 'R-2', 'R-9') WHERE sequence = 2`);
    changeLedger(`UPDATE audit SET at = at + 1 WHERE sequence = 5`);
    expect(await workplace.run(['audit', 'verify'])).toMatchObject({
      code: 2,
      output: expect.stringMatching(/broken\. Entry 2 was changed/),
    });
  });

  it('names what is missing at the end of a log, by a head that was kept elsewhere', async () => {
    expect((await workplace.run(['delete', 'people.csv'])).code).toBe(0);
    const { head } = JSON.parse((await workplace.run(['audit', 'head', '--json'])).output);
    expect((await workplace.run(['audit', 'verify', '--head', head])).code).toBe(0);
    // As far as the commit before: what is left is signed.
    changeLedger(`DELETE FROM audit WHERE sequence > (
      SELECT max(sequence) FROM audit WHERE signature IS NOT NULL AND sequence < (SELECT max(sequence) FROM audit))`);
    expect(await workplace.run(['audit', 'verify'])).toMatchObject({
      code: 2,
      output: expect.stringMatching(/log is intact.*tables differ/s),
    });
    expect(await workplace.run(['audit', 'verify', '--head', head])).toMatchObject({
      code: 2,
      output: expect.stringContaining('anchored entry'),
    });
    expect((await workplace.run(['audit', 'verify', '--head', 'x'])).code).toBe(1);
  });
});

describe('a certificate', () => {
  it('is checked in an empty folder, without configuration and ledger, and fails with one bit flipped', async () => {
    expect((await workplace.run(['delete', 'people.csv'])).code).toBe(0);
    expect((await workplace.run(['report', '--certificate', 'R-1', '--output', 'c.json'])).code).toBe(0);
    expect((await workplace.run(['report', '--certificate', 'R-9'])).code).toBe(1);
    const { publicKey } = JSON.parse((await workplace.run(['audit', 'head', '--json'])).output);
    const elsewhere = openWorkplace();
    try {
      const path = join(elsewhere.folder, 'c.json');
      copyFileSync(join(workplace.folder, 'c.json'), path);
      const valid = await elsewhere.run(['audit', 'verify', 'c.json']);
      expect(valid).toMatchObject({ code: 0, output: expect.stringContaining('altcraft: deleted (confirmed)') });
      expect(valid.output).toContain('request R-1');
      expect((await elsewhere.run(['audit', 'verify', 'c.json', '--public-key', publicKey])).code).toBe(0);
      const other = `${publicKey.slice(0, -8)}AAAAAAA=`;
      expect(await elsewhere.run(['audit', 'verify', 'c.json', '--public-key', other])).toMatchObject({
        code: 2,
        output: expect.stringContaining('another key'),
      });
      const bytes = readFileSync(path);
      for (const part of ['confirmed', '"signature"', '"publicKey"']) {
        const position = bytes.indexOf(part) + part.length + (part.startsWith('"') ? 8 : -1);
        const flipped = Buffer.from(bytes);
        flipped[position] = (flipped[position] ?? 0) ^ 1;
        writeFileSync(path, flipped);
        expect(await elsewhere.run(['audit', 'verify', 'c.json'])).toMatchObject({
          code: 2,
          output: expect.stringContaining('not valid'),
        });
      }
    } finally {
      await elsewhere.close();
    }
  });
});

describe('a certificate as a JWS', () => {
  it('is written by its name or by --jws, checked in an empty folder, and fails with a key or a letter changed', async () => {
    expect((await workplace.run(['delete', 'people.csv'])).code).toBe(0);
    expect((await workplace.run(['report', '--jws'])).code).toBe(1);
    expect((await workplace.run(['report', '--certificate', 'R-9', '--jws'])).code).toBe(1);
    expect((await workplace.run(['report', '--certificate', 'R-1', '--output', 'c.jws'])).code).toBe(0);
    const { output } = await workplace.run(['report', '--certificate', 'R-1', '--jws']);
    expect(output).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const { publicKey } = JSON.parse((await workplace.run(['audit', 'head', '--json'])).output);
    const elsewhere = openWorkplace();
    try {
      copyFileSync(join(workplace.folder, 'c.jws'), join(elsewhere.folder, 'c.jws'));
      elsewhere.write('printed', output);
      for (const name of ['c.jws', 'printed']) {
        expect(await elsewhere.run(['audit', 'verify', name, '--public-key', publicKey])).toMatchObject({
          code: 0,
          output: expect.stringContaining('altcraft: deleted (confirmed)'),
        });
      }
      const other = `${publicKey.slice(0, -8)}AAAAAAA=`;
      expect((await elsewhere.run(['audit', 'verify', 'c.jws', '--public-key', other])).code).toBe(2);
      elsewhere.write(
        'changed',
        output.replace(/.\n$/, (end) => (end === 'A\n' ? 'B\n' : 'A\n')),
      );
      elsewhere.write('cut', output.slice(0, 100));
      for (const name of ['changed', 'cut']) {
        expect(await elsewhere.run(['audit', 'verify', name])).toMatchObject({
          code: 2,
          output: expect.stringContaining('not valid'),
        });
      }
    } finally {
      await elsewhere.close();
    }
  });
});

describe('expunge report', () => {
  it('says how every deadline stands, over a period, as JSON and as CSV', async () => {
    workplace.write(
      'expunge.config.json',
      sandboxConfig({ ...sandbox, clevertap: { url: 'http://127.0.0.1:9' } }, ['altcraft', 'clevertap']),
    );
    // CleverTap does not answer: deletions of people with a user id stay open.
    workplace.write(
      'people.csv',
      `request_id,email,user_id,received_at,due_at
late,ada@example.com,,2026-01-02T00:00:00Z,2026-02-01T00:00:00Z
in-time,bob@example.com,,${inDays(-1)},${inDays(20)}
overdue,,cleo,2026-01-03T00:00:00Z,2026-02-02T00:00:00Z
soon,,dora,${inDays(-1)},${inDays(1)}
on-track,,eve,${inDays(-1)},${inDays(60)}
`,
    );
    expect((await workplace.run(['delete', 'people.csv', '--wait', '0s'])).code).toBe(3);
    const { requests } = reportSchema.parse(JSON.parse((await workplace.run(['report', '--json'])).output));
    expect(Object.fromEntries(requests.map(({ requestId, deadline }) => [requestId, deadline]))).toEqual({
      late: 'settled-late',
      'in-time': 'settled-in-time',
      overdue: 'overdue',
      soon: 'due-soon',
      'on-track': 'on-track',
    });

    const idsOf = async (...period: string[]) => {
      const { output } = await workplace.run(['report', '--format', 'csv', ...period]);
      const [head, ...rows] = output.trimEnd().split('\r\n');
      expect(head).toBe(csvColumns.join(','));
      for (const row of rows) expect(row).not.toMatch(/@|cleo|dora|eve,/);
      return [...new Set(rows.map((row) => row.split(',')[0]))];
    };
    expect(await idsOf()).toHaveLength(5);
    expect(await idsOf('--before', '2026-01-03')).toEqual(['late']);
    expect(await idsOf('--from', '2026-01-03', '--before', '2026-01-04')).toEqual(['overdue']);
    expect((await workplace.run(['report', '--from', 'yesterday'])).code).toBe(1);
  });
});

describe('expunge resume', () => {
  it('sends again what is in doubt of one request, and leaves the others to be decided on', async () => {
    sandbox.altcraft.faults.add({ fault: { type: 'html' }, times: Number.POSITIVE_INFINITY });
    expect((await workplace.run(['delete', 'people.csv'])).code).toBe(3);
    sandbox.altcraft.faults.clear();
    expect((await workplace.run(['resume', '--resend', 'R-2'])).code).toBe(3);
    expect(stillThere()).toEqual(['ada', 'cleo']);
    expect((await workplace.run(['audit', 'list'])).output).toMatch(/from\\":\\"needs-review\\",\\"to\\":\\"ready/);
  });

  it('and says what waits for a decision, also while something else of the connector is planned', async () => {
    sandbox.altcraft.faults.add({ fault: { type: 'html' }, times: Number.POSITIVE_INFINITY });
    expect((await workplace.run(['delete', 'people.csv'])).code).toBe(3);
    sandbox.altcraft.faults.clear();
    workplace.write('more.csv', 'request_id,email\nR-3,cleo@example.com\n');
    workplace.write('expunge.config.json', sandboxConfig(sandbox, ['altcraft'], { top: { wait: '48h' } }));
    expect((await workplace.run(['delete', 'more.csv', '--wait', '0s'])).code).toBe(3);
    const { code, output } = await workplace.run(['resume', '--wait', '0s']);
    expect(code).toBe(3);
    expect(output).toMatch(/Next: "expunge resume" goes on with what is due by then, and nothing is before/);
    expect(output).toMatch(/Next: 2 deletions in doubt need a review.*"expunge resume --resend" sends them again/);
    expect(stillThere()).toEqual(['ada', 'bob', 'cleo']);
  });

  it('tries again what failed of one request', async () => {
    const body = { error: 400, error_text: 'no' };
    sandbox.altcraft.faults.add({ fault: { type: 'status', status: 200, body }, times: Number.POSITIVE_INFINITY });
    expect((await workplace.run(['delete', 'people.csv'])).code).toBe(2);
    sandbox.altcraft.faults.clear();
    expect((await workplace.run(['resume', '--retry-failed', 'R-1'])).code).toBe(2);
    expect(stillThere()).toEqual(['bob', 'cleo']);
  });
});
