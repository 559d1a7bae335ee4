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
      requestsKnown: 0,
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
      requestsKnown: 1,
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

  it('keep people whose value differs in case or blanks, and who come under another name of the same column', async () => {
    const emails = { altcraft: { identifiers: { email: ['email', 'E-Mail'] } } };
    workplace.write('expunge.config.json', sandboxConfig(sandbox, ['altcraft'], { connectors: emails }));
    for (const held of ['email=ADA@example.com', 'email=bob@example.com ', 'email=cleo@example.com']) {
      const { code, messages } = await workplace.run(['hold', 'add', held, '--reason', 'litigation']);
      expect(code).toBe(0);
      expect(messages).toContain('The ledger has no request of this person.');
    }
    workplace.write('a.csv', 'email\nada@example.com\nbob@example.com\n');
    workplace.write('b.csv', 'E-Mail\ncleo@example.com\n');
    for (const name of ['a.csv', 'b.csv']) expect((await workplace.run(['delete', name, '--wait', '0s'])).code).toBe(3);
    expect(known()).toEqual({ ada: everywhere, bob: everywhere, cleo: everywhere });
    const again = await workplace.run(['hold', 'add', 'E-Mail=cleo@example.com', '--reason', 'litigation']);
    expect(again.output).toContain('On hold: 1 open request on hold, of 1 in the ledger; new ones will be too.');
    expect(again.messages).toBe('');
  });

  it('are refused where they would keep nobody, with the type that was probably meant and without the value', async () => {
    const misspelt = await workplace.run(['hold', 'add', 'emial=ada@example.com', '--reason', 'litigation']);
    expect(misspelt).toMatchObject({ code: 1, output: '' });
    expect(misspelt.messages).toContain('Did you mean email? In use: email, user_id.');
    expect(misspelt.messages).not.toContain('ada');
    const nobody = await workplace.run(['hold', 'add', 'email=null', '--reason', 'litigation']);
    expect(nobody).toMatchObject({ code: 1, messages: expect.stringContaining('the value is a placeholder') });
    const noOne = await workplace.run(['hold', 'add', '--reason', 'litigation']);
    expect(noOne).toMatchObject({ code: 1, messages: expect.stringContaining('Say who is meant') });
    expect((await workplace.run(['hold', 'check', 'email=ada@example.com'])).code).toBe(1);
    const padded = await workplace.run(['hold', 'add', 'email=ada@example.com ', '--reason', 'litigation']);
    expect(padded.messages).toContain(
      'The value of email begins or ends with white space. A hold compares it without letter case and blanks around it.',
    );
  });

  it('are placed by a request with all of its identifiers, and asked about by any of them', async () => {
    workplace.write('expunge.config.json', sandboxConfig(sandbox, ['clevertap', 'altcraft'], { top: { wait: '1h' } }));
    await workplace.run(['delete', 'people.csv', '--wait', '0s']);
    expect(await jsonOf(['hold', 'add', '--request', 'R-bob', '--reason', 'litigation'])).toMatchObject({
      added: true,
      requestsHeld: 1,
      requestsKnown: 1,
    });
    for (const identifier of ['user_id=bob', 'email=bob@example.com']) {
      expect(await jsonOf(['hold', 'check', identifier])).toMatchObject({
        onHold: true,
        holds: [{ reason: 'litigation' }, {}],
      });
    }
    const held = await workplace.run(['hold', 'check', 'user_id=bob']);
    expect(held).toMatchObject({ code: 3, output: expect.stringContaining('a request for this person is not sent') });
    const free = await workplace.run(['hold', 'check', 'user_id=ada']);
    expect(free).toMatchObject({ code: 0, output: expect.stringContaining('Not on hold') });
    const unknown = await workplace.run(['hold', 'add', '--request', 'R-nobody', '--reason', 'litigation']);
    expect(unknown).toMatchObject({
      code: 1,
      messages: expect.stringContaining('The ledger has no request R-nobody.'),
    });
    // The person is also kept in a list that has only one of the identifiers.
    workplace.write('by-email.csv', 'request_id,email\nR-later,bob@example.com\n');
    await workplace.run(['delete', 'by-email.csv', '--wait', '0s']);
    expect((await jsonOf(['status', 'R-later'])).tasks).toMatchObject([{ state: 'skipped' }, { isOnHold: true }]);

    // One of the holds is enough.
    const one = await workplace.run(['hold', 'remove', 'user_id=bob', 'user_id=bobby']);
    expect(one.messages).toContain('There is no hold for 1 of the identifiers.');
    expect((await workplace.run(['hold', 'check', 'email=bob@example.com'])).code).toBe(3);
    expect(await jsonOf(['hold', 'remove', '--request', 'R-bob'])).toEqual({ removed: true, requestsReleased: 2 });
    expect((await workplace.run(['hold', 'check', 'user_id=bob', 'email=bob@example.com'])).code).toBe(0);
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
