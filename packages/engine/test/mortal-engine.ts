import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { ConnectorError, type DeletionConnector } from '@expunge/core';
import { inject } from 'vitest';
import type { ConfiguredConnector } from '../src/engine/configured-connector.ts';
import type { AutoClock } from './auto-clock.ts';
import { openCuttableProxy } from './cuttable-proxy.ts';
import { openSetting, temporaryFolder } from './setting.ts';
import { isOnPostgres } from './test-ledger.ts';

/** One life of an engine over a ledger file: it can be killed in the middle of a call. */
export class MortalEngine {
  readonly #setting: Awaited<ReturnType<typeof openSetting>>;
  readonly #body: Body;

  private constructor(setting: Awaited<ReturnType<typeof openSetting>>, body: Body) {
    this.#setting = setting;
    this.#body = body;
  }

  /**
   * Begins a life. `onCall` is told of every beginning and end of a call: moments in which something may happen.
   */
  static async begin(
    connectors: readonly ConfiguredConnector[],
    options: { readonly path: string; readonly clock: AutoClock; readonly maxAttempts: number; onCall(): void },
  ): Promise<MortalEngine> {
    const proxy = isOnPostgres ? await openCuttableProxy(inject('postgresUrl')) : undefined;
    const body: Body = { path: options.path, diedInto: undefined, cut: proxy?.cut };
    const bound = connectors.map((configured) => ({
      ...configured,
      connector: bindTo(body, configured.connector, options.onCall),
    }));
    // An account that comes after another looks for it every second: hours would be thousands of looks.
    const retry = { maxAttempts: options.maxAttempts, maxMs: 60_000 };
    return new MortalEngine(
      await openSetting(bound, { clock: options.clock, path: options.path, retry, url: proxy?.url }),
      body,
    );
  }

  get engine() {
    return this.#setting.engine;
  }

  get ledger() {
    return this.#setting.ledger;
  }

  get isDead(): boolean {
    return this.#body.diedInto !== undefined;
  }

  /**
   * Ends the process as a kill does: what is on the disk at this moment is all that is left, and of a database what it was
   * told until now.
   */
  kill(): void {
    this.#body.diedInto ??= this.#body.cut === undefined ? copyLedger(this.#body.path) : this.#body.path;
    this.#body.cut?.();
  }

  /** Ends it in good order, or buries it; the path of the ledger for the next life. */
  async end(): Promise<string> {
    await this.#setting.close();
    return this.#body.diedInto ?? this.#body.path;
  }
}

interface Body {
  readonly path: string;
  diedInto: string | undefined;
  /** Cuts it off from its database. */
  readonly cut: (() => void) | undefined;
}

function copyLedger(path: string): string {
  const copy = join(temporaryFolder(), 'ledger.db');
  for (const suffix of ['', '-wal', '.key']) {
    if (existsSync(path + suffix)) copyFileSync(path + suffix, copy + suffix);
  }
  return copy;
}

// The dead make no calls; what they would still write goes into files that nobody opens again.
function bindTo(body: Body, connector: DeletionConnector, onCall: () => void): DeletionConnector {
  const living = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    if (body.diedInto === undefined) onCall();
    if (body.diedInto !== undefined) {
      throw new ConnectorError({ code: 'not-sent', vendor: connector.vendor, message: 'The process is dead.' });
    }
    try {
      return await call();
    } finally {
      if (body.diedInto === undefined) onCall();
    }
  };
  const { check, verify, recover, cancel } = connector;
  return {
    ...connector,
    submit: (targets) => living(() => connector.submit(targets)),
    ...(check === undefined ? {} : { check: (receipt, targets) => living(() => check(receipt, targets)) }),
    ...(verify === undefined ? {} : { verify: (targets) => living(() => verify(targets)) }),
    ...(recover === undefined ? {} : { recover: (targets, since) => living(() => recover(targets, since)) }),
    ...(cancel === undefined ? {} : { cancel: (receipt, targets) => living(() => cancel(receipt, targets)) }),
  };
}
