import { expect } from 'vitest';
import { numbersIn } from '../src/ledger/number-ranges.ts';
import type { TaskRow } from '../src/ledger/rows.ts';
import { type AuditEntry, checkChain } from '../src/proof/audit-chain.ts';

// Where a task may go from where it stands. Nothing that ended begins again, except what failed, by decision.
const ways: Readonly<Record<string, readonly string[]>> = {
  nothing: ['pre-read', 'ready', 'held', 'skipped'],
  'pre-read': ['pre-read', 'ready', 'held', 'cancelled'],
  ready: ['submitting', 'held', 'cancelled'],
  submitting: ['held', 'in-doubt', 'ready', 'waiting', 'read-back', 'deleted', 'absent', 'accepted', 'failed'],
  'in-doubt': ['held', 'in-doubt', 'submitting', 'ready', 'waiting', 'deleted'],
  waiting: ['held', 'read-back', 'ready', 'deleted', 'partial', 'failed', 'cancelled'],
  'read-back': ['held', 'read-back', 'ready', 'deleted', 'absent', 'accepted', 'contradicted'],
  held: ['held', 'pre-read', 'ready', 'cancelled'],
  failed: ['held', 'ready'],
  partial: ['held', 'ready'],
  contradicted: ['held', 'ready'],
  skipped: ['replaced'],
};

/** An audit log is intact, only tells of moves that may be, and ends with the states in which the tasks are. */
export function expectLogToTellTheStates(entries: readonly AuditEntry[], tasks: readonly TaskRow[]): void {
  expect(checkChain(entries)).toMatchObject({ isIntact: true, entries: entries.length });
  const states = new Map<number, string>();
  for (const { text } of entries) {
    const entry: { type: string; tasks?: string; from?: string; to?: string } = JSON.parse(text);
    if (entry.type !== 'moved') continue;
    for (const task of numbersIn(entry.tasks ?? '')) {
      const { from, to = '' } = entry;
      expect(states.get(task)).toBe(from);
      expect({ from, to, mayBe: ways[from ?? 'nothing']?.includes(to) }).toMatchObject({ mayBe: true });
      states.set(task, to);
    }
  }
  expect([...states].sort(([a], [b]) => a - b)).toEqual(
    tasks.map(({ task, state }): [number, string] => [task, state]).sort(([a], [b]) => a - b),
  );
}
