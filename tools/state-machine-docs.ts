/**
 * Shows the state machine in docs/architecture.md as the engine has it: the table of states, and a diagram of the moves.
 *
 *   node tools/state-machine-docs.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type StateFacts, type TaskState, taskStates } from '../packages/engine/src/tasks/task-state.ts';
import { nextStates, type TaskEventName, transitions } from '../packages/engine/src/tasks/transitions.ts';

const page = fileURLToPath(new URL('../docs/architecture.md', import.meta.url));
const states = Object.keys(taskStates) as TaskState[];

/** The page with what the engine has today between its marks. */
export function refreshStateMachine(text: string): string {
  return between(between(text, 'states', stateTable()), 'moves', diagram());
}

function between(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name}: made by tools/state-machine-docs.ts -->`, `<!-- end of ${name} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/architecture.md has no marks for ${name}.`);
  return `${text.slice(0, from + begin.length)}\n\n${content}\n\n${text.slice(to)}`;
}

function stateTable(): string {
  const yes = (is: boolean) => (is ? 'yes' : '');
  const rows = states.map((state) => {
    const facts: StateFacts = taskStates[state];
    const cells = [
      `\`${state}\``,
      facts.meaning,
      facts.isFinal ? `final: ${facts.countsAs}` : 'open',
      yes(facts.isToBeSent),
      yes(facts.isUnsent),
      yes(facts.stopsOnHold),
      facts.effect === 'none' ? '' : facts.effect,
    ];
    return `|${cells.join('|')}|`;
  });
  return [
    '|state|meaning|counts as|may be cancelled|others wait for it|stops on hold|vendor may have acted|',
    '|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function diagram(): string {
  const lines = ['```mermaid', 'stateDiagram-v2'];
  for (const from of states) {
    const byTarget = new Map<TaskState, TaskEventName[]>();
    for (const event of Object.keys(transitions[from]) as TaskEventName[]) {
      for (const to of nextStates(from, event) ?? []) {
        if (to !== from) byTarget.set(to, [...(byTarget.get(to) ?? []), event]);
      }
    }
    for (const [to, events] of byTarget) lines.push(`  ${id(from)} --> ${id(to)}: ${events.join(', ')}`);
  }
  return [...lines, '```'].join('\n');
}

// A hyphen is an operator there.
function id(state: TaskState): string {
  return state.replaceAll('-', '_');
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(page, refreshStateMachine(readFileSync(page, 'utf8')));
