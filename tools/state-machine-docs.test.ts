import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { taskStates } from '../packages/engine/src/tasks/task-state.ts';
import { readFiles } from './read-workspace.ts';
import { refreshStateMachine } from './state-machine-docs.ts';

const root = join(import.meta.dirname, '..');

describe('the architecture page', () => {
  const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');

  it('shows the state machine as it is (node tools/state-machine-docs.ts)', () => {
    expect(page).toBe(refreshStateMachine(page));
  });

  it('is read in ten minutes: 2,500 words, the table and the diagram included', () => {
    expect(page.split(/\s+/).length).toBeLessThanOrEqual(2500);
  });
});

describe('the ledger', () => {
  const sources = ['engine', 'postgres'].flatMap((name) =>
    [...readFiles(join(root, 'packages', name, 'src'))]
      .filter(([path]) => path.endsWith('.ts') && !path.includes('.test.'))
      .map(([path, text]) => [`${name}/${path}`, text] as const),
  );

  it('has one file that writes the state of a task', () => {
    const writes = /UPDATE tasks SET(?:(?!WHERE)[^;`])*\bstate\s*=|table: 'tasks'|updateOf\(columns\)\}/;
    // A migration writes states once, in words of its own version.
    const writers = sources.filter(([path, text]) => !path.endsWith('schema.ts') && writes.test(text));
    expect(writers.map(([path]) => path)).toEqual(['engine/ledger/store/task-writer.ts']);
  });

  it('writes no list of states by hand', () => {
    const names = Object.keys(taskStates).join('|');
    const list = new RegExp(`'(${names})', '(${names})'`);
    const places = sources.filter(
      ([path, text]) => !/schema\.ts$|tasks\/|job-queues\.ts$/.test(path) && list.test(text),
    );
    expect(places.map(([path]) => path)).toEqual([]);
  });
});
