import { Readable, Writable } from 'node:stream';
import type { ProcessEnvironment } from '../src/process-environment.ts';

/** A stream that keeps what is written to it. */
export class KeptOutput extends Writable {
  /** Everything so far. */
  text = '';
  readonly isTTY: boolean;
  readonly columns = 120;
  readonly rows: number;

  constructor(isTTY = false, rows = 40) {
    super();
    this.isTTY = isTTY;
    this.rows = rows;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString('utf8');
    done();
  }
}

/** A process environment whose output can be read afterwards. */
export interface FakeEnvironment extends ProcessEnvironment {
  readonly output: KeptOutput;
  readonly messages: KeptOutput;
  /** What a signal does. */
  readonly stop: AbortController;
}

/** The time in a fake environment. */
export const fakeNow = Date.UTC(2026, 7, 21, 12, 0, 0);

/** Makes a process environment for a command that runs inside a test. */
export function fakeEnvironment(given: Partial<ProcessEnvironment> & { isTerminal?: boolean } = {}): FakeEnvironment {
  const { isTerminal = false, ...rest } = given;
  const stop = new AbortController();
  return {
    workingFolder: '/nowhere',
    environment: { NO_COLOR: '1' },
    userName: 'tester',
    input: Readable.from([]),
    now: () => fakeNow,
    stopSignal: () => stop.signal,
    removeAtExit: async () => () => undefined,
    ...rest,
    output: new KeptOutput(isTerminal),
    messages: new KeptOutput(isTerminal),
    stop,
  };
}
