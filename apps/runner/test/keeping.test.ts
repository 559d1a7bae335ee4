import { copyFileSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Sandbox, startSandbox } from '@expunge/vendor-sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorkplace, type Workplace } from './expunge-process.ts';
import { sandboxConfig } from './sandbox-config.ts';

let sandbox: Sandbox<'altcraft'>;
let workplace: Workplace;

const people = Array.from({ length: 6 }, (_, index) => `leaver.${index}@example.com`);
const [first = ''] = people;
const keys = { OLD_KEY: 'ab'.repeat(32), NEW_KEY: 'cd'.repeat(32) };

beforeEach(async () => {
  sandbox = await startSandbox({ vendors: ['altcraft'], limits: 'off' });
  sandbox.altcraft.seed(people);
  workplace = openWorkplace();
  workplace.write('people.csv', `email\n${people.join('\n')}\n`);
  configure();
});
afterEach(async () => {
  await workplace.close();
  await sandbox.close();
});

function configure(ledger: object = {}): void {
  const document = JSON.parse(
    sandboxConfig(sandbox, ['altcraft'], { top: { ledger: { sqlite: './expunge.db', ...ledger } } }),
  );
  document.connectors.altcraft.options.absentCodes = [404];
  workplace.write('expunge.config.json', JSON.stringify(document));
}

const stillThere = () => people.filter((email) => sandbox.altcraft.profileIdsOf(email).length > 0).length;
const deletions = () => sandbox.altcraft.requests.filter(({ path }) => path.includes('delete')).length;
const at = (name: string) => join(workplace.folder, name);

function ledgerFiles(): string[] {
  return readdirSync(workplace.folder).filter((name) => name.startsWith('expunge.db'));
}

describe('retention', () => {
  it('erases at once where told to, and still answers whether a person was deleted', async () => {
    configure({ retention: '0d' });
    expect((await workplace.run(['delete', 'people.csv'])).code).toBe(0);
    const database = new DatabaseSync(at('expunge.db'), { readOnly: true });
    const encrypted = database.prepare('SELECT count(*) AS encrypted FROM encrypted_pages').get();
    database.close();
    expect(encrypted).toEqual({ encrypted: 0 });
    const report = await workplace.run(['report', '--json', '--with-identifiers']);
    expect(JSON.parse(report.output).requests).toHaveLength(6);
    expect(report.output).not.toMatch(/"identifiers"|leaver/);
    const asked = await workplace.run(['status', '--subject', `email=${first}`, '--json']);
    expect(JSON.parse(asked.output)).toMatchObject({ requests: [{ tasks: [{ state: 'deleted' }] }] });
    const stranger = await workplace.run(['status', '--subject', 'email=stranger@example.com']);
    expect(stranger).toMatchObject({ code: 0, output: expect.stringContaining('no request for this person') });
    expect((await workplace.run(['delete', 'people.csv'])).code).toBe(0);
    expect(deletions()).toBe(6);
  });
});

describe('a key that the company keeps', () => {
  it('comes from the environment, and is needed for everything', async () => {
    configure({ key: { env: 'OLD_KEY' } });
    expect((await workplace.run(['delete', 'people.csv'], { environment: keys })).code).toBe(0);
    expect(ledgerFiles().filter((name) => name.includes('key'))).toEqual([]);
    expect(await workplace.run(['status'])).toMatchObject({
      code: 1,
      messages: expect.stringMatching(/ledger\.key \(line \d+\): the environment variable OLD_KEY is not set/),
    });
    expect(await workplace.run(['status'], { environment: { OLD_KEY: keys.NEW_KEY } })).toMatchObject({
      code: 1,
      messages: expect.stringContaining('does not belong to the ledger'),
    });
  });

  it('is changed for another one, all or nothing', async () => {
    configure({ key: { env: 'OLD_KEY' } });
    sandbox.altcraft.faults.add({ fault: { type: 'status', status: 503 }, times: Number.POSITIVE_INFINITY });
    const environment = keys;
    expect((await workplace.run(['delete', 'people.csv', '--wait', '0s'], { environment })).code).toBe(3);
    expect((await workplace.run(['ledger', 'rekey'], { environment })).messages).toContain('--new-key-env');
    expect((await workplace.run(['ledger', 'rekey', '--new-key-env', 'NONE'], { environment })).code).toBe(1);
    expect((await workplace.run(['ledger', 'rekey', '--new-key-env', 'NEW_KEY'], { environment })).code).toBe(0);
    expect((await workplace.run(['resume'], { environment })).messages).toContain('does not belong to the ledger');
    configure({ key: { env: 'NEW_KEY' } });
    sandbox.altcraft.faults.clear();
    expect((await workplace.run(['resume'], { environment })).code).toBe(0);
    expect(stillThere()).toBe(0);
  });
});

describe('a key file of the ledger', () => {
  it('is changed in place; what was encrypted is read with the new one', async () => {
    sandbox.altcraft.faults.add({ fault: { type: 'status', status: 503 }, times: Number.POSITIVE_INFINITY });
    expect((await workplace.run(['delete', 'people.csv', '--wait', '0s'])).code).toBe(3);
    const before = readFileSync(at('expunge.db.key'), 'utf8');
    expect(await workplace.run(['ledger', 'rekey', '--new-key-env', 'NEW_KEY'], { environment: keys })).toMatchObject({
      code: 1,
      messages: expect.stringContaining('key file of its own'),
    });
    expect((await workplace.run(['ledger', 'rekey'])).code).toBe(0);
    expect(readFileSync(at('expunge.db.key'), 'utf8')).not.toBe(before);
    expect(ledgerFiles()).not.toContain('expunge.db.key.next');
    sandbox.altcraft.faults.clear();
    expect((await workplace.run(['delete', 'people.csv'])).code).toBe(0);
    expect(stillThere()).toBe(0);
    expect((await workplace.run(['audit', 'verify'])).code).toBe(0);
  });
});

describe('a backup', () => {
  it('is made while a run is going on, which a second one is not allowed to disturb, and work goes on from it', async () => {
    sandbox.altcraft.faults.add({ fault: { type: 'hang-after' }, path: /delete/, skip: 3 });
    const running = workplace.start(['delete', 'people.csv']);
    await expect.poll(() => deletions()).toBe(4);
    for (const command of [['resume'], ['delete', 'people.csv'], ['hold', 'add', 'email=x', '--reason', 'x']]) {
      expect(await workplace.run(command)).toMatchObject({
        code: 1,
        messages: expect.stringContaining('Another process works on the ledger'),
      });
    }
    expect((await workplace.run(['status'])).output).toContain('6 requests, 3 settled');
    expect((await workplace.run(['report', '--output', 'report.json'])).code).toBe(0);
    expect((await workplace.run(['ledger', 'backup', 'copy.db'])).code).toBe(0);
    expect((await workplace.run(['ledger', 'backup', 'copy.db'])).messages).toContain('exists already');
    running.child.kill('SIGKILL');
    await running.ended;

    // The disk is lost; the backup and the key, kept in another place, are not.
    for (const name of ledgerFiles()) if (!name.endsWith('.key')) rmSync(at(name));
    copyFileSync(at('copy.db'), at('expunge.db'));
    expect((await workplace.run(['resume', '--wait', '10m'])).code).toBe(0);
    expect(stillThere()).toBe(0);
    // Of the call that nobody had an answer of, the look-up that comes first found nothing left to delete.
    expect(deletions()).toBe(6);
    expect((await workplace.run(['audit', 'verify'])).code).toBe(0);
  });
});
