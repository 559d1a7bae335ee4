import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compare, countHarmed, type DemoReport } from './demo/compare.ts';
import { demoConfig, demoConnectors, demoEnvironment } from './demo/demo-config.ts';
import { type DemoFleet, openFleet } from './demo/fleet.ts';
import { inventPeople, writePeople } from './demo/people.ts';
import { runExpunge } from './demo/run-expunge.ts';
import { type SandboxProcess, startSandboxProcess } from './demo/sandbox-process.ts';
import { causeTrouble, endTrouble, repeatedCalls, submissionCounts } from './demo/trouble.ts';
import { writeExamples } from './demo/write-examples.ts';

// Deletes 1,000 invented people at six configured connectors of four fake vendors, with the real command over real
// HTTP, and then asks the vendors' memories whether the report is true.
// `--trouble`: one vendor refuses, one limits, one answers garbage; then they recover, and a second run finishes.
// `--fleet`: the ledger is on a PostgreSQL that the demo brings along, and three workers do the work.
// `--write-examples`: writes the report and the certificate of the first person to docs/examples. With `--people 3` the
// certificate stays short: an audit entry names everybody who went the same way in the same step, by number.

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, '.demo');
const mainPath = join(root, 'apps/runner/dist/main.js');
const sandboxPath = join(root, 'packages/vendor-sandbox/dist/cli.js');

const { values: flags } = parseArgs({
  options: {
    trouble: { type: 'boolean', default: false },
    fleet: { type: 'boolean', default: false },
    people: { type: 'string' },
    'write-examples': { type: 'boolean', default: false },
  },
});
if (flags.fleet && (flags.trouble || flags['write-examples'])) {
  throw new Error('--fleet goes alone, or with --people.');
}
const deletion = ['delete', 'people.csv'];
let environment: Readonly<Record<string, string>> = demoEnvironment;
// In a fleet each call is a transaction of its own on a server that all workers share: fewer people show as much.
const people = inventPeople(Number(flags.people ?? (flags.fleet ? 200 : 1000)), 'leaver');
const bystanders = inventPeople(50, 'bystander');

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

// Whatever happens, the processes that this script started end with it.
const endings = new Set<() => void>();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    for (const end of endings) end();
    process.exitCode = 1;
  });
}

function expunge(...commandArguments: string[]): Promise<number> {
  say(`\n$ expunge ${commandArguments.join(' ')}`);
  return runExpunge(mainPath, folder, environment, commandArguments, (end) => endings.add(end));
}

function prepare(sandbox: SandboxProcess): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  // Connectors are found from the configuration's own folder, as everywhere.
  symlinkSync(join(root, 'apps/runner/node_modules'), join(folder, 'node_modules'), 'junction');
  writePeople(join(folder, 'people.csv'), people);
  writeFileSync(join(folder, 'expunge.config.yaml'), demoConfig(sandbox, flags.fleet ? 'postgres' : 'sqlite'));
}

async function judge(sandbox: SandboxProcess): Promise<{ agrees: boolean; isComplete: boolean }> {
  await expunge('report', '--output', 'report.html');
  await expunge('report', '--with-identifiers', '--output', 'report.json');
  const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as DemoReport;
  const comparisons = await compare(sandbox, people, report);
  const harmed = await countHarmed(sandbox, bystanders);
  say("\nWhat the vendors' own memories say:");
  for (const { line, agrees } of comparisons) say(`  ${agrees ? 'true ' : 'FALSE'}  ${line}`);
  say(`  ${harmed === 0 ? 'true ' : 'FALSE'}  ${bystanders.length} bystanders: ${harmed} harmed`);
  return {
    agrees: harmed === 0 && comparisons.every(({ agrees }) => agrees),
    isComplete: comparisons.every(({ isComplete }) => isComplete),
  };
}

