import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Sandbox, startSandbox } from '@expunge/vendor-sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorkplace, type Workplace } from './expunge-process.ts';
import { pausesIn } from './pauses.ts';
import { sandboxConfig } from './sandbox-config.ts';

let sandbox: Sandbox<'altcraft'>;
let workplace: Workplace;

beforeEach(async () => {
  sandbox = await startSandbox({ vendors: ['altcraft'], limits: 'off' });
  sandbox.altcraft.seed(['ada@example.com']);
  workplace = openWorkplace();
  workplace.write('people.csv', 'request_id,email\nR-1,ada@example.com\n');
  workplace.write('expunge.config.json', sandboxConfig(sandbox, ['altcraft']));
});
afterEach(async () => {
  await workplace.close();
  await sandbox.close();
});

const isThere = () => sandbox.altcraft.profileIdsOf('ada@example.com').length > 0;

describe('expunge resume --try-now', () => {
  it('ends a wait that the vendor asked for and that can not be right', async () => {
    const headers = { 'retry-after': String(60 * 86_400) };
    sandbox.altcraft.faults.add({ fault: { type: 'status', status: 429, headers, body: {} }, times: 1 });
    expect((await workplace.run(['delete', 'people.csv'])).code).toBe(3);
    expect((await workplace.run(['resume'])).code).toBe(3);
    expect(isThere()).toBe(true);
    expect((await workplace.run(['resume', '--try-now', 'elsewhere'])).code).toBe(1);
    const { code, output } = await workplace.run(['resume', '--try-now', 'altcraft', '--json']);
    expect({ code, hurried: JSON.parse(output).hurried }).toEqual({ code: 0, hurried: 1 });
    expect(isThere()).toBe(false);
    expect((await workplace.run(['audit', 'list'])).output).toContain('waits-ended');
  });
});

describe('a pause that a command ends', () => {
  it('is in the audit log with who gave the command', async () => {
    sandbox.altcraft.faults.add({ fault: { type: 'status', status: 401, body: { error: 401 } }, times: 1 });
    expect((await workplace.run(['delete', 'people.csv', '--actor', 'ann'])).code).toBe(4);
    expect((await workplace.run(['resume', '--actor', 'ben'])).code).toBe(0);
    expect(isThere()).toBe(false);
    expect(await pausesIn(workplace)).toEqual([
      { type: 'paused', connector: 'altcraft', code: 'credentials-rejected', actor: 'expunge' },
      { type: 'unpaused', connector: 'altcraft', actor: 'ben' },
    ]);
  });
});

describe('expunge cancel', () => {
  it('says of a request that is cancelled what may have been done', async () => {
    const config = JSON.parse(sandboxConfig(sandbox, ['altcraft'], { top: { retry: { baseMs: 1, maxMs: 2 } } }));
    workplace.write('expunge.config.json', JSON.stringify(config));
    const headers = { 'retry-after': '3600' };
    sandbox.altcraft.faults.add({ fault: { type: 'reset-after' }, path: /delete/ });
    sandbox.altcraft.faults.add({ fault: { type: 'status', status: 429, headers, body: {} }, path: /get/, skip: 1 });
    expect((await workplace.run(['delete', 'people.csv', '--wait', '1s'])).code).toBe(3);
    expect(isThere()).toBe(false);
    const { code, output } = await workplace.run(['cancel', 'R-1']);
    expect(code).toBe(2);
    expect(output).toContain('Of 1 it is not known whether the vendor has acted.');
    expect(output).toContain('expunge hold add');
  });
});

describe('expunge restore', () => {
  it('puts a cancelled request back, and until then nothing calls it settled in time', async () => {
    workplace.write('expunge.config.json', sandboxConfig(sandbox, ['altcraft'], { top: { wait: '2s' } }));
    expect((await workplace.run(['delete', 'people.csv', '--wait', '0s'])).code).toBe(3);
    expect((await workplace.run(['cancel', 'R-1'])).output).toContain('expunge restore R-1');
    const resumed = await workplace.run(['resume']);
    expect({ code: resumed.code, output: resumed.output }).toMatchObject({
      code: 2,
      output: expect.stringContaining('1 request cancelled: what was cancelled is not deleted.'),
    });
    expect((await workplace.run(['status'])).output).toContain('1 request cancelled');
    expect((await workplace.run(['status', 'R-1'])).output).toMatch(/R-1 \(\w+\): cancelled/);
    const report = JSON.parse((await workplace.run(['report', '--json'])).output);
    expect(report).toMatchObject({
      summary: { total: 1, settled: 1, calledBack: 1 },
      requests: [{ result: 'called-back', deadline: 'called-back' }],
    });
    await workplace.run(['report', '--request', 'R-1', '--output', 'record.html']);
    const record = readFileSync(join(workplace.folder, 'record.html'), 'utf8');
    expect(record).not.toContain('in time');
    expect(record).not.toContain('verdict good');

    expect((await workplace.run(['restore', 'R-9'])).code).toBe(1);
    const restored = await workplace.run(['restore', 'R-1', '--json']);
    expect(JSON.parse(restored.output)).toEqual({ request: 'R-1', restored: 1, erased: 0, exitCode: 0 });
    expect(isThere()).toBe(true);
    const { code, output } = await workplace.run(['resume', '--wait', '20s']);
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining('Everything is settled.') });
    expect(isThere()).toBe(false);
    expect((await workplace.run(['audit', 'list'])).output).toContain('restored');
  });
});

describe('expunge ledger accept-clock', () => {
  it("goes on with a ledger that was written ahead, where the date given is the machine's", async () => {
    expect((await workplace.run(['delete', 'people.csv', '--wait', '0s'])).code).toBe(0);
    const today = new Date().toISOString().slice(0, 10);
    expect(await workplace.run(['ledger', 'accept-clock', today])).toMatchObject({
      code: 0,
      output: expect.stringContaining('not behind'),
    });
    // As if it had been written a year later.
    const path = join(workplace.folder, 'expunge.db');
    const database = new DatabaseSync(path);
    database.exec(`UPDATE audit SET at = at + ${365 * 86_400_000}`);
    database.close();
    expect(await workplace.run(['resume'])).toMatchObject({
      code: 1,
      messages: expect.stringContaining('accept-clock'),
    });
    const before = readFileSync(path);
    expect((await workplace.run(['ledger', 'accept-clock', '2027-01-01'])).code).toBe(1);
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(await workplace.run(['ledger', 'accept-clock', today])).toMatchObject({
      code: 0,
      output: expect.stringContaining('was ahead by'),
    });
    expect((await workplace.run(['resume'])).code).toBe(0);
  });
});
