import { type Sandbox, startSandbox } from '@expunge/vendor-sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorkplace, type Workplace } from './expunge-process.ts';
import { sandboxConfig } from './sandbox-config.ts';

let sandbox: Sandbox<'clevertap'>;
let workplace: Workplace;

beforeEach(async () => {
  sandbox = await startSandbox({ vendors: ['clevertap'], settings: { clevertap: { deletionDelayMs: 0 } } });
  sandbox.clevertap.seed(['back-1', 'new-2']);
  workplace = openWorkplace();
  workplace.write('expunge.config.json', sandboxConfig(sandbox, ['clevertap']));
});
afterEach(async () => {
  await workplace.close();
  await sandbox.close();
});

const day = (daysAgo: number) => new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10);

describe('somebody who was deleted, comes back and asks again', () => {
  it('is deleted again where the list says when they asked', async () => {
    workplace.write('first.csv', `user_id,received_at\nback-1,${day(60)}\n`);
    workplace.write('second.csv', `user_id,received_at\nback-1,${day(2)}\n`);
    expect((await workplace.run(['delete', 'first.csv'])).code).toBe(0);
    sandbox.clevertap.seed(['back-1']);
    const planned = await workplace.run(['plan', 'second.csv', '--json']);
    expect(JSON.parse(planned.output)).toMatchObject({ known: 0, connectors: [{ targets: 1 }] });
    expect((await workplace.run(['delete', 'second.csv'])).code).toBe(0);
    expect(sandbox.clevertap.hasProfile('back-1')).toBe(false);
  });

  it('is told with a code of its own where nothing says when, and the printed way sends them', async () => {
    workplace.write('first.csv', 'user_id\nback-1\n');
    workplace.write('second.csv', 'user_id\nback-1\nnew-2\n');
    expect((await workplace.run(['delete', 'first.csv'])).code).toBe(0);
    sandbox.clevertap.seed(['back-1']);
    const planned = await workplace.run(['plan', 'second.csv']);
    expect(planned.code).toBe(0);
    expect(planned.output).toMatch(/clevertap +1 /);
    expect(planned.output).toContain('1 request known from before, 1 of them settled');
    expect(planned.messages).toContain('1 person was asked for before, and that request is settled');
    const told = await workplace.run(['delete', 'second.csv']);
    expect(told.code).toBe(5);
    expect(told.output).toContain('Nothing is open. 1 person was not sent again.');
    expect(told.output).not.toContain('Everything is settled');
    expect(told.messages).not.toContain('back-1');
    expect(sandbox.clevertap.hasProfile('back-1')).toBe(true);
    expect(sandbox.clevertap.hasProfile('new-2')).toBe(false);
    const option = /--batch \d{4}-\d{2}-\d{2}/.exec(told.messages)?.[0].split(' ') ?? [];
    expect((await workplace.run(['delete', 'second.csv', ...option])).code).toBe(0);
    expect(sandbox.clevertap.hasProfile('back-1')).toBe(false);
  });

  it('on the command line is told alike', async () => {
    const one = ['delete', '--subject', 'user_id=back-1'];
    expect((await workplace.run(one)).code).toBe(0);
    const { code, output } = await workplace.run([...one, '--json']);
    expect(code).toBe(5);
    expect(JSON.parse(output)).toMatchObject({
      exitCode: 5,
      result: 'not-sent-again',
      input: { known: 1, knownSettled: 1, notSentAgain: 1 },
    });
  });

  it('in the same file is the same request, and is done once', async () => {
    workplace.write('first.csv', 'user_id\nback-1\n');
    for (const code of [0, 0]) expect((await workplace.run(['delete', 'first.csv'])).code).toBe(code);
    const deletions = sandbox.clevertap.requests.filter(({ path }) => path.includes('delete'));
    expect(deletions).toHaveLength(1);
  });
});

describe('a list with times that can not be', () => {
  it('is refused with the line', async () => {
    workplace.write('people.csv', `user_id,received_at,due_at\nback-1,${day(-5)},\nnew-2,${day(2)},${day(9)}\n`);
    const { code, messages } = await workplace.run(['delete', 'people.csv']);
    expect(code).toBe(1);
    expect(messages).toContain('line 2: received_at: lies in the future');
    expect(messages).toContain('line 3: due_at: lies before received_at');
    expect(sandbox.clevertap.requests).toEqual([]);
  });
});

it('another due date of a known request is said, and the one in the ledger stays', async () => {
  workplace.write('people.csv', `request_id,user_id,due_at\nR-1,back-1,${day(-20)}\n`);
  workplace.write('later.csv', `request_id,user_id,due_at\nR-1,back-1,${day(-40)}\n`);
  await workplace.run(['delete', 'people.csv']);
  for (const command of ['plan', 'delete']) {
    const { messages } = await workplace.run([command, 'later.csv']);
    expect(messages).toContain('1 known request has another due_at in the ledger, which stays.');
  }
});

describe('a known request with one identifier more', () => {
  const words =
    'the ledger has this request_id for the same person, here with 1 identifier more, by which nothing is deleted';

  it('is not called somebody else’s, is not ignored, and is deleted under an id of its own', async () => {
    workplace.write('first.csv', 'request_id,user_id\nR-1,back-1\n');
    workplace.write('second.jsonl', '{"request_id":"R-1","user_id":["back-1","new-2"]}\n');
    workplace.write('third.jsonl', '{"request_id":"R-2","user_id":["back-1","new-2"]}\n');
    expect((await workplace.run(['delete', 'first.csv'])).code).toBe(0);
    const planned = await workplace.run(['plan', 'second.jsonl']);
    expect(planned.output).toContain('1 request_id in the ledger for the same people with other identifiers');
    const refused = await workplace.run(['delete', 'second.jsonl']);
    expect(refused.code).toBe(1);
    expect(refused.messages).toContain(words);
    expect(refused.messages).toContain('Give them ids of their own');
    expect(refused.messages).not.toMatch(/somebody else|another person|new-2/);
    const left = await workplace.run(['delete', 'second.jsonl', '--skip-invalid']);
    expect(left).toMatchObject({ code: 2, messages: expect.stringContaining(`1 request not taken: ${words} (R-1).`) });
    expect(sandbox.clevertap.hasProfile('new-2')).toBe(true);
    expect((await workplace.run(['delete', 'third.jsonl'])).code).toBe(0);
    expect(sandbox.clevertap.hasProfile('new-2')).toBe(false);
  });
});