async function demonstrate(sandbox: SandboxProcess): Promise<boolean> {
  const code = await expunge(...deletion, '--wait', '20s');
  const { agrees, isComplete } = await judge(sandbox);
  return code === 0 && agrees && isComplete;
}

// Workers do the work; the command takes the people in and shows how far they are.
async function demonstrateFleet(sandbox: SandboxProcess, fleet: DemoFleet): Promise<boolean> {
  environment = { ...demoEnvironment, ...fleet.environment };
  const isMade = (await expunge('ledger', 'migrate')) === 0;
  say('\nThree workers, each a process of its own:');
  await fleet.start(mainPath, folder, environment);
  const code = await expunge(...deletion, '--wait', '20s');
  await expunge('queue');
  const { agrees, isComplete } = await judge(sandbox);
  const isIntact = (await expunge('audit', 'verify')) === 0;
  say('\nThe workers are told to end:');
  const isDrained = await fleet.drain();
  return isMade && code === 0 && agrees && isComplete && isIntact && isDrained;
}

async function demonstrateTrouble(sandbox: SandboxProcess): Promise<boolean> {
  await causeTrouble(sandbox);
  say('\nCleverTap refuses the credentials, Mixpanel wants fewer deletion tasks, Altcraft answers with a web page.');
  const firstCode = await expunge(...deletion, '--wait', '3s');
  const first = await judge(sandbox);
  say(`\nExit code ${firstCode}: 4 is the one for refused credentials.`);
  const before = await submissionCounts(sandbox);
  await endTrouble(sandbox);
  say('\nAll vendors are well again. The same command once more:');
  const secondCode = await expunge(...deletion, '--wait', '20s');
  const second = await judge(sandbox);
  const repeated = repeatedCalls(before, await submissionCounts(sandbox));
  say(
    `  ${repeated.length === 0 ? 'true ' : 'FALSE'}  Nothing that was done is done twice${repeated.map((line) => `; ${line}`).join('')}`,
  );
  return (
    firstCode === 4 && first.agrees && secondCode === 0 && second.agrees && second.isComplete && repeated.length === 0
  );
}

async function main(): Promise<void> {
  const startedAt = Date.now();
  const sandbox = await startSandboxProcess(sandboxPath, 1.5);
  endings.add(() => void sandbox.close());
  let fleet: DemoFleet | undefined;
  try {
    prepare(sandbox);
    if (flags.fleet) {
      fleet = await openFleet(say);
      const { close } = fleet;
      endings.add(() => void close());
      say('PostgreSQL runs on this machine, for this demo alone.');
    }
    await sandbox.seed([...people, ...bystanders]);
    const count = people.length.toLocaleString('en-US');
    say(`${count} invented people are known at four fake vendors; a vendor's day passes in 1.5 seconds.`);
    say(`Their list is ${join(folder, 'people.csv')}; there are ${demoConnectors.length} configured connectors.`);
    const isTrue =
      fleet !== undefined
        ? await demonstrateFleet(sandbox, fleet)
        : flags.trouble
          ? await demonstrateTrouble(sandbox)
          : await demonstrate(sandbox);
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    const pairs = (people.length * demoConnectors.length).toLocaleString('en-US');
    say(
      `\n${isTrue ? `All ${pairs} outcomes agree with the vendors' memories` : 'Not everything agrees, see above'} (${seconds} s).`,
    );
    say(`Report for people: ${join(folder, 'report.html')}`);
    const [first] = people;
    if (isTrue && flags['write-examples'] && first !== undefined) {
      const { requestId } = first;
      const examples = join(root, 'docs/examples');
      writeExamples({ mainPath, folder, environment: demoEnvironment, requestId }, examples);
      say(`Examples: ${examples}`);
    }
    process.exitCode = isTrue ? 0 : 1;
  } finally {
    await fleet?.close();
    await sandbox.close();
  }
}

try {
  await main();
} catch (error) {
  say(`The demo came to an early end: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
