import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isForThread } from '../src/run-in-thread.ts';

const program = join(import.meta.dirname, 'command-in-thread.ts');

/** Runs a command in a thread of a process of its own. `onOutput` may send it a signal. */
async function run(command: string, { input = '', onOutput = (_kill: () => void) => {} } = {}) {
  const child = spawn(process.execPath, [program, command], { stdio: ['pipe', 'pipe', 'pipe'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let output = '';
  let messages = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (output === '') onOutput(() => child.kill('SIGTERM'));
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    messages += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const code = await new Promise((resolve) => child.once('close', resolve));
  return { code, output, messages };
}

it.each(['delete', 'resume', 'work'])('%s runs in a thread of its own', (command) => {
  expect(isForThread([command, 'people.csv'])).toBe(true);
});

it.each(['status', 'report', 'queue', 'ledger', '--help'])('%s does not', (command) => {
  expect(isForThread([command, 'delete', 'work'])).toBe(false);
});

describe('a command in a thread', () => {
  it('has a bounded heap', async () => {
    const { code, output } = await run('limits');
    expect(code).toBe(0);
    expect(JSON.parse(output)).toMatchObject({ maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 2000 });
  });

  it('says all that it has to say, and how it ended', async () => {
    const { code, output, messages } = await run('speak');
    expect({ code, messages }).toEqual({ code: 3, messages: 'said' });
    expect(output.trimEnd().split('\n')).toEqual(Array.from({ length: 20_000 }, (_, line) => `line ${line}`));
  });

  it('gets all of standard input, and its end', async () => {
    const input = 'a person a line\n'.repeat(50_000);
    expect(await run('count', { input })).toEqual({ code: 0, output: `${input.length} bytes`, messages: '' });
  });

  it('is asked to stop, where it stops by itself', async () => {
    const ended = await run('drain', { onOutput: (kill) => kill() });
    expect(ended).toEqual({ code: 0, output: 'at work, drained', messages: '' });
  });

  it('is ended, where it does not', async () => {
    const ended = await run('idle', { onOutput: (kill) => kill() });
    expect(ended).toEqual({ code: 143, output: 'idle', messages: '' });
  });

  it('that breaks ends with an error, and without what the error says', async () => {
    const { code, messages } = await run('break');
    expect(code).toBe(1);
    expect(messages).toContain('The thread of the command broke, and was ended.');
    expect(messages).not.toContain('person@example.com');
  });
});
