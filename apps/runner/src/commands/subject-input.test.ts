import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeConfigured } from '../../test/fake-connector.ts';
import { type FakeEnvironment, fakeEnvironment } from '../../test/fake-environment.ts';
import { loadConfig } from '../config/load-config.ts';
import { createContext } from './command-context.ts';
import { type CheckedInput, type SubjectArguments, withSubjects } from './subject-input.ts';

let folder: string;
let processEnvironment: FakeEnvironment;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runner-test-'));
  processEnvironment = fakeEnvironment({ workingFolder: folder });
  write(
    'expunge.config.json',
    JSON.stringify({ ledger: { sqlite: 'a.db' }, connectors: { acme: { package: 'acme' } } }),
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

async function withPeople<Result>(given: SubjectArguments, work: (input: CheckedInput) => Promise<Result>) {
  const loaded = await loadConfig(processEnvironment, undefined);
  return await withSubjects(
    createContext(processEnvironment, {}),
    { loaded, connectors: [fakeConfigured()] },
    given,
    work,
  );
}

async function peopleOf(input: CheckedInput): Promise<(string | undefined)[]> {
  const values: (string | undefined)[] = [];
  for await (const { subject } of input.requests()) values.push(subject.identifiers[0]?.value);
  return values;
}

describe('withSubjects', () => {
  it.each([
    ['written over', (path: string) => writeFileSync(path, 'user_id\neva\nfay\n')],
    ['grown', (path: string) => writeFileSync(path, 'user_id\nada\nbob\neva\n')],
    ['cut off', (path: string) => writeFileSync(path, '')],
    ['removed', (path: string) => renameSync(path, `${path}.old`)],
  ])('imports whom it counted, although the file is %s while they are confirmed', async (_what, change) => {
    write('people.csv', 'user_id\nada\nbob\n');
    const people = await withPeople({ path: 'people.csv' }, async (input) => {
      change(join(folder, 'people.csv'));
      return { counted: input.valid, takenIn: await peopleOf(input) };
    });
    expect(people).toEqual({ counted: 2, takenIn: ['ada', 'bob'] });
  });

  it('imports the same people when the file is written over during the import', async () => {
    const text = (name: string) =>
      `user_id\n${Array.from({ length: 20_000 }, (_, index) => `${name}-${index}`).join('\n')}\n`;
    write('people.csv', text('ada'));
    const people = await withPeople({ path: 'people.csv' }, async (input) => {
      const values: string[] = [];
      for await (const { subject } of input.requests()) {
        if (values.length === 500) write('people.csv', text('eva'));
        values.push(subject.identifiers[0]?.value ?? '');
      }
      return values;
    });
    expect(people).toHaveLength(20_000);
    expect(people.filter((value) => !value.startsWith('ada-'))).toEqual([]);
  });

  it('keeps every issue of a file for --json', async () => {
    write('people.csv', `user_id\nada\n${'null\n'.repeat(5000)}`);
    const refusal = withPeople({ path: 'people.csv' }, peopleOf);
    await expect(refusal).rejects.toMatchObject({ moreIssues: 0, issues: { length: 5000 } });
  });

  it('names the rows that --skip-invalid leaves out, and where the rest is listed', async () => {
    write('people.csv', `user_id\nada\n${'null\n'.repeat(1200)}`);
    expect(await withPeople({ path: 'people.csv', skipInvalid: true }, peopleOf)).toEqual(['ada']);
    const lines = processEnvironment.messages.text.trimEnd().split('\n');
    expect(lines.filter((line) => /line \d+: user_id: the value is a placeholder/.test(line))).toHaveLength(1000);
    expect(lines.at(-1)).toContain(
      'and 200 more issues; "expunge plan" with --json and without --skip-invalid lists them all',
    );
  });
});
