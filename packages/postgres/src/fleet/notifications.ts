/** Who waits for news of which connector. */
export class Notifications {
  readonly #listeners = new Map<string, Set<() => void>>();

  /** Calls `listener` with every piece of news about a connector. Returns what ends that. */
  listen(connector: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(connector) ?? new Set();
    this.#listeners.set(connector, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }

  /** Tells those who wait for news of a connector; of all, where none is named. */
  tell(connector?: string): void {
    const told = connector === undefined ? [...this.#listeners.values()] : [this.#listeners.get(connector) ?? []];
    for (const listeners of told) for (const listener of listeners) listener();
  }
}
