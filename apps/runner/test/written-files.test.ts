import { existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Sandbox, startSandbox } from '@expunge/vendor-sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorkplace, type RunningProcess, type Workplace } from './expunge-process.ts';
import { sandboxConfig } from './sandbox-config.ts';

let sandbox: Sandbox<'altcraft'>;
let workplace: Workplace;

beforeEach(async () => {
  sandbox = await startSandbox({ vendors: ['altcraft'], limits: 'off' });
  sandbox.altcraft.seed(['ada@example.com']);
  workplace = openWorkplace();
  workplace.write('people.csv', 'request_id,email\nR-1,ada@example.com\n');
  workplace.write('expunge.config.json', sandboxConfig(sandbox, ['altcraft']));
});
afterEach(async () => {
  await workplace.close();
  await sandbox.close();
});

const at = (name: string) => join(workplace.folder, name);
const modeOf = (name: string) => (statSync(at(name)).mode & 0o777).toString(8);
const partials = () => readdirSync(workplace.folder).filter((name) => name.includes('partial'));
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Starts a command that writes a file and never gets to its end. Returns when something of it is on the disk. */
async function startEndless(...commandArguments: string[]): Promise<{ running: RunningProcess; partial: string }> {
  const preload = pathToFileURL(join(import.meta.dirname, 'never-finishes-writing.mjs')).href;
  const running = workplace.start(commandArguments, { environment: { NODE_OPTIONS: `--import ${preload}` } });
  await expect.poll(() => partials().map((name) => statSync(at(name)).size > 0)).toEqual([true]);
  return { running, partial: partials()[0] ?? '' };
}

describe.skipIf(process.platform === 'win32')('a file that a command writes', () => {
  beforeEach(async () => {
    expect((await workplace.run(['delete', 'people.csv'])).code).toBe(0);
  });

  it.each(signals)(
    "is only its owner's from the start, under a random name, and %s leaves nothing of it",
    async (signal) => {
      const names = new Set<string>();
      for (const command of [
        ['report', '--with-identifiers', '--output', 'out'],
        ['report', '--with-identifiers', '--output', 'out', '--format', 'json'],
        ['audit', 'export', 'out'],
      ]) {
        const { running, partial } = await startEndless(...command);
        expect(partial).toMatch(/^\.out\.[0-9a-f]{18}\.partial$/);
        expect(modeOf(partial)).toBe('600');
        names.add(partial);
        running.child.kill(signal);
        expect(await running.ended).toMatchObject({ code: exitCodes[signal] });
        expect(partials()).toEqual([]);
        expect(existsSync(at('out'))).toBe(false);
      }
      expect(names.size).toBe(3);
    },
  );

  it.each(signals)('of a run in a thread of its own is removed too, by the second %s', async (signal) => {
    const { running } = await startEndless('delete', 'people.csv', '--report', 'report.html');
    running.child.kill(signal);
    // The first one asks to stop, which a run that is over does anyway. Signals of one kind that come together count as one.
    const repeat = setInterval(() => running.child.kill(signal), 50);
    expect(await running.ended).toMatchObject({ code: exitCodes[signal] });
    clearInterval(repeat);
    expect(partials()).toEqual([]);
    expect(existsSync(at('report.html'))).toBe(false);
  });

  it('takes nothing from what an interrupted command left, and no link that lies there', async () => {
    workplace.write('precious', 'precious');
    writeFileSync(at('r.json.partial'), '', { mode: 0o644 });
    symlinkSync(at('precious'), at('r.html.partial'));
    for (const name of ['r.json', 'r.html']) {
      expect((await workplace.run(['report', '--with-identifiers', '--output', name])).code).toBe(0);
      expect(modeOf(name)).toBe('600');
      expect(readFileSync(at(name), 'utf8')).toContain('ada@example.com');
    }
    expect(readFileSync(at('precious'), 'utf8')).toBe('precious');
    expect(readFileSync(at('r.json.partial'), 'utf8')).toBe('');
  });

  it('does not keep the mode of the one in whose place it comes', async () => {
    writeFileSync(at('r.json'), 'of yesterday', { mode: 0o644 });
    expect((await workplace.run(['report', '--with-identifiers', '--output', 'r.json'])).code).toBe(0);
    expect(modeOf('r.json')).toBe('600');
    expect((await workplace.run(['report', '--output', 'plain.json'])).code).toBe(0);
    expect(Number.parseInt(modeOf('plain.json'), 8) & 0o444).toBeGreaterThan(0o400);
  });

  it('follows no symbolic link, wherever that leads', async () => {
    workplace.write('precious', 'precious');
    symlinkSync(at('precious'), at('link.json'));
    symlinkSync(at('nowhere'), at('dangling.json'));
    for (const link of ['link.json', 'dangling.json']) {
      for (const command of [
        ['report', '--output', link],
        ['report', '--with-identifiers', '--output', link],
        ['report', '--certificate', 'R-1', '--output', link],
        ['audit', 'export', link],
        ['ledger', 'backup', link],
        ['delete', 'people.csv', '--report', link],
      ]) {
        const { code, messages } = await workplace.run(command);
        expect({ command, code, messages }).toMatchObject({
          code: 1,
          messages: expect.stringMatching(/link\.json.*(symbolic link|exists already)|dangling\.json/),
        });
        expect(messages).not.toContain('unexpected');
      }
    }
    expect(readFileSync(at('precious'), 'utf8')).toBe('precious');
    expect(existsSync(at('nowhere'))).toBe(false);
    expect(partials()).toEqual([]);
  });

  it('that overwrites nothing says so, and leaves what is there as it is', async () => {
    workplace.write('audit.jsonl', 'of yesterday');
    expect(await workplace.run(['audit', 'export', 'audit.jsonl'])).toMatchObject({
      code: 1,
      messages: expect.stringContaining('exists already'),
    });
    expect(readFileSync(at('audit.jsonl'), 'utf8')).toBe('of yesterday');
    symlinkSync(at('elsewhere.yaml'), at('own.yaml'));
    expect(await workplace.run(['init', '--config', 'own.yaml'])).toMatchObject({
      code: 1,
      messages: expect.stringContaining('symbolic link'),
    });
    expect(existsSync(at('elsewhere.yaml'))).toBe(false);
    expect(partials()).toEqual([]);
  });

  it('is named where the folder takes no files', async () => {
    const { code, messages } = await workplace.run(['report', '--certificate', 'R-1', '--output', 'no/c.json']);
    expect(code).toBe(1);
    expect(messages).toContain("The certificate can't go to");
    expect(messages).toContain('there is no folder');
  });
});
