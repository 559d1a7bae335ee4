import { createRealClock, type Sandbox, startSandbox } from '@expunge/vendor-sandbox';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { openWorkplace, type Workplace } from './expunge-process.ts';
import { sandboxConfig } from './sandbox-config.ts';

let sandbox: Sandbox<'clevertap' | 'altcraft' | 'segment'>;
let workplace: Workplace;

const people = ['ada', 'bob', 'cleo'];
const list = `request_id,user_id,email\n${people.map((id) => `R-${id},${id},${id}@example.com\n`).join('')}`;

beforeEach(async () => {
  sandbox = await startSandbox({
    vendors: ['clevertap', 'altcraft', 'segment'],
    clock: createRealClock(),
    limits: 'off',
    settings: { clevertap: { deletionDelayMs: 0 }, segment: { beginsAfterMs: 0, finishesAfterMs: 0 } },
  });
  sandbox.clevertap.seed(people);
  sandbox.altcraft.seed(people.map((id) => `${id}@example.com`));
  sandbox.segment.seed(people);
  workplace = openWorkplace();
  workplace.write('people.csv', list);
  workplace.write('expunge.config.json', sandboxConfig(sandbox, ['clevertap', 'altcraft']));
});
afterEach(async () => {
  await workplace.close();
  await sandbox.close();
});

function known(): Record<string, string> {
  return Object.fromEntries(
    people.map((id) => [
      id,
      `${sandbox.clevertap.hasProfile(id) ? 'clevertap ' : ''}${sandbox.altcraft.profileIdsOf(`${id}@example.com`).length > 0 ? 'altcraft' : ''}`,
    ]),
  );
}

const everywhere = 'clevertap altcraft';

async function jsonOf(commandArguments: readonly string[]) {
  const { output } = await workplace.run([...commandArguments, '--json']);
  return JSON.parse(output);
}

describe('legal holds', () => {
  it('keeps people from being sent by any identifier, over restarts, until they are released', async () => {
    expect(await jsonOf(['hold', 'add', 'email=ada@example.com', '--reason', 'litigation 4711'])).toEqual({
      added: true,
      requestsHeld: 0,
      setAside: { requests: [], tasks: 0 },
    });
    expect((await workplace.run(['delete', 'people.csv', '--wait', '0s'])).code).toBe(3);
    expect(known()).toEqual({ ada: everywhere, bob: '', cleo: '' });
    for (const command of [['resume'], ['delete', 'people.csv', '--wait', '0s'], ['resume', '--retry-failed']]) {
      expect((await workplace.run(command)).code).toBe(3);
    }
    expect(known().ada).toBe(everywhere);
    expect((await workplace.run(['status', 'R-ada'])).output).toMatch(/clevertap +identity +on hold/);

    const { output } = await workplace.run(['hold', 'list']);
    expect(output).toMatch(/email +1 +litigation 4711/);
    expect(output).not.toContain('ada');

    expect(await jsonOf(['hold', 'remove', 'email=ada@example.com'])).toEqual({ removed: true, requestsReleased: 1 });
    expect(known().ada).toBe(everywhere);
    expect((await workplace.run(['resume'])).code).toBe(0);
    expect(known().ada).toBe('');
    expect((await workplace.run(['hold', 'list'])).output).toContain('Nobody is on hold.');
  });

  it('holds what is in the ledger already, and says who is not on it', async () => {
    workplace.write('expunge.config.json', sandboxConfig(sandbox, ['clevertap', 'altcraft'], { top: { wait: '1h' } }));
    expect((await workplace.run(['delete', 'people.csv', '--wait', '0s'])).code).toBe(3);
    expect(await jsonOf(['hold', 'add', 'user_id=bob', '--reason', 'test account'])).toEqual({
      added: true,
      requestsHeld: 1,
      setAside: { requests: [], tasks: 0 },
    });
    expect(await jsonOf(['hold', 'add', 'user_id=bob', '--reason', 'again'])).toMatchObject({ added: false });
    expect((await jsonOf(['status', 'R-bob'])).tasks).toMatchObject([
      { state: 'ready', isOnHold: true },
      { state: 'ready', isOnHold: true },
    ]);
    const unknown = await workplace.run(['hold', 'remove', 'user_id=bobby']);
    expect(unknown).toMatchObject({ code: 1, messages: expect.stringContaining('There is no hold') });
  });
});

describe('the order between connectors', () => {
  beforeEach(() => {
    workplace.write(
      'expunge.config.json',
      sandboxConfig(sandbox, ['segment-regulation', 'clevertap'], {
        connectors: { clevertap: { after: ['segment-regulation'] } },
      }),
    );
    workplace.write('people.csv', `user_id\n${people.join('\n')}\n`);
  });
  const regulations = () => sandbox.segment.requests.filter(({ path, acted }) => acted && path === '/regulations');

  it('sends to the sink what the pipe has taken, and not before', async () => {
    sandbox.segment.faults.add({ fault: { type: 'status', status: 429, body: {} }, method: 'POST', times: 2 });
    expect((await workplace.run(['delete', 'people.csv'])).code).toBe(0);
    expect(people.filter((id) => sandbox.clevertap.hasProfile(id) || sandbox.segment.hasData(id))).toEqual([]);
    const takenAt = Math.max(...regulations().map(({ at }) => at));
    for (const { at } of sandbox.clevertap.requests) expect(at).toBeGreaterThanOrEqual(takenAt);
  });

  it('sends nothing to the sink as long as the pipe refuses the credentials', async () => {
    const environment = { SEGMENT_PUBLIC_API_TOKEN: 'wrong-token' };
    expect((await workplace.run(['delete', 'people.csv'], { environment })).code).toBe(4);
    expect(sandbox.clevertap.requests).toEqual([]);
    expect((await workplace.run(['resume'])).code).toBe(0);
    expect(people.filter((id) => sandbox.clevertap.hasProfile(id))).toEqual([]);
  });
});

describe('the waiting period', () => {
  it('sends nothing, lets a request be cancelled at no cost, and goes on with the others when it is over', async () => {
    workplace.write('expunge.config.json', sandboxConfig(sandbox, ['clevertap', 'altcraft'], { top: { wait: '1h' } }));
    const { code, output } = await workplace.run(['delete', 'people.csv', '--wait', '0s']);
    expect({ code, output }).toMatchObject({ code: 3, output: expect.stringContaining('6 deletions still wait.') });
    expect(await jsonOf(['cancel', 'R-ada'])).toMatchObject({ cancelled: 2, tooLate: 0, exitCode: 0 });
    expect([...sandbox.clevertap.requests, ...sandbox.altcraft.requests]).toEqual([]);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    expect((await workplace.run(['resume'])).code).toBe(0);
    expect(known()).toEqual({ ada: everywhere, bob: '', cleo: '' });
  });
});
