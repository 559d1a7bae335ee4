import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorkplace, type Workplace } from './expunge-process.ts';

let workplace: Workplace;
beforeEach(() => {
  workplace = openWorkplace();
});
afterEach(() => workplace.close());

const commands = ['init', 'check', 'plan', 'delete', 'resume', 'status', 'cancel', 'report', 'connectors'];

describe('expunge', () => {
  it.each(commands)('%s --help shows an example', async (command) => {
    const { code, output, messages } = await workplace.run([command, '--help']);
    expect({ code, messages }).toEqual({ code: 0, messages: '' });
    expect(output).toContain(`$ expunge ${command}`);
    expect(output).toContain('--json');
  });

  it('lists every command and the exit codes', async () => {
    const { code, output } = await workplace.run(['--help']);
    expect(code).toBe(0);
    for (const command of commands) expect(output).toContain(command);
    expect(output).toContain('4 before 2 before 5 before 3');
  });

  // How long it takes is for `pnpm bench start` to say; a test that looked at a clock would look at the machine.
  it('answers --help at once: it loads what prints it, and nothing that works', async () => {
    const file = join(workplace.folder, 'modules.txt');
    const preload = pathToFileURL(join(import.meta.dirname, 'record-modules.mjs')).href;
    const environment = { NODE_OPTIONS: `--import ${preload}`, RECORDED_MODULES: file };
    expect((await workplace.start(['--help'], { environment }).ended).code).toBe(0);
    const modules = new Set(readFileSync(file, 'utf8').trimEnd().split('\n'));
    const packages = [...modules].filter((module) => !/^(node:|file:|\.)/.test(module));
    // Words alone, without anything that they would load.
    expect(packages.sort()).toEqual(['@expunge/report/words', 'commander', 'picocolors']);
  });

  it.each([
    [[]],
    [['purge']],
    [['status', '--all']],
    [['cancel']],
    [['resume', '--wait', 'soon']],
    [['delete', 'a.csv', '--confirm', 'yes']],
  ])('refuses %j with exit code 1', async (commandArguments) => {
    const { code, output, messages } = await workplace.run(commandArguments);
    expect({ code, output }).toEqual({ code: 1, output: '' });
    expect(messages).not.toBe('');
  });

  it('prints one JSON document also when the usage is wrong', async () => {
    const { code, output } = await workplace.run(['status', '--all', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(output)).toMatchObject({ exitCode: 1, error: { message: "unknown option '--all'" } });
  });

  it('prints its version', async () => {
    const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'));
    expect((await workplace.run(['--version'])).output.trim()).toBe(manifest.version);
  });
});

describe('expunge init', () => {
  const git = (...given: string[]) => execFileSync('git', given, { cwd: workplace.folder, encoding: 'utf8' });

  it('writes a starter that check understands, and says what to do next', async () => {
    const { code, output } = await workplace.run(['init', 'clevertap', 'mixpanel-gdpr']);
    expect(code).toBe(0);
    expect(output).toMatch(/install @expunge\/connector-mixpanel @expunge\/connector-clevertap[\s\S]*expunge check/);
    expect(readFileSync(join(workplace.folder, 'expunge.config.yaml'), 'utf8')).toContain('CLEVERTAP_PASSCODE');
    const listed = await workplace.run(['connectors', '--json']);
    expect(JSON.parse(listed.output)).toMatchObject({
      connectors: [
        { name: 'mixpanel-gdpr', vendor: 'mixpanel', capabilities: { reach: 'person' } },
        { name: 'clevertap', vendor: 'clevertap' },
      ],
    });
  });

  it('keeps the ledger out of a git repository, and leaves what stands in its .gitignore', async () => {
    await workplace.run(['init', 'clevertap', '--config', 'outside.yaml']);
    expect(existsSync(join(workplace.folder, '.gitignore'))).toBe(false);
    git('init', '--quiet');
    workplace.write('.gitignore', '/expunge.db*\nnode_modules');
    await workplace.run(['init', 'clevertap', '--config', 'first.yaml']);
    const text = '/expunge.db*\nnode_modules\n.*.partial\n';
    expect(readFileSync(join(workplace.folder, '.gitignore'), 'utf8')).toBe(text);
    await workplace.run(['init', 'clevertap', '--config', 'second.yaml']);
    expect(readFileSync(join(workplace.folder, '.gitignore'), 'utf8')).toBe(text);
    for (const name of [
      'expunge.db',
      'expunge.db.key',
      'expunge.db.key.next',
      'expunge.db-wal',
      '.report.html.00.partial',
    ]) {
      expect({ name, isIgnored: git('check-ignore', name).includes(name) }).toEqual({ name, isIgnored: true });
    }
    rmSync(join(workplace.folder, '.gitignore'));
    symlinkSync('elsewhere', join(workplace.folder, '.gitignore'));
    const { code, messages } = await workplace.run(['init', 'clevertap', '--config', 'third.yaml']);
    expect({ code, messages }).toMatchObject({ code: 0, messages: expect.stringContaining('expunge.db* .*.partial') });
    expect(existsSync(join(workplace.folder, 'elsewhere'))).toBe(false);
  });

  it('never writes over a configuration', async () => {
    workplace.write('expunge.config.ts', 'export default {};');
    const { code, messages } = await workplace.run(['init', 'clevertap']);
    expect({ code, messages }).toMatchObject({ code: 1, messages: expect.stringContaining('Nothing was written') });
    expect(existsSync(join(workplace.folder, 'expunge.config.yaml'))).toBe(false);
    workplace.write('mine.yaml', 'x');
    expect((await workplace.run(['init', '--config', 'mine.yaml'])).code).toBe(1);
    expect(readFileSync(join(workplace.folder, 'mine.yaml'), 'utf8')).toBe('x');
  });

  it('names what it has starters for', async () => {
    const { code, messages } = await workplace.run(['init', 'intercom']);
    expect({ code, messages }).toMatchObject({
      code: 1,
      messages: expect.stringContaining('mixpanel, mixpanel-profile'),
    });
  });
});
