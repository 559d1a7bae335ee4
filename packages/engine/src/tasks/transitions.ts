import type { TaskState } from './task-state.ts';

// A deletion that is to be sent waits where another connector has to be sent the request first.
const toBeSent = ['ready', 'blocked'] as const;
const vendorsWord = ['read-back', 'deleted', 'absent', 'accepted'] as const;

/**
 * Where a task may go: by its state, and by what happens to it. Nothing else decides that: `transition.ts` picks one of
 * these, and the ledger's writer refuses everything else.
 */
export const transitions = {
  'pre-read': {
    'read-before': toBeSent,
    'read-before-failed': ['pre-read', ...toBeSent],
    'read-before-given-up': toBeSent,
    cancel: ['cancelled'],
    'page-damaged': ['needs-review'],
  },
  blocked: {
    'others-sent': ['ready'],
    cancel: ['cancelled'],
    'page-damaged': ['needs-review'],
  },
  ready: {
    'must-wait': ['blocked'],
    'submit-started': ['submitting'],
    cancel: ['cancelled'],
    'page-damaged': ['needs-review'],
  },
  submitting: {
    'submit-answered': ['waiting', ...vendorsWord, ...toBeSent, 'failed'],
    'submit-failed': [...toBeSent, 'in-doubt', 'needs-review', 'failed'],
    'submit-withheld': [...toBeSent, 'in-doubt'],
    interrupted: ['in-doubt'],
  },
  'in-doubt': {
    'submit-started': ['submitting'],
    'call-recovered': ['waiting'],
    'call-not-executed': toBeSent,
    'call-unresolved': ['in-doubt', 'needs-review'],
    'seen-gone': ['deleted', 'needs-review'],
    'page-damaged': ['needs-review'],
  },
  'needs-review': {
    resend: toBeSent,
  },
  waiting: {
    'check-answered': [...vendorsWord, ...toBeSent, 'partial', 'failed', 'needs-review'],
    'check-failed': ['needs-review'],
    'cancelled-at-vendor': ['cancelled'],
  },
  'read-back': {
    'read-back': [...vendorsWord, ...toBeSent, 'contradicted'],
    'read-back-failed': vendorsWord,
    'page-damaged': ['needs-review'],
    'cancelled-at-vendor': ['needs-review'],
  },
  deleted: { 'cancelled-at-vendor': ['needs-review'] },
  absent: {},
  accepted: {},
  partial: { retry: toBeSent },
  failed: { retry: toBeSent },
  contradicted: { retry: toBeSent },
  skipped: {},
  cancelled: { restore: ['pre-read', ...toBeSent] },
} as const satisfies Readonly<Record<TaskState, Readonly<Record<string, readonly TaskState[]>>>>;

/** What can happen to a task. */
export type TaskEventName = { [State in TaskState]: keyof (typeof transitions)[State] }[TaskState];

/** Where an event may take a task from a state; undefined where the event can't happen there. */
export function nextStates(state: TaskState, event: TaskEventName): readonly TaskState[] | undefined {
  const events: Readonly<Partial<Record<TaskEventName, readonly TaskState[]>>> = transitions[state];
  return events[event];
}

/** The states in which an event can happen. */
export function statesBefore(event: TaskEventName): readonly TaskState[] {
  return (Object.keys(transitions) as TaskState[]).filter((state) => nextStates(state, event) !== undefined);
}
