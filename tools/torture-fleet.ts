import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { countHarmed, type DemoReport } from './demo/compare.ts';
import { demoConfig, demoEnvironment } from './demo/demo-config.ts';
import { type DemoPerson, inventPeople, writePeople } from './demo/people.ts';
import { type SandboxProcess, sandboxVendors, startSandboxProcess } from './demo/sandbox-process.ts';
import { type PostgresServer, startPostgresServer } from './postgres-server.ts';
import { accountForCalls, receivedDeletions } from './torture/accounts.ts';
import { cutOffLogs } from './torture/complete-logs.ts';
import { compareJobsWithRows } from './torture/jobs-and-rows.ts';
import { judge, unaccountedCalls } from './torture/judge.ts';
import { ledgerFacts } from './torture/ledger-facts.ts';
import { seededRandom } from './torture/random.ts';
import { cutConnections, readPostgresLedger } from './torture/read-postgres-ledger.ts';
import { refusedByLimits } from './torture/refused-by-limits.ts';
import { countHungDeletions, hangNextDeletions, torment } from './torture/torment.ts';
import { type TorturedWorker, torturedWorker } from './torture/worker-process.ts';

// Three workers on one PostgreSQL, the clock of one an hour ahead. They are killed with SIGKILL at random moments, the
// database is restarted and its connections are cut, while the vendors reset connections, hang after acting, answer garbage
// and lie. Then everybody recovers, and what the ledger claims is compared with what the vendors remember, pair by pair.
//
//   node tools/torture-fleet.ts --kills 200 --seed 1
//
// The seed decides lists, faults and the moments of the kills; how far a process comes by then is the machine's affair.

const root = fileURLToPath(new URL('..', import.meta.url));
const mainPath = join(root, 'apps/runner/dist/main.js');
const sandboxPath = join(root, 'packages/vendor-sandbox/dist/cli.js');

const { values: flags } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    'people-per-list': { type: 'string', default: '20' },
  },
});
const kills = Number(flags.kills);
const perList = Number(flags['people-per-list']);
// Segment forgets regulations after 90 days: a long torture must be over by then.
const vendorDaySeconds = kills > 50 ? 15 : 2;
const latencyMs = 15;
// Every request of the longest torture: what the vendor has forgotten can't be accounted for.
const keptRequests = 200_000;
const random = seededRandom(Number(flags.seed));
const folder = mkdtempSync(join(tmpdir(), 'expunge-torture-fleet-'));

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** The workers, and what they work on. */
interface Fleet {
  readonly sandbox: SandboxProcess;
  readonly server: PostgresServer;
  readonly environment: Readonly<Record<string, string>>;
  readonly workers: readonly TorturedWorker[];
}

/** Runs the command. Gives its exit code and what it printed. What it says is heard, unless it may fail. */
function run(
  environment: Readonly<Record<string, string>>,
  commandArguments: readonly string[],
  isHeard = true,
): Promise<{ readonly code: number | undefined; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [mainPath, ...commandArguments], {
      cwd: folder,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', isHeard ? 'inherit' : 'ignore'],
    });
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? undefined, output }));
  });
}

function deletion(file: string, people: number, ...more: readonly string[]): string[] {
  return ['delete', file, '--confirm', String(people), ...more];
}

function prepare(sandbox: SandboxProcess): void {
  symlinkSync(join(root, 'apps/runner/node_modules'), join(folder, 'node_modules'), 'junction');
  // A vendor that hangs is given up quickly, and a person who is not there any more is a good end.
  const config = demoConfig(sandbox, 'postgres')
    .replaceAll(/(baseUrl: \S+)/g, '$1\n      timeoutMs: 700')
    // Mixpanel allows 60 reads an hour: they would be gone in a minute.
    .replace('verify: before-and-after', 'verify: off')
    .replace('readBackAfterMs: 2500', `readBackAfterMs: ${vendorDaySeconds * 1500}`);
  writeFileSync(join(folder, 'expunge.config.yaml'), config);
}

/** What the torture has done. */
interface Deeds {
  kills: number;
  restarts: number;
  cuts: number;
  /** Cruelties of any kind; some kill several workers. */
  count: number;
}

type Cruelty = 'kill' | 'kill-in-call' | 'cut' | 'restart';

