import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { countHarmed, type DemoReport } from './demo/compare.ts';
import { demoConfig, demoEnvironment } from './demo/demo-config.ts';
import { type DemoPerson, inventPeople, writePeople } from './demo/people.ts';
import { type SandboxProcess, sandboxVendors, startSandboxProcess } from './demo/sandbox-process.ts';
import { accountForCalls, receivedDeletions } from './torture/accounts.ts';
import { cutOffLogs } from './torture/complete-logs.ts';
import { judge, unaccountedCalls } from './torture/judge.ts';
import { ledgerFacts } from './torture/ledger-facts.ts';
import { seededRandom } from './torture/random.ts';
import { readSqliteLedger } from './torture/read-sqlite-ledger.ts';
import { torment } from './torture/torment.ts';

// Kills the real command with SIGKILL at random moments, again and again, while the vendors reset connections, hang
// after acting, answer garbage and lie; then lets everybody recover, and compares what the ledger claims with what the
// vendors remember, pair by pair.
//
//   node tools/torture.ts --kills 200 --seed 1
//
// The seed decides lists, faults and the moments of the kills; how far a process comes by then is the machine's affair.

const root = fileURLToPath(new URL('..', import.meta.url));
const mainPath = join(root, 'apps/runner/dist/main.js');
const sandboxPath = join(root, 'packages/vendor-sandbox/dist/cli.js');

const { values: flags } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    'people-per-list': { type: 'string', default: '40' },
  },
});
// Segment forgets regulations after 90 days: a long torture must be over by then.
const vendorDaySeconds = Number(flags.kills) > 50 ? 8 : 1;
// So that some calls are on their way at any moment.
const latencyMs = 15;
// Every request of the longest torture: what the vendor has forgotten can't be accounted for.
const keptRequests = 200_000;
const kills = Number(flags.kills);
const random = seededRandom(Number(flags.seed));
const perList = Number(flags['people-per-list']);
const folder = mkdtempSync(join(tmpdir(), 'expunge-torture-'));

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** When a process is killed: so long after `from`. */
interface Kill {
  readonly afterMs: number;
  readonly from: Promise<void>;
}

/** Runs the command, and kills it. Gives its exit code; undefined where it was killed. */
function run(commandArguments: readonly string[], kill?: Kill): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [mainPath, ...commandArguments, '--quiet'], {
      cwd: folder,
      env: { ...process.env, ...demoEnvironment },
      stdio: ['ignore', 'ignore', kill === undefined ? 'inherit' : 'ignore'],
    });
    let timer: NodeJS.Timeout | undefined;
    void kill?.from.then(() => {
      timer = setTimeout(() => child.kill('SIGKILL'), kill.afterMs);
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      clearTimeout(timer);
      resolve(code ?? undefined);
    });
  });
}

/** Resolves when a change of keys has written the next key. */
function nextKeyIsThere(): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(folder, (_event, name) => {
      if (name !== 'expunge.db.key.next') return;
      watcher.close();
      resolve();
    });
    watcher.unref();
  });
}

