import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Sandbox, startSandbox } from '@expunge/vendor-sandbox';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { type FleetWorkplace, openFleetWorkplace } from './fleet-workplace.ts';
import { sandboxConfig } from './sandbox-config.ts';

let sandbox: Sandbox<'altcraft'>;
let workplace: FleetWorkplace;

const people = Array.from({ length: 8 }, (_, index) => `leaver.${index}@example.com`);
const [first = '', second = ''] = people;

beforeEach(async () => {
  sandbox = await startSandbox({ vendors: ['altcraft'], limits: 'off' });
  sandbox.altcraft.seed([...people, 'stayer@example.com']);
  workplace = openFleetWorkplace(inject('postgresUrl'));
  workplace.write('some.csv', `email,request_id\n${first},R-0\n`);
  workplace.write(
    'people.csv',
    `email,request_id\n${people.map((email, index) => `${email},R-${index}`).join('\n')}\n`,
  );
  workplace.write('file.json', sandboxConfig(sandbox, ['altcraft'], { top: { wait: '1d' } }));
  workplace.write('before.json', sandboxConfig(sandbox, ['altcraft']));
  workplace.configure(sandbox, ['altcraft']);
});
afterEach(async () => {
  await workplace.close();
  await sandbox.close();
});

const stillThere = () => people.filter((email) => sandbox.altcraft.profileIdsOf(email).length > 0);
const json = async (...command: string[]) => JSON.parse((await workplace.run([...command, '--json'])).output);

it('takes a ledger over with all that was done, is held and is open, and workers go on', async () => {
  // One person deleted, one held, and six who wait.
  expect((await workplace.run(['delete', 'some.csv', '--config', 'before.json'])).code).toBe(0);
  await workplace.run(['hold', 'add', `email=${second}`, '--reason', 'litigation', '--config', 'file.json']);
  expect((await workplace.run(['delete', 'people.csv', '--config', 'file.json', '--wait', '0s'])).code).toBe(3);
  const before = await json('status', '--config', 'file.json');
  const { head } = await json('audit', 'head', '--config', 'file.json');

  const wrongKey = await workplace.run(['ledger', 'copy', '--from', 'expunge.db']);
  expect(wrongKey).toMatchObject({
    code: 1,
    messages: expect.stringContaining('The key does not belong to the ledger'),
  });
  const environment = { EXPUNGE_LEDGER_KEY: readFileSync(join(workplace.folder, 'expunge.db.key'), 'utf8').trim() };
  const copied = await workplace.run(['ledger', 'copy', '--from', 'expunge.db'], { environment });
  expect({ code: copied.code, messages: copied.messages }).toMatchObject({ code: 0 });
  expect(copied.output).toContain('Both ledgers answer alike');
  const again = await workplace.run(['ledger', 'copy', '--from', 'expunge.db'], { environment });
  expect(again.code).toBe(1);

  const asked = async (...command: string[]) =>
    JSON.parse((await workplace.run([...command, '--json'], { environment })).output);
  expect(await asked('status')).toEqual(before);
  expect(await asked('audit', 'verify')).toMatchObject({ isIntact: true });
  expect((await asked('audit', 'head')).head).toBe(head);
  expect((await asked('status', '--subject', `email=${first}`)).requests).toHaveLength(1);

  // The waiting period came along: the workers send nothing before it is over, unless a person is imported anew.
  const sent = sandbox.altcraft.requests.length;
  const worker = await workplace.startWorker('one', environment);
  expect((await workplace.run(['delete', 'people.csv', '--wait', '2s'], { environment })).code).toBe(3);
  expect(sandbox.altcraft.requests).toHaveLength(sent);
  expect(stillThere()).toEqual(people.slice(1));
  worker.child.kill('SIGTERM');
  expect((await worker.ended).code).toBe(0);
});
