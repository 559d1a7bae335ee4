import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { ConnectorError, type DeletionConnector } from '@expunge/core';
import { inject } from 'vitest';
import type { ConfiguredConnector } from '../src/engine/configured-connector.ts';
import type { AutoClock } from './auto-clock.ts';
import { openCuttableProxy } from './cuttable-proxy.ts';
import { openSetting, temporaryFolder } from './setting.ts';
import { isOnPostgres } from './test-ledger.ts';

/** An engine over a ledger file that can crash in the middle of a call. */
export class CrashingEngine {
  readonly #setting: Awaited<ReturnType<typeof openSetting>>;
  readonly #state: ProcessState;

  private constructor(setting: Awaited<ReturnType<typeof openSetting>>, state: ProcessState) {
    this.#setting = setting;
    this.#state = state;
  }

  /**
   * Opens it. `onCall` is called when a call starts and when it ends: moments in which something may happen.
   */
  static async open(
    connectors: readonly ConfiguredConnector[],
    options: { readonly path: string; readonly clock: AutoClock; readonly maxAttempts: number; onCall(): void },
  ): Promise<CrashingEngine> {
    const proxy = isOnPostgres ? await openCuttableProxy(inject('postgresUrl')) : undefined;
    const state: ProcessState = { path: options.path, crashedInto: undefined, cut: proxy?.cut };
    const bound = connectors.map((configured) => ({
      ...configured,
      connector: bindTo(state, configured.connector, options.onCall),
    }));
    // A blocked task is looked at every second: hours would be thousands of looks.
    const retry = { maxAttempts: options.maxAttempts, maxMs: 60_000 };
    return new CrashingEngine(
      await openSetting(bound, { clock: options.clock, path: options.path, retry, url: proxy?.url }),
      state,
    );
  }

  get engine() {
    return this.#setting.engine;
  }

  get ledger() {
    return this.#setting.ledger;
  }

  get hasCrashed(): boolean {
    return this.#state.crashedInto !== undefined;
  }

  /**
   * Ends the process as `kill -9` does: only what is on the disk now is left, or what the database was sent until now.
   */
  crash(): void {
    this.#state.crashedInto ??= this.#state.cut === undefined ? copyLedger(this.#state.path) : this.#state.path;
    this.#state.cut?.();
  }

  /** Closes it in good order, or cleans up after the crash; the path of the ledger for the next engine. */
  async close(): Promise<string> {
    await this.#setting.close();
    return this.#state.crashedInto ?? this.#state.path;
  }
}

interface ProcessState {
  readonly path: string;
  crashedInto: string | undefined;
  /** Cuts the connections to its database. */
  readonly cut: (() => void) | undefined;
}

function copyLedger(path: string): string {
  const copy = join(temporaryFolder(), 'ledger.db');
  for (const suffix of ['', '-wal', '.key']) {
    if (existsSync(path + suffix)) copyFileSync(path + suffix, copy + suffix);
  }
  return copy;
}

// A crashed process makes no calls; what it would still write goes into files that are not opened again.
function bindTo(state: ProcessState, connector: DeletionConnector, onCall: () => void): DeletionConnector {
  const unlessCrashed = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    if (state.crashedInto === undefined) onCall();
    if (state.crashedInto !== undefined) {
      throw new ConnectorError({ code: 'not-sent', vendor: connector.vendor, message: 'The process has crashed.' });
    }
    try {
      return await call();
    } finally {
      if (state.crashedInto === undefined) onCall();
    }
  };
  const { check, verify, recover, cancel } = connector;
  return {
    ...connector,
    submit: (targets) => unlessCrashed(() => connector.submit(targets)),
    ...(check === undefined ? {} : { check: (receipt, targets) => unlessCrashed(() => check(receipt, targets)) }),
    ...(verify === undefined ? {} : { verify: (targets) => unlessCrashed(() => verify(targets)) }),
    ...(recover === undefined ? {} : { recover: (targets, since) => unlessCrashed(() => recover(targets, since)) }),
    ...(cancel === undefined ? {} : { cancel: (receipt, targets) => unlessCrashed(() => cancel(receipt, targets)) }),
  };
}
