import { type Sandbox, startSandbox } from '@expunge/vendor-sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorkplace, type Workplace } from './expunge-process.ts';
import { sandboxConfig } from './sandbox-config.ts';

const emails = ['t-1@example.com', 't-2@example.com', 't-3@example.com'];

let sandbox: Sandbox<'altcraft'>;
let workplace: Workplace;

beforeEach(async () => {
  sandbox = await startSandbox({ vendors: ['altcraft'] });
  sandbox.altcraft.seed(emails);
  workplace = openWorkplace();
});
afterEach(async () => {
  await workplace.close();
  await sandbox.close();
});

function configure(input?: object): void {
  const top = input === undefined ? {} : { top: { input } };
  workplace.write('expunge.config.json', sandboxConfig(sandbox, ['altcraft'], top));
}

const stillThere = () => emails.filter((email) => sandbox.altcraft.profileIdsOf(email).length > 0);

const privacyTool = [
  '"Request ID","Email Address","Request Type","Regulation","Date Created","Due Date"',
  '"PR-1","t-1@example.com","Erasure","Art. 17 GDPR","10/11/2026","12/31/2026"',
  '"PR-2","t-2@example.com","Access","Art. 15 GDPR","10/11/2026","12/31/2026"',
  '"PR-3","t-3@example.com","DELETION","Art. 17 GDPR","10/11/2026","12/31/2026"',
  '',
].join('\n');

describe('the export of a privacy tool', () => {
  it('is refused with its columns and a way to say what they mean', async () => {
    configure();
    workplace.write('requests.csv', privacyTool.replace('Email Address', 'E-Mail'));
    const { code, messages } = await workplace.run(['plan', 'requests.csv']);
    expect(code).toBe(1);
    expect(messages).toContain('input: { columns: { request_id: "Request ID", email: "E-Mail" } }');
    expect(messages).not.toMatch(/t-\d|PR-\d/);
  });

  it('is read as it is: the right rows, ids, dates and laws, and nobody else is deleted', async () => {
    const input = {
      columns: {
        email: 'Email Address',
        request_id: 'Request ID',
        received_at: 'Date Created',
        due_at: 'Due Date',
        law: 'Regulation',
      },
      where: { 'Request Type': ['Erasure', 'Deletion'] },
      laws: { 'Art. 17 GDPR': 'gdpr' },
      timezone: 'America/New_York',
    };
    configure(input);
    workplace.write('requests.csv', privacyTool);
    const asked = await workplace.run(['delete', 'requests.csv']);
    expect(asked.code).toBe(1);
    expect(asked.messages).toMatch(/line 2: received_at: day and month can be meant in either order.*dates: day-first/);
    expect(stillThere()).toEqual(emails);
    configure({ ...input, dates: 'month-first' });
    const done = await workplace.run(['delete', 'requests.csv', '--json']);
    expect(done.code).toBe(0);
    expect(done.messages).toContain('1 row of another kind left out (input.where).');
    expect(JSON.parse(done.output).input).toMatchObject({ valid: 2, invalid: 0, accepted: 2 });
    expect(stillThere()).toEqual(['t-2@example.com']);
    expect(JSON.parse((await workplace.run(['status', 'PR-1', '--json'])).output)).toMatchObject({
      law: 'gdpr',
      receivedAt: '2026-10-11T04:00:00.000Z',
      dueAt: '2026-12-31T05:00:00.000Z',
    });
  });

  it('without one row of the kind that is wanted is refused', async () => {
    configure({
      columns: { email: 'Email Address' },
      where: { 'Request Type': 'Portability' },
      ignoreOtherColumns: true,
    });
    workplace.write('requests.csv', privacyTool);
    const { code, messages } = await workplace.run(['delete', 'requests.csv']);
    expect(code).toBe(1);
    expect(messages).toContain('not one row is of the kind that input.where asks for');
    workplace.write('people.csv', 'email\nt-1@example.com\n');
    const missing = await workplace.run(['delete', 'people.csv']);
    expect(missing.messages).toContain('the header has no column "Request Type"');
    expect(stillThere()).toEqual(emails);
  });
});

describe('what columns mean, in the configuration', () => {
  it('has to be a type in use, and one column means one thing', async () => {
    configure({ columns: { emial: 'Email Address', request_id: 'Email Address' } });
    const { code, messages } = await workplace.run(['check']);
    expect(code).toBe(1);
    expect(messages).toMatch(/input\.columns\.emial.*Did you mean email\?/);
    expect(messages).toContain('names the column "Email Address", which is emial already');
    configure({ timezone: 'Berlin' });
    expect((await workplace.run(['check'])).messages).toMatch(/input\.timezone.*is no time zone/);
  });
});

describe('a CSV', () => {
  it.each([
    ['semicolons', 'email;name\nt-1@example.com;Ada\n'],
    ['tabs', 'email\tname\nt-1@example.com\tAda\n'],
    ['what the spreadsheet wrote above it', 'sep=;\nemail;name\nt-1@example.com;Ada\n'],
  ])('with %s is read without being told', async (_what, text) => {
    configure({ ignoreColumns: ['name'] });
    workplace.write('people.csv', text);
    expect((await workplace.run(['delete', 'people.csv'])).code).toBe(0);
    expect(stillThere()).toEqual(emails.slice(1));
  });

  it('of one column is read with the delimiter that the message names', async () => {
    configure({ columns: { email: 'Adresse' } });
    workplace.write('people.csv', 'Nummer;Mailadresse\n1;t-1@example.com\n');
    const refused = await workplace.run(['delete', 'people.csv']);
    expect(refused.messages).toContain('--delimiter ";"');
    const told = await workplace.run(['delete', 'people.csv', '--delimiter', ';']);
    expect(told.messages).toContain('Is the header row missing?');
    workplace.write('tab.csv', 'Nummer\tMailadresse\n1\tt-1@example.com\n');
    expect((await workplace.run(['delete', 'tab.csv'])).messages).toContain('--delimiter "tab"');
    expect((await workplace.run(['delete', 'tab.csv', '--delimiter', 'tab'])).messages).toContain('header row missing');
  });

  it('with a name of 80,000 letters, or with hundreds of columns, is refused in few words', async () => {
    configure();
    workplace.write('wide.csv', `email,${'x'.repeat(80_000)}\nt-1@example.com,y\n`);
    const names = Array.from({ length: 300 }, (_, index) => `Custom Field ${index}`);
    workplace.write('many.csv', `email,${names.join(',')}\nt-1@example.com${','.repeat(300)}\n`);
    for (const name of ['wide.csv', 'many.csv']) {
      const { code, messages } = await workplace.run(['plan', name]);
      expect(code).toBe(1);
      expect(messages).toContain('input.ignoreOtherColumns');
      expect(messages.length).toBeLessThan(2000);
    }
  });
});
