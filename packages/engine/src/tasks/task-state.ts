/** What the engine, the ledger and reports have to know of a state. */
export interface StateFacts {
  /** One sentence: what a task in this state is. The table in `docs/architecture.md` is made of it. */
  readonly meaning: string;
  /** Whether nothing more happens to the task by itself. */
  readonly isFinal: boolean;
  /** Whether the engine looks for the task by its time (`next_at`). A waiting task has its submission's time. */
  readonly isTimed: boolean;
  /** Whether it is to be sent: it may be cancelled unless an earlier call may have had an effect. */
  readonly isToBeSent: boolean;
  /** Whether connectors that come after this one still have to wait for the request. */
  readonly isUnsent: boolean;
  /** Whether nothing is called for the task while somebody is on hold who wants its record gone. */
  readonly stopsOnHold: boolean;
  /**
   * What reaching this state says about the vendor. `none`: nothing new. `unknown`: one call more may have acted.
   * `possible`: the vendor took the deletion.
   */
  readonly effect: 'none' | 'unknown' | 'possible';
  /** How the task counts in the result of its request. */
  readonly countsAs: 'open' | 'done' | 'undone' | 'cancelled' | 'skipped';
}

const open = { isFinal: false, countsAs: 'open' } as const;
const final = { isFinal: true, isTimed: false, isToBeSent: false, isUnsent: false, stopsOnHold: false } as const;

/** Every state of a task. Every list of states, in TypeScript and in SQL, is made of this table. */
export const taskStates = {
  'pre-read': {
    ...open,
    meaning: 'the record is read first, so that its absence can prove something later',
    isTimed: true,
    isToBeSent: true,
    isUnsent: true,
    stopsOnHold: true,
    effect: 'none',
  },
  blocked: {
    ...open,
    meaning: 'another connector has to be sent the request first',
    isTimed: false,
    isToBeSent: true,
    isUnsent: true,
    stopsOnHold: true,
    effect: 'none',
  },
  ready: {
    ...open,
    meaning: 'to be submitted, now or when its time comes',
    isTimed: true,
    isToBeSent: true,
    isUnsent: true,
    stopsOnHold: true,
    effect: 'none',
  },
  submitting: {
    ...open,
    meaning: 'the intent is committed; the call may be on its way',
    isTimed: false,
    isToBeSent: false,
    isUnsent: true,
    stopsOnHold: false,
    effect: 'none',
  },
  'in-doubt': {
    ...open,
    meaning: 'a call ended without telling whether the vendor acted; the engine finds out or repeats it',
    isTimed: true,
    isToBeSent: false,
    isUnsent: true,
    stopsOnHold: true,
    effect: 'unknown',
  },
  'needs-review': {
    ...open,
    meaning: 'only a person may decide how it goes on',
    isTimed: false,
    isToBeSent: false,
    isUnsent: true,
    stopsOnHold: false,
    effect: 'unknown',
  },
  waiting: {
    ...open,
    meaning: 'the vendor took it and gave a receipt; the vendor is asked how it ended',
    isTimed: false,
    isToBeSent: false,
    isUnsent: false,
    stopsOnHold: false,
    effect: 'possible',
  },
  'read-back': {
    ...open,
    meaning: 'done as far as the vendor says; to be read back',
    isTimed: true,
    isToBeSent: false,
    isUnsent: false,
    stopsOnHold: false,
    effect: 'possible',
  },
  deleted: { ...final, meaning: 'gone: `verified` or `confirmed`', effect: 'possible', countsAs: 'done' },
  absent: { ...final, meaning: 'there was nothing to delete: `confirmed`', effect: 'possible', countsAs: 'done' },
  accepted: {
    ...final,
    meaning: "taken; whether it finished can't be observed",
    effect: 'possible',
    countsAs: 'done',
  },
  partial: {
    ...final,
    meaning: 'the vendor ended with parts not done, and names them',
    effect: 'possible',
    countsAs: 'undone',
  },
  failed: { ...final, meaning: 'will not be done unless a person acts', effect: 'none', countsAs: 'undone' },
  contradicted: {
    ...final,
    meaning: 'the vendor says done, and the record is still there',
    effect: 'possible',
    countsAs: 'undone',
  },
  skipped: { ...final, meaning: 'no usable identifier; nothing was sent', effect: 'none', countsAs: 'skipped' },
  cancelled: { ...final, meaning: 'cancelled before it began', effect: 'none', countsAs: 'cancelled' },
} as const satisfies Readonly<Record<string, StateFacts>>;

/** Where one task stands. {@link taskStates} says what each state means. */
export type TaskState = keyof typeof taskStates;

/** The states of which a fact is true, in the table's order. */
export function statesThat(isMeant: (facts: StateFacts) => boolean): readonly TaskState[] {
  return allStates.filter((state) => isMeant(taskStates[state]));
}

const allStates = Object.keys(taskStates) as TaskState[];

/** States in which something is still to be done. */
export const openStates: readonly TaskState[] = statesThat(({ isFinal }) => !isFinal);

/** States that end a task. */
export const terminalStates: readonly TaskState[] = statesThat(({ isFinal }) => isFinal);

/** Whether nothing more happens to a task in this state. */
export function isTerminal(state: TaskState): boolean {
  return taskStates[state].isFinal;
}

/** States as a list in a statement: `'ready', 'in-doubt'`. */
export function inSql(states: readonly TaskState[]): string {
  return states.map((state) => `'${state}'`).join(', ');
}

/** The states that a connector's work is looked for by their time. */
export type TimedState = {
  [State in TaskState]: (typeof taskStates)[State]['isTimed'] extends true ? State : never;
}[TaskState];

/** All of {@link TimedState}. */
export const timedStates = statesThat(({ isTimed }) => isTimed) as readonly TimedState[];

/** Whether the vendor may have acted on a task: certainly not; by one call without an answer; by more, or it took it. */
export type Effect = 'none' | 'unknown' | 'possible';

/** What our own read saw before the deletion. `unread`: nothing was read; the reason stands beside it. */
export type ReadBefore = 'present' | 'absent' | 'unread';
