import { expect } from 'vitest';
import { numbersIn } from '../src/ledger/number-ranges.ts';
import type { TaskRow } from '../src/ledger/reports.ts';
import { type AuditEntry, checkChain } from '../src/proof/audit-chain.ts';
import type { TaskState } from '../src/tasks/task-state.ts';
import { nextStates, type TaskEventName } from '../src/tasks/transitions.ts';

// Where a new task may begin.
const beginnings: readonly string[] = ['pre-read', 'ready', 'blocked', 'skipped'];

/** Whether the table of transitions has the move that an entry tells of. */
function mayBe(from: string | undefined, event: string | undefined, to: string): boolean {
  if (from === undefined) return beginnings.includes(to);
  if (to === 'replaced') return from === 'skipped';
  return nextStates(from as TaskState, event as TaskEventName)?.includes(to as TaskState) === true;
}

/** An audit log is intact, only tells of moves that may be, and ends with the states in which the tasks are. */
export function expectLogToTellTheStates(entries: readonly AuditEntry[], tasks: readonly TaskRow[]): void {
  expect(checkChain(entries)).toMatchObject({ isIntact: true, entries: entries.length });
  const states = new Map<number, string>();
  for (const { text } of entries) {
    const entry: { type: string; tasks?: string; event?: string; from?: string; to?: string } = JSON.parse(text);
    if (entry.type !== 'moved') continue;
    for (const task of numbersIn(entry.tasks ?? '')) {
      const { from, event, to = '' } = entry;
      expect(states.get(task)).toBe(from);
      expect({ from, event, to, mayBe: mayBe(from, event, to) }).toMatchObject({ mayBe: true });
      states.set(task, to);
    }
  }
  expect([...states].sort(([a], [b]) => a - b)).toEqual(
    tasks.map(({ task, state }): [number, string] => [task, state]).sort(([a], [b]) => a - b),
  );
}