// The first few in this order, so that also a short torture has seen each of them.
const firstCruelties: readonly Cruelty[] = ['kill-in-call', 'cut', 'restart', 'kill-in-call'];

function nextCruelty({ count }: Deeds): Cruelty {
  const first = firstCruelties[count];
  const dice = random.next();
  return first ?? (dice < 0.08 ? 'restart' : dice < 0.2 ? 'cut' : 'kill');
}

/** Does one cruel thing, at a moment of the seed's choice. */
async function beCruel({ sandbox, server, workers }: Fleet, deeds: Deeds): Promise<void> {
  await wait(random.between(0, 1500));
  const cruelty = nextCruelty(deeds);
  deeds.count += 1;
  switch (cruelty) {
    case 'restart':
      await server.restart(random.next() < 0.5 ? 'fast' : 'immediate');
      deeds.restarts += 1;
      return;
    case 'cut':
      await cutConnections(server.url);
      deeds.cuts += 1;
      return;
    case 'kill-in-call': {
      await hangNextDeletions(sandbox);
      const before = await countHungDeletions(sandbox);
      for (let looks = 0; looks < 500 && (await countHungDeletions(sandbox)) === before; looks += 1) await wait(20);
      // One of them has the call.
      const killed = await Promise.all(workers.map((worker) => worker.killAndRestart()));
      deeds.kills += killed.filter(Boolean).length;
      return;
    }
    case 'kill':
      if (await random.pick(workers as readonly [TorturedWorker, ...TorturedWorker[]]).killAndRestart()) {
        deeds.kills += 1;
      }
  }
}

/** Tasks without a job and jobs without a task, at this moment. */
async function disagreements({ server }: Fleet, when: string): Promise<readonly string[]> {
  const { withoutJob, withoutRow } = await compareJobsWithRows(server.url);
  return [
    ...(withoutJob > 0 ? [`${when}: ${withoutJob} of what is due had no job.`] : []),
    ...(withoutRow > 0 ? [`${when}: ${withoutRow} jobs were about nothing that is due.`] : []),
  ];
}

/** Everything that must not be, once all is over. */
async function findFaults(
  { sandbox, environment, server }: Fleet,
  everybody: readonly DemoPerson[],
  bystanders: readonly DemoPerson[],
): Promise<{ faults: string[]; states: ReadonlyMap<string, number>; interrupted: number }> {
  await run(environment, ['report', '--with-identifiers', '--output', 'report.json']);
  const report: DemoReport = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'));
  const requests = new Map<string, Awaited<ReturnType<typeof sandbox.requests>>>();
  const counts = new Map<string, Awaited<ReturnType<typeof sandbox.requestCounts>>>();
  for (const vendor of sandboxVendors) counts.set(vendor, await sandbox.requestCounts(vendor));
  for (const vendor of sandboxVendors) requests.set(vendor, await sandbox.requests(vendor));
  const received = receivedDeletions(requests, everybody);
  const judged = await judge(sandbox, everybody, report, received);
  const tables = await readPostgresLedger(server.url);
  writeFileSync(join(folder, 'ledger.json'), JSON.stringify(tables, undefined, 1));
  writeFileSync(join(folder, 'requests.json'), JSON.stringify([...requests], undefined, 1));
  const facts = ledgerFacts(tables);
  const faults = [
    ...cutOffLogs(requests, counts),
    ...refusedByLimits(requests),
    ...judged.faults,
    ...(await unaccountedCalls(sandbox, facts.submitCalls)),
    ...accountForCalls(received, everybody, report, facts.submissions),
  ];
  const harmed = await countHarmed(sandbox, bystanders);
  if (harmed > 0) faults.push(`${harmed} bystanders were harmed.`);
  if ((await run(environment, ['audit', 'verify'])).code !== 0) faults.push('The audit log is broken.');
  return { faults, states: judged.states, interrupted: facts.interruptedCalls };
}

