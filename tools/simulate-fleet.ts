import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Bound, fleetBounds, type SimulatedConnector, vendorBounds } from './simulate-fleet/fleet-limits.ts';

// What limits a fleet first? Worked out from the vendors' documented limits, as the configured connectors state them, and from
// what a task costs, which is given. Sends nothing. It is arithmetic, no measurement: limits by bytes, polls of jobs, retries and
// what else is going on in the database are not in it.
//
//   node tools/simulate-fleet.ts                                  all connectors of Expunge, as `expunge init` writes them
//   node tools/simulate-fleet.ts --config path/expunge.config.yaml --workers 6 --database-us 2000

const root = fileURLToPath(new URL('..', import.meta.url));
const mainPath = join(root, 'apps/runner/dist/main.js');

const { values: flags } = parseArgs({
  options: {
    config: { type: 'string' },
    workers: { type: 'string', default: '3' },
    'latency-ms': { type: 'string', default: '100' },
    'database-us': { type: 'string', default: '10000' },
    'worker-us': { type: 'string', default: '20000' },
    'bytes-per-task': { type: 'string', default: '1000' },
    'people-per-day': { type: 'string', default: '10000' },
  },
});
const number = (name: Exclude<keyof typeof flags, 'config'>): number => {
  const value = Number(flags[name]);
  if (!(value > 0)) throw new Error(`--${name} takes a number above 0.`);
  return value;
};

function readConnectors(): readonly SimulatedConnector[] {
  const given = flags.config;
  const folder = given === undefined ? mkdtempSync(join(tmpdir(), 'expunge-simulate-')) : undefined;
  const path = given === undefined ? join(folder ?? '', 'expunge.config.yaml') : resolve(given);
  const expunge = (...words: string[]) =>
    execFileSync(process.execPath, [mainPath, ...words, '--config', path, '--json'], { encoding: 'utf8' });
  try {
    if (folder !== undefined) {
      symlinkSync(join(root, 'apps/runner/node_modules'), join(folder, 'node_modules'), 'junction');
      // All but the vendor that is described in the configuration: it has the limits that its description says.
      expunge('init', 'mixpanel', 'clevertap', 'altcraft', 'segment', 'opendsr', 'braze');
    }
    const { connectors } = JSON.parse(expunge('connectors')) as { connectors: readonly SimulatedConnector[] };
    return connectors;
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true });
  }
}

const day = 86_400;
const pace = (peoplePerSecond: number) => {
  const perDay = peoplePerSecond * day;
  const words = perDay >= 100 ? Math.round(perDay).toLocaleString('en-US') : perDay.toFixed(1);
  return words.padStart(17);
};
const say = (text = '') => process.stdout.write(`${text}\n`);
const line = ({ what, peoplePerSecond }: Bound) => say(`${pace(peoplePerSecond)}  ${what}`);

const connectors = readConnectors();
const costs = {
  workers: number('workers'),
  latencyMs: number('latency-ms'),
  databaseUs: number('database-us'),
  workerUs: number('worker-us'),
};
const slowest = connectors.flatMap((connector) => vendorBounds(connector, costs.latencyMs).slice(0, 1));
const unlimited = connectors.filter((connector) => vendorBounds(connector, costs.latencyMs).length === 0);
const own = fleetBounds(connectors.length, costs);
const all = [...slowest, ...own].sort((one, other) => one.peoplePerSecond - other.peoplePerSecond);

say(
  `${connectors.length} connectors, ${costs.workers} workers, ${costs.latencyMs} ms a call; costs of a task as given.`,
);
say('\n    people a day  held to that by');
for (const bound of all) line(bound);
for (const { name } of unlimited) say(`                  ${name}: documents no limit`);
const [first] = all;
if (first !== undefined) say(`\nFirst of all: ${first.what}.`);
const beyond = slowest.filter((bound) => own.some((each) => each.peoplePerSecond < bound.peoplePerSecond));
say(
  beyond.length === 0
    ? 'Every vendor is slower than the fleet: more workers or a larger database make nothing faster.'
    : `${beyond.length} of ${slowest.length} vendors could go faster than the fleet, if all of them were fed at once.`,
);

const people = number('people-per-day');
const tasksPerYear = people * connectors.length * 365;
const gigabytes = (tasks: number) =>
  ((tasks * number('bytes-per-task')) / 1e9).toLocaleString('en-US', { maximumFractionDigits: 1 });
say(`\nAt ${people.toLocaleString('en-US')} people a day:`);
say(
  `  ${Math.round(tasksPerYear).toLocaleString('en-US')} tasks a year, ${gigabytes(tasksPerYear)} GB of ledger a year`,
);
const shareOfWriter = (people * connectors.length * costs.databaseUs) / 1e6 / day;
say(`  ${(shareOfWriter * 100).toFixed(2)} % of the database's one writer`);
say(`  a billion tasks: after ${(1e9 / tasksPerYear).toFixed(1)} years, ${gigabytes(1e9)} GB`);