/** Resolves when a vendor has answered something new: on a slow machine a process needs a while to get so far. */
async function firstAnswer(sandbox: SandboxProcess): Promise<void> {
  const answers = async () => {
    const counts = await Promise.all(sandboxVendors.map((vendor) => sandbox.requestCounts(vendor)));
    return counts.flat().reduce((sum, { count }) => sum + count, 0);
  };
  const before = await answers();
  for (let looks = 0; looks < 500 && (await answers()) === before; looks += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function deletion(file: string, people: number, wait: string): string[] {
  return ['delete', file, '--confirm', String(people), '--wait', wait];
}

function prepare(sandbox: SandboxProcess): void {
  mkdirSync(folder, { recursive: true });
  symlinkSync(join(root, 'apps/runner/node_modules'), join(folder, 'node_modules'), 'junction');
  // A vendor that hangs is given up quickly, and a person who is not there any more is a good end.
  const config = demoConfig(sandbox)
    .replaceAll(/(baseUrl: \S+)/g, '$1\n      timeoutMs: 700')
    // Mixpanel allows 60 reads an hour: with a new process every second they would be gone in a minute.
    .replace('verify: before-and-after', 'verify: off')
    .replace('readBackAfterMs: 2500', `readBackAfterMs: ${vendorDaySeconds * 1500}`);
  writeFileSync(join(folder, 'expunge.config.yaml'), config);
}

async function main(): Promise<void> {
  const sandbox = await startSandboxProcess(sandboxPath, vendorDaySeconds, { latencyMs, keptRequests });
  const bystanders = inventPeople(50, 'bystander');
  const everybody: DemoPerson[] = [];
  const faults: string[] = [];
  let killed = 0;
  let keyChanges = 0;
  let keyChangesKilled = 0;
  try {
    prepare(sandbox);
    await sandbox.seed(bystanders);
    for (let round = 1; killed < kills && round <= kills * 3; round += 1) {
      const people = inventPeople(perList, `list${round}`).map((person) => ({
        ...person,
        // Every list is a list of its own.
        requestId: `list${round}-${person.requestId}`,
      }));
      writePeople(join(folder, `list${round}.csv`), people);
      await sandbox.seed(people);
      everybody.push(...people);
      for (let count = random.between(0, 3); count > 0; count -= 1) await torment(sandbox, random);
      // A third of them at any moment after the start; the others while the vendors are being called.
      const isEarly = random.next() < 0.33;
      const kill = isEarly
        ? { afterMs: random.between(50, 1600), from: Promise.resolve() }
        : { afterMs: random.between(0, 500), from: firstAnswer(sandbox) };
      const code = await run(deletion(`list${round}.csv`, perList, '2s'), kill);
      if (code === undefined) killed += 1;
      if (code === 1) faults.push(`Round ${round}: the command ended with exit code 1.`);
      // Now and then the key is changed in between, which is killed as well: at any moment, the start included. The first
      // change is killed when the next key is there, so that also a short torture has seen that.
      const isFirstChange = keyChanges === 0 && round >= 2;
      if ((random.next() < 0.25 || isFirstChange) && existsSync(join(folder, 'expunge.db'))) {
        keyChanges += 1;
        const rekeyed = await run(['ledger', 'rekey'], {
          afterMs: isFirstChange ? 0 : random.between(0, 200),
          from: isFirstChange || random.next() < 0.5 ? nextKeyIsThere() : Promise.resolve(),
        });
        if (rekeyed === undefined) keyChangesKilled += 1;
        if (rekeyed === 1) faults.push(`Round ${round}: the change of keys ended with exit code 1.`);
      }
      if (killed % 20 === 0 && code === undefined) say(`${killed} kills, ${everybody.length} people so far`);
    }
    for (const vendor of sandboxVendors) await sandbox.recover(vendor);
    writePeople(join(folder, 'everybody.csv'), everybody);
    let code: number | undefined;
    for (let attempt = 1; attempt <= 10 && code !== 0 && code !== 2; attempt += 1) {
      code = await run(deletion('everybody.csv', everybody.length, '30s'));
    }
    if (code !== 0 && code !== 2)
      faults.push(`With all vendors well again, the command still ends with exit code ${code}.`);
    await run(['report', '--with-identifiers', '--output', 'report.json']);
    const report: DemoReport = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'));
    const requests = new Map<string, Awaited<ReturnType<typeof sandbox.requests>>>();
    const counts = new Map<string, Awaited<ReturnType<typeof sandbox.requestCounts>>>();
    for (const vendor of sandboxVendors) counts.set(vendor, await sandbox.requestCounts(vendor));
    for (const vendor of sandboxVendors) requests.set(vendor, await sandbox.requests(vendor));
    faults.push(...cutOffLogs(requests, counts));
    const received = receivedDeletions(requests, everybody);
    const { faults: falsehoods, states } = await judge(sandbox, everybody, report, received);
    faults.push(...falsehoods);
    const harmed = await countHarmed(sandbox, bystanders);
    if (harmed > 0) faults.push(`${harmed} bystanders were harmed.`);
    const tables = readSqliteLedger(join(folder, 'expunge.db'));
    const facts = ledgerFacts(tables);
    if (!tables.isWhole) faults.push('The ledger file is damaged.');
    faults.push(...(await unaccountedCalls(sandbox, facts.submitCalls)));
    faults.push(...accountForCalls(received, everybody, report, facts.submissions));
    if ((await run(['audit', 'verify'])) !== 0) faults.push('The audit log is broken.');
    say(
      `\nSeed ${flags.seed}: ${killed} kills, ${keyChangesKilled} more of changes of keys, ${everybody.length} people, ${facts.interruptedCalls} calls cut off.`,
    );
    for (const [state, count] of [...states].sort()) say(`  ${String(count).padStart(6)}  ${state}`);
  } finally {
    await sandbox.close();
  }
  for (const fault of faults.slice(0, 30)) say(`FAULT  ${fault}`);
  say(
    faults.length === 0
      ? 'Nothing lost, nothing claimed that is not so.'
      : `${faults.length} faults; the ledger is kept in ${folder}.`,
  );
  if (faults.length === 0) rmSync(folder, { recursive: true, force: true });
  process.exitCode = faults.length === 0 ? 0 : 1;
}

await main();
