import { writeFileSync } from 'node:fs';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { isMainThread, threadId } from 'node:worker_threads';

// Loaded before the command where it is profiled (`node --import`). V8's profiler counts the time of a C++ function for
// whoever called it, so SQLite and JSON would hide in the ledger's code. Each of them gets a JavaScript function around
// it, by whose name the profile can tell it. SQLite's are also timed one by one, by statement. Costs some percent.

interface StatementTime {
  calls: number;
  ms: number;
}

const times = new Map<string, StatementTime>();

function note(text: string, startedAt: number): void {
  const ms = performance.now() - startedAt;
  const time = times.get(text);
  if (time === undefined) times.set(text, { calls: 1, ms });
  else {
    time.calls += 1;
    time.ms += ms;
  }
}

// One function each, since it is their names that the profile shows.
const { run, get, all } = StatementSync.prototype;
StatementSync.prototype.run = function sqliteRun(this: StatementSync, ...values: unknown[]) {
  const startedAt = performance.now();
  const result: ReturnType<typeof run> = Reflect.apply(run, this, values);
  note(this.sourceSQL, startedAt);
  return result;
};
StatementSync.prototype.get = function sqliteGet(this: StatementSync, ...values: unknown[]) {
  const startedAt = performance.now();
  const result: ReturnType<typeof get> = Reflect.apply(get, this, values);
  note(this.sourceSQL, startedAt);
  return result;
};
StatementSync.prototype.all = function sqliteAll(this: StatementSync, ...values: unknown[]) {
  const startedAt = performance.now();
  const result: ReturnType<typeof all> = Reflect.apply(all, this, values);
  note(this.sourceSQL, startedAt);
  return result;
};
const { exec } = DatabaseSync.prototype;
DatabaseSync.prototype.exec = function sqliteExec(this: DatabaseSync, text: string) {
  const startedAt = performance.now();
  exec.call(this, text);
  note(text, startedAt);
};

const { parse, stringify } = JSON;
JSON.parse = function jsonParse(...given: Parameters<typeof parse>) {
  return parse(...given);
};
JSON.stringify = function jsonStringify(...given: [never]) {
  return stringify(...given);
} as typeof stringify;

const path = process.env.BENCH_STATEMENTS;
if (path !== undefined) {
  process.on('exit', () => {
    const name = isMainThread ? path : `${path}.${threadId}`;
    writeFileSync(name, stringify([...times].map(([text, time]) => ({ text, ...time }))));
  });
}
