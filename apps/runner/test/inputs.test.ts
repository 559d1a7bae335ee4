import { type Sandbox, startSandbox } from '@expunge/vendor-sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorkplace, type Workplace } from './expunge-process.ts';
import { sandboxConfig } from './sandbox-config.ts';

let sandbox: Sandbox<'clevertap'>;
let workplace: Workplace;

beforeEach(async () => {
  sandbox = await startSandbox({ vendors: ['clevertap'], settings: { clevertap: { deletionDelayMs: 0 } } });
  sandbox.clevertap.seed(['ada', 'bob', 'cleo', 'dora']);
  workplace = openWorkplace();
  workplace.write('expunge.config.json', sandboxConfig(sandbox, ['clevertap']));
});
afterEach(async () => {
  await workplace.close();
  await sandbox.close();
});

function stillThere(): string[] {
  return ['ada', 'bob', 'cleo', 'dora'].filter((id) => sandbox.clevertap.hasProfile(id));
}

describe('an input', () => {
  it('has all bad rows reported with line and reason and without values, and nothing is sent', async () => {
    workplace.write(
      'people.csv',
      'user_id,request_id,due_at\r\nada,R-1,2026-12-01\r\nundefined,R-2,\r\nbob\r\ncleo,R-1,\r\ndora,R-4,soon\r\n,R-5,\r\n',
    );
    const { code, output, messages } = await workplace.run(['delete', 'people.csv']);
    expect({ code, output }).toEqual({ code: 1, output: '' });
    expect(messages).toContain("5 rows of 6 can't be used. Nothing was sent");
    expect(messages).toMatch(/line 3: user_id: the value is a placeholder/);
    expect(messages).toMatch(/line 4: has 1 cells, and the header has 3/);
    expect(messages).toMatch(/line 5: request_id: stands on line 2 already/);
    expect(messages).toMatch(/line 6: due_at: must be a day/);
    expect(messages).toMatch(/line 7: names nobody/);
    expect(messages).not.toMatch(/bob|cleo|dora|soon/);
    expect(sandbox.clevertap.requests).toEqual([]);
    expect((await workplace.run(['status'])).messages).toContain('There is no ledger');
  });

  it('goes on without the bad rows when told, and says who is left out', async () => {
    workplace.write('people.csv', 'user_id\nada\nnull\nbob\n');
    const { code, output, messages } = await workplace.run(['delete', 'people.csv', '--skip-invalid', '--json']);
    expect(code).toBe(0);
    expect(messages).toMatch(/1 row left out.*\n.*line 3/);
    expect(JSON.parse(output)).toMatchObject({ input: { valid: 2, invalid: 1, accepted: 2 } });
    expect(stillThere()).toEqual(['cleo', 'dora']);
  });

  it('is refused with a column that no connector uses, unless that is accepted', async () => {
    workplace.write('people.csv', 'user_id,usr_email\nada,ada@example.com\n');
    const refused = await workplace.run(['delete', 'people.csv']);
    expect(refused.code).toBe(1);
    expect(refused.messages).toMatch(/"usr_email".*--ignore-column usr_email.*user_id/s);
    expect(sandbox.clevertap.requests).toEqual([]);
    expect((await workplace.run(['delete', 'people.csv', '--ignore-column', 'usr_email'])).code).toBe(0);
    expect(stillThere()).toEqual(['bob', 'cleo', 'dora']);
  });

  it.each([
    ['CSV', 'people.csv', 'user_id,note\nada,x\n', 'user_id,note,usr_email\nbob,x,y\n'],
    ['JSON Lines', 'people.jsonl', '{"user_id":"ada","note":"x"}\n', '{"user_id":"bob","note":"x","usr_email":"y"}\n'],
  ])(
    'with a column that the configuration says to ignore is read without it, and others are refused: %s',
    async (_form, name, good, bad) => {
      workplace.write(
        'expunge.config.json',
        sandboxConfig(sandbox, ['clevertap'], { top: { input: { ignoreColumns: ['note'] } } }),
      );
      workplace.write(name, bad);
      const refused = await workplace.run(['delete', name]);
      expect(refused.code).toBe(1);
      expect(refused.messages).toMatch(/"usr_email".*input\.ignoreColumns/s);
      expect(refused.messages).not.toContain('"note"');
      expect(stillThere()).toEqual(['ada', 'bob', 'cleo', 'dora']);
      workplace.write(name, good);
      expect((await workplace.run(['delete', name])).code).toBe(0);
      expect(stillThere()).toEqual(['bob', 'cleo', 'dora']);
    },
  );

  it.each([
    ['an empty file', 'people.csv', '', 'the list is empty'],
    ['a header alone', 'people.csv', 'user_id\n', 'nobody below it'],
    ['an open quote', 'people.csv', 'user_id\nada\n"bob\ncleo\n', 'line 3: a quote is opened here and never closed'],
    [
      'Latin-1',
      'people.csv',
      Uint8Array.of(0x75, 0x73, 0x65, 0x72, 0x5f, 0x69, 0x64, 0x0a, 0xe4, 0x0a),
      'line 2: this is not UTF-8',
    ],
    ['a spreadsheet', 'people.csv', Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0), 'a spreadsheet or a ZIP archive'],
    ['no header', 'people.csv', 'ada\nbob\n', 'Is the header row missing?'],
    ['a broken JSON line', 'people.jsonl', '{"user_id":"ada"}\n{"user_id":\n', 'line 2: is not valid JSON'],
  ])('that is %s is refused', async (_what, name, content, message) => {
    workplace.write(name, content);
    const { code, messages } = await workplace.run(['delete', name]);
    expect({ code, messages }).toMatchObject({ code: 1, messages: expect.stringContaining(message) });
    expect(messages).toContain('Nothing was sent');
    expect(messages).not.toMatch(/\bbob\b|\bada\b/);
    expect(sandbox.clevertap.requests).toEqual([]);
  });

  it('may be JSON Lines on standard input', async () => {
    const { code } = await workplace.run(['delete', '-', '--format', 'jsonl'], {
      input: '{"user_id":"ada","request_id":"R-1"}\n{"user_id":["bob","cleo"]}\n',
    });
    expect(code).toBe(0);
    expect(stillThere()).toEqual(['dora']);
  });

  it('may be a CSV with a byte order mark, quotes and repeated columns', async () => {
    workplace.write('people.csv', '\uFEFF"user_id","user_id"\r\n"ada","bob"\r\n"cleo",\r\n');
    expect((await workplace.run(['delete', 'people.csv'])).code).toBe(0);
    expect(stillThere()).toEqual(['dora']);
  });

  it('may be one person on the command line', async () => {
    expect((await workplace.run(['delete', '--subject', 'user_id=bob'])).code).toBe(0);
    expect(stillThere()).toEqual(['ada', 'cleo', 'dora']);
    expect((await workplace.run(['delete', '--subject', 'mail=bob'])).messages).toContain('"mail"');
    expect((await workplace.run(['delete'])).messages).toContain('Say who is to be deleted');
  });

  it('with a request_id of somebody else is stopped before anything is sent', async () => {
    expect((await workplace.run(['delete', '--subject', 'user_id=ada', '--subject', 'request_id=R-1'])).code).toBe(0);
    const { code, messages } = await workplace.run([
      'delete',
      '--subject',
      'user_id=bob',
      '--subject',
      'request_id=R-1',
    ]);
    expect({ code, messages }).toMatchObject({
      code: 1,
      messages: expect.stringContaining('R-1: the ledger has this request_id for another person'),
    });
    expect(stillThere()).toEqual(['bob', 'cleo', 'dora']);
  });
});

describe('the guard', () => {
  beforeEach(() => {
    workplace.write(
      'expunge.config.json',
      sandboxConfig(sandbox, ['clevertap'], { top: { guard: { maxSubjects: 2 } } }),
    );
    workplace.write('people.csv', 'user_id\nada\nbob\ncleo\n');
  });

  it('stops a run for more people than was meant', async () => {
    const { code, messages } = await workplace.run(['delete', 'people.csv']);
    expect({ code, messages }).toMatchObject({ code: 1, messages: expect.stringContaining('--confirm 3') });
    expect(stillThere()).toHaveLength(4);
  });

  it('lets it through when the number is right, and only then', async () => {
    expect((await workplace.run(['delete', 'people.csv', '--confirm', '4'])).code).toBe(1);
    expect(stillThere()).toHaveLength(4);
    expect((await workplace.run(['delete', 'people.csv', '--confirm', '3'])).code).toBe(0);
    expect(stillThere()).toEqual(['dora']);
  });
});
