import { type Sandbox, startSandbox } from '@expunge/vendor-sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorkplace, type Workplace } from './expunge-process.ts';
import { sandboxConfig } from './sandbox-config.ts';

const people = ['ada', 'guest', '47110', '47110.0', '1234567890123456'];

let sandbox: Sandbox<'clevertap' | 'altcraft'>;
let workplace: Workplace;

beforeEach(async () => {
  sandbox = await startSandbox({
    vendors: ['clevertap', 'altcraft'],
    settings: { clevertap: { deletionDelayMs: 0 } },
  });
  sandbox.clevertap.seed(people);
  workplace = openWorkplace();
  workplace.write('expunge.config.json', sandboxConfig(sandbox, ['clevertap', 'altcraft']));
});
afterEach(async () => {
  await workplace.close();
  await sandbox.close();
});

const stillThere = () => people.filter((id) => sandbox.clevertap.hasProfile(id));

describe('a list that a spreadsheet or a paste has mangled', () => {
  it('is refused, each row with its reason and without its value, and nobody is asked about', async () => {
    workplace.write(
      'people.csv',
      [
        'user_id,email',
        '1.23457E+15,mailto:e1@example.com',
        '"=""0012345""",e2@example.com;e2b@example.com',
        'm-3\u200B,"Ada <e3@example.com>"',
        'm-4,e5@example.com\u200E',
        '#N/A,e5@example.com',
        'user_id,email',
        '\\N,\\N',
        'm-8\u0007,e8@example.com',
        '',
      ].join('\n'),
    );
    for (const command of ['plan', 'delete']) {
      const { code, output, messages } = await workplace.run([command, 'people.csv']);
      expect({ code, output }).toEqual({ code: 1, output: '' });
      expect(messages).toContain("8 rows of 8 can't be used");
      expect(messages).toMatch(/line 2: user_id: the value is a number that a spreadsheet has rounded/);
      expect(messages).toMatch(/line 2: email: the value is a link and not an address/);
      expect(messages).toMatch(/line 3: user_id: the value is a formula/);
      expect(messages).toMatch(/line 3: email: the value is more than one address/);
      expect(messages).toMatch(/line 4: user_id: the value has an invisible character/);
      expect(messages).toMatch(/line 4: email: the value is a name with an address/);
      expect(messages).toContain('--allow-value user_id');
      expect(messages).not.toMatch(/e\d\w?@example|0012345|1\.23457|m-\d/);
    }
    expect(sandbox.clevertap.requests).toEqual([]);
    expect(sandbox.altcraft.requests).toEqual([]);
  });

  it('has what is only suspicious counted for each column, with the first lines, and sent as it is', async () => {
    workplace.write(
      'people.csv',
      'user_id,email\n47110.0,Ada@Example.com\nTotal,\na@example.com,not an address\nb@example.com,\nc@example.com,\nd@example.com,\n',
    );
    const planned = await workplace.run(['plan', 'people.csv']);
    expect(planned.code).toBe(0);
    for (const words of [
      '1 value of user_id (line 2) ends with .0, as if a spreadsheet had made a number of an id. It is sent exactly so.',
      '1 value of email (line 2) is an address with capital letters.',
      '1 value of user_id (line 3) looks like the total below a table.',
      '4 values of user_id (the first on lines 4, 5, 6): each is an email address in a column of ids. They are sent exactly so.',
      '1 value of email (line 4) is no email address.',
    ]) {
      expect(planned.messages).toContain(words);
    }
    expect(planned.messages).not.toMatch(/47110|Ada@|a@example/);
    await workplace.run(['delete', 'people.csv']);
    expect(stillThere()).toEqual(['ada', 'guest', '47110', '1234567890123456']);
  });
});

describe('a value that looks like nobody, and is somebody', () => {
  it('is deleted when it is named, and no other one with it', async () => {
    workplace.write('people.csv', 'user_id\nguest\n');
    const refused = await workplace.run(['delete', 'people.csv']);
    expect(refused.code).toBe(1);
    expect(refused.messages).toContain('--allow-value user_id=VALUE');
    workplace.write('both.csv', 'user_id\nguest\nnull\n');
    expect((await workplace.run(['delete', 'both.csv', '--allow-value', 'user_id=guest'])).code).toBe(1);
    expect(stillThere()).toEqual(people);
    expect((await workplace.run(['plan', 'people.csv', '--allow-value', 'user_id=guest'])).code).toBe(0);
    expect((await workplace.run(['delete', 'people.csv', '--allow-value', 'user_id=guest'])).code).toBe(0);
    expect(stillThere()).toEqual(['ada', '47110', '47110.0', '1234567890123456']);
    const found = await workplace.run(['status', '--subject', 'user_id=guest']);
    expect(found.code).toBe(1);
    const allowed = await workplace.run(['status', '--subject', 'user_id=guest', '--allow-value', 'user_id', '--json']);
    expect(JSON.parse(allowed.output).requests).toHaveLength(1);
  });

  it('on the command line is refused and allowed alike', async () => {
    const refused = await workplace.run(['delete', '--subject', 'user_id=guest']);
    expect(refused.code).toBe(1);
    expect(refused.messages).toContain('the value is a placeholder');
    expect(stillThere()).toEqual(people);
    const allowed = await workplace.run(['delete', '--subject', 'user_id=guest', '--allow-value', 'user_id=guest']);
    expect(allowed.code).toBe(0);
    expect(stillThere()).not.toContain('guest');
  });
});

describe('a person who is looked for', () => {
  it('by a type that is not in use is not found, and the type that was meant is named', async () => {
    await workplace.run(['delete', '--subject', 'user_id=ada']);
    const { code, messages } = await workplace.run(['status', '--subject', 'usr_id=ada']);
    expect(code).toBe(1);
    expect(messages).toContain('"usr_id", so nobody is known by it. Did you mean user_id?');
    expect(messages).not.toContain('ada');
  });
});
