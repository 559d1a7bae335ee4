import { createLazySchedule, type LazySchedule } from './kit/lazy-schedule.ts';
import type { SandboxClock } from './kit/sandbox-clock.ts';
import type { OpenDsrIdentity, OpenDsrPeople } from './opendsr-people.ts';
import type { OpenDsrSettings } from './opendsr-settings.ts';

export type OpenDsrStatus = 'pending' | 'in_progress' | 'completed' | 'cancelled';

/** A request as the processor took it. */
export interface OpenDsrRequest {
  readonly id: string;
  readonly type: string;
  readonly identities: readonly OpenDsrIdentity[];
  readonly callbackUrls: readonly string[];
  /** The whole body as it came. */
  readonly body: string;
  readonly receivedAt: number;
  readonly status: OpenDsrStatus;
}

interface Entry extends OpenDsrRequest {
  status: OpenDsrStatus;
}

/** The requests of one controller, which proceed by the sandbox's clock whenever somebody looks. */
export class OpenDsrRequests {
  readonly #entries = new Map<string, Entry>();
  readonly #settings: OpenDsrSettings;
  readonly #people: OpenDsrPeople;
  readonly #schedule: LazySchedule;
  readonly #changed: (request: OpenDsrRequest) => void;

  /** `changed` is told of every change of status. */
  constructor(
    settings: OpenDsrSettings,
    people: OpenDsrPeople,
    clock: SandboxClock,
    changed: (request: OpenDsrRequest) => void,
  ) {
    this.#settings = settings;
    this.#people = people;
    this.#schedule = createLazySchedule(clock);
    this.#changed = changed;
  }

  runDue(): void {
    this.#schedule.runDue();
  }

  all(): readonly OpenDsrRequest[] {
    this.runDue();
    return [...this.#entries.values()].map((entry) => ({ ...entry }));
  }

  find(id: string): OpenDsrRequest | undefined {
    this.runDue();
    return this.#entries.get(id);
  }

  /** Whether a request for exactly these identities is open. */
  hasOpen(identities: readonly OpenDsrIdentity[]): boolean {
    this.runDue();
    const wanted = setOf(identities);
    return [...this.#entries.values()].some(
      ({ status, identities: other }) => (status === 'pending' || status === 'in_progress') && setOf(other) === wanted,
    );
  }

  add(request: Omit<OpenDsrRequest, 'status'>): void {
    const entry: Entry = { ...request, status: 'pending' };
    this.#entries.set(entry.id, entry);
    this.#changed({ ...entry });
    const { beginsAfterMs, finishesAfterMs } = this.#settings;
    this.#schedule.plan(request.receivedAt + beginsAfterMs, () => this.#move(entry, 'pending', 'in_progress'));
    this.#schedule.plan(request.receivedAt + finishesAfterMs, () => {
      if (!this.#move(entry, 'in_progress', 'completed')) return;
      if (entry.type === 'erasure') this.#people.erase(entry.identities);
    });
  }

  /** @returns Whether it was pending. */
  cancel(id: string): boolean {
    this.runDue();
    const entry = this.#entries.get(id);
    return entry !== undefined && this.#move(entry, 'pending', 'cancelled');
  }

  #move(entry: Entry, from: OpenDsrStatus, to: OpenDsrStatus): boolean {
    if (entry.status !== from) return false;
    entry.status = to;
    this.#changed({ ...entry });
    return true;
  }
}

function setOf(identities: readonly OpenDsrIdentity[]): string {
  return JSON.stringify(
    identities.map((each) => [each.identity_type, each.identity_format, each.identity_value].join('\n')).sort(),
  );
}
