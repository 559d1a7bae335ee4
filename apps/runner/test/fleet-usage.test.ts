import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorkplace, type Workplace } from './expunge-process.ts';
import { sandboxConfig } from './sandbox-config.ts';

// What a fleet's commands say where there is no database: nothing here needs one.

const nowhere = { altcraft: { url: 'http://127.0.0.1:1' } };
const onPostgres = { postgres: { url: { env: 'DATABASE_URL' } }, key: { env: 'EXPUNGE_LEDGER_KEY' } };
// Port 1 of this machine: nobody is there.
const secrets = {
  DATABASE_URL: 'postgres://expunge:test-password@127.0.0.1:1/expunge',
  EXPUNGE_LEDGER_KEY: 'ab'.repeat(32),
};

let workplace: Workplace;
beforeEach(() => {
  workplace = openWorkplace();
  workplace.write('people.csv', 'email\nleaver@example.com\n');
});
afterEach(() => workplace.close());

const configure = (ledger: object) =>
  workplace.write('expunge.config.json', sandboxConfig(nowhere, ['altcraft'], { top: { ledger } }));
const run = (commandArguments: readonly string[], environment: Readonly<Record<string, string>> = secrets) =>
  workplace.run(commandArguments, { environment });

it.each([['work'], ['queue'], ['queue', 'redrive'], ['queue', 'reconcile'], ['ledger', 'migrate'], ['ledger', 'copy']])(
  'expunge %s %s shows an example, and its exit codes with the others',
  async (...command) => {
    const { code, output } = await run([...command, '--help']);
    expect(code).toBe(0);
    expect(output).toContain(`$ expunge ${command.join(' ')}`);
    expect(output).toContain('--json');
  },
);

describe('with a ledger in a file', () => {
  beforeEach(() => configure({ sqlite: './expunge.db' }));

  it.each([
    [['work'], /one process at a time.*"expunge resume --watch" stays.*docs\/fleet\.md/],
    [['queue'], /one process at a time.*"expunge status" shows what waits/],
    [['ledger', 'migrate'], /one process at a time/],
    [['ledger', 'copy', '--from', 'a.db'], /Name the database in the configuration first/],
    [['delete', 'people.csv', '--detach'], /Leave out --detach/],
  ])('expunge %j says what to do', async (command, message) => {
    const { code, messages } = await run(command);
    expect({ code, messages }).toEqual({ code: 1, messages: expect.stringMatching(message) });
  });
});

describe('with a ledger on PostgreSQL', () => {
  beforeEach(() => configure(onPostgres));

  it('names pg_dump, and copies nothing over a ledger that is not there', async () => {
    const backup = await run(['ledger', 'backup', 'b.dump']);
    expect(backup).toMatchObject({
      code: 1,
      messages: expect.stringMatching(/pg_dump .*--schema=expunge --file=b\.dump/),
    });
    const copy = await run(['ledger', 'copy', '--from', 'expunge.db']);
    expect(copy).toMatchObject({ code: 1, messages: expect.stringContaining('There is no ledger at') });
  });

  it.each([
    ['DATABASE_URL', undefined, 'DATABASE_URL is not set'],
    ['DATABASE_URL', 'test-password.example.com', 'holds no PostgreSQL address'],
    ['EXPUNGE_LEDGER_KEY', undefined, 'EXPUNGE_LEDGER_KEY is not set'],
    ['EXPUNGE_LEDGER_KEY', 'test-password', '64 hexadecimal digits'],
  ])('says what is wrong with %s %s, without its value', async (name, value, message) => {
    const { code, messages, output } = await run(['status', '--json'], { ...secrets, [name]: value ?? '' });
    expect({ code, messages }).toEqual({ code: 1, messages: expect.stringContaining(message) });
    expect(messages + output).not.toContain('test-password');
  });

  it('names every secret that is missing at once, with file, line and key', async () => {
    const { messages } = await run(['status'], {});
    expect(messages.split('\n')).toEqual([
      expect.stringMatching(/2 things are wrong in \/.*expunge\.config\.json:$/),
      expect.stringMatching(/ledger\.postgres\.url \(line \d+\): .*DATABASE_URL is not set, or empty\. Set it/),
      expect.stringMatching(/ledger\.key \(line \d+\): .*EXPUNGE_LEDGER_KEY is not set, or empty\. Set it/),
      '',
    ]);
  });

  it('says that the database is away, without its address', async () => {
    const { code, messages, output } = await run(['status', '--json'], { ...secrets, EXPUNGE_DEBUG: '1' });
    expect(code).toBe(1);
    expect(messages).toMatch(/can't be reached/);
    expect(messages + output).not.toMatch(/test-password|postgres:\/\/|127\.0\.0\.1:1\b/);
  });

  it('names the command that installs what is missing, and needs none of it elsewhere', async () => {
    workplace.write('package-lock.json', '{}');
    workplace.write(
      'nothing-installed.mjs',
      `import { registerHooks } from 'node:module';
registerHooks({
  resolve(specifier, context, next) {
    if (!/^pg(-boss)?$/.test(specifier)) return next(specifier, context);
    throw Object.assign(new Error(\`Cannot find package '\${specifier}'\`), { code: 'ERR_MODULE_NOT_FOUND' });
  },
});
`,
    );
    const hook = pathToFileURL(join(workplace.folder, 'nothing-installed.mjs')).href;
    const environment = { ...secrets, NODE_OPTIONS: `--import ${hook}` };
    const { code, messages } = await workplace.start(['status'], { environment }).ended;
    expect({ code, messages }).toEqual({
      code: 1,
      messages: expect.stringContaining('Run: npm install @expunge/postgres'),
    });
    configure({ sqlite: './expunge.db' });
    const deleted = await workplace.start(['delete', 'people.csv', '--wait', '0s'], { environment }).ended;
    expect(deleted.code).not.toBe(1);
  });
});