async function torture(fleet: Fleet): Promise<{ faults: readonly string[]; deeds: Deeds }> {
  const { sandbox, environment, workers } = fleet;
  const bystanders = inventPeople(50, 'bystander');
  const everybody: DemoPerson[] = [];
  const deeds: Deeds = { kills: 0, restarts: 0, cuts: 0, count: 0 };
  const faults: string[] = [];
  await sandbox.seed(bystanders);
  for (let round = 1; deeds.kills < kills && round <= kills * 3; round += 1) {
    // Every list is a list of its own.
    const people = inventPeople(perList, `list${round}`).map((person) => ({
      ...person,
      requestId: `list${round}-${person.requestId}`,
    }));
    writePeople(join(folder, `list${round}.csv`), people);
    await sandbox.seed(people);
    everybody.push(...people);
    for (let count = random.between(0, 3); count > 0; count -= 1) await torment(sandbox, random);
    // What is not taken in because the database is away is taken in with everybody, in the end.
    const taken = run(environment, deletion(`list${round}.csv`, perList, '--detach', '--quiet'), false);
    for (let count = random.between(1, 3); count > 0; count -= 1) await beCruel(fleet, deeds);
    // At any moment, also while everybody works.
    faults.push(...(await disagreements(fleet, `Round ${round}`)));
    await taken;
    if (round % 20 === 0) say(`${deeds.kills} kills, ${everybody.length} people so far`);
  }
  for (const vendor of sandboxVendors) await sandbox.recover(vendor);
  for (const worker of workers) worker.start();
  writePeople(join(folder, 'everybody.csv'), everybody);
  let code: number | undefined;
  for (let attempt = 1; attempt <= 10 && code !== 0 && code !== 2; attempt += 1) {
    ({ code } = await run(environment, deletion('everybody.csv', everybody.length, '--wait', '90s')));
  }
  if (code !== 0 && code !== 2) {
    faults.push(`With all vendors well again, the command still ends with exit code ${code}.`);
  }
  // Before the workers end: a fleet at rest has nothing to mend.
  const queue = JSON.parse((await run(environment, ['queue', 'reconcile', '--json'])).output);
  if (queue.made !== 0 || queue.settled !== 0) {
    faults.push(`Ledger and queue did not agree: ${queue.made} jobs were missing, ${queue.settled} had nothing to do.`);
  }
  faults.push(...(await disagreements(fleet, 'In the end')));
  const codes = await Promise.all(workers.map((worker) => worker.drain()));
  if (codes.some((each) => each !== 0)) faults.push(`The workers ended with ${codes.join(', ')}.`);
  const ends = workers.flatMap((worker) => worker.ends);
  if (ends.length > 0) faults.push(`Workers ended that nobody had asked to: ${ends.join(', ')}.`);
  const found = await findFaults(fleet, everybody, bystanders);
  say(
    `\nSeed ${flags.seed}: ${deeds.kills} kills, ${deeds.restarts} restarts of the database, ${deeds.cuts} times all connections cut, ${everybody.length} people, ${found.interrupted} calls cut off.`,
  );
  for (const [state, count] of [...found.states].sort()) say(`  ${String(count).padStart(6)}  ${state}`);
  return { faults: [...faults, ...found.faults], deeds };
}

async function main(): Promise<void> {
  const sandbox = await startSandboxProcess(sandboxPath, vendorDaySeconds, { latencyMs, keptRequests });
  const server = await startPostgresServer();
  let workers: readonly TorturedWorker[] = [];
  try {
    prepare(sandbox);
    // Not a secret: the database is gone when this ends.
    const environment = { ...demoEnvironment, DATABASE_URL: server.url, EXPUNGE_LEDGER_KEY: '5a'.repeat(32) };
    if ((await run(environment, ['ledger', 'migrate'])).code !== 0) throw new Error('There is no ledger to torture.');
    workers = ['worker-1', 'worker-2', 'worker-3'].map((name, index) =>
      torturedWorker({ name, mainPath, folder, environment, isClockWrong: index === 2 }),
    );
    const { faults } = await torture({ sandbox, server, environment, workers });
    for (const fault of faults.slice(0, 30)) say(`FAULT  ${fault}`);
    say(
      faults.length === 0
        ? 'Nothing lost, nothing claimed that is not so.'
        : `${faults.length} faults; what the workers said, the report and the audit log are kept in ${folder}.`,
    );
    if (faults.length === 0) rmSync(folder, { recursive: true, force: true });
    process.exitCode = faults.length === 0 ? 0 : 1;
  } finally {
    await Promise.all(workers.map((worker) => worker.drain()));
    await server.stop();
    await sandbox.close();
  }
}

await main();
