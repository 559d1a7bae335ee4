import type { DeletionConnector } from '@expunge/core';
import { expect } from 'vitest';

type Event =
  | { readonly type: 'sent' | 'acted' | 'lied'; readonly connector: string; readonly values: readonly string[] }
  | { readonly type: 'held'; readonly connector: string; readonly value: string }
  | { readonly type: 'released'; readonly values: readonly string[] }
  | { readonly type: 'reopened' };

/** What happened in which order, as seen from outside of the engine. */
export class RecordedHistory {
  readonly #events: Event[] = [];

  /** Records what a connector is asked to send. */
  recording(connector: string, recorded: DeletionConnector): DeletionConnector {
    return {
      ...recorded,
      submit: (targets) => {
        this.#events.push({ type: 'sent', connector, values: targets.map(({ value }) => value) });
        return recorded.submit(targets);
      },
    };
  }

  acted(connector: string, values: readonly string[], isLie: boolean): void {
    this.#events.push({ type: isLie ? 'lied' : 'acted', connector, values });
  }

  held(connector: string, value: string): void {
    this.#events.push({ type: 'held', connector, value });
  }

  released(values: readonly string[]): void {
    this.#events.push({ type: 'released', values });
  }

  reopened(): void {
    this.#events.push({ type: 'reopened' });
  }

  wasLiedAbout(connector: string, value: string): boolean {
    return this.#events.some(
      (event) => event.type === 'lied' && event.connector === connector && event.values.includes(value),
    );
  }

  /** Nothing is sent between the moment in which it was put on hold and its release. */
  expectHoldsKept(): void {
    const held = new Set<string>();
    for (const event of this.#events) {
      if (event.type === 'held') held.add(`${event.connector} ${event.value}`);
      if (event.type === 'released') {
        for (const key of [...held]) if (event.values.some((value) => key.endsWith(` ${value}`))) held.delete(key);
      }
      if (event.type !== 'sent') continue;
      for (const value of event.values) expect([...held]).not.toContain(`${event.connector} ${value}`);
    }
  }

  /** Nothing that the vendor acted on is sent again, unless the operator decided so. */
  expectNoRepeat(connector: string, value: string): void {
    let hasActed = false;
    for (const event of this.#events) {
      if (event.type === 'reopened') hasActed = false;
      if (event.type !== 'sent' && event.type !== 'acted') continue;
      if (event.connector !== connector || !event.values.includes(value)) continue;
      if (event.type === 'acted') hasActed = true;
      else expect({ connector, value, wasSentAgain: hasActed }).toMatchObject({ wasSentAgain: false });
    }
  }
}
