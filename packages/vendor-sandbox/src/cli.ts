#!/usr/bin/env node
import { Command, InvalidArgumentError, Option } from 'commander';
import { isLoopback } from './kit/loopback.ts';
import { createRealClock, createScaledClock } from './kit/sandbox-clock.ts';
import { startSandbox, type VendorName, vendorNames } from './start-sandbox.ts';

interface CliOptions {
  host: string;
  portBase: number;
  daySeconds: number;
  limits: 'documented' | 'off';
  latencyMs: number;
  keptRequests: number;
  vendors: readonly VendorName[];
  json: boolean;
}

const program = new Command('expunge-sandbox')
  .description(`Serves fake vendors on loopback until interrupted: ${vendorNames.join(', ')}.`)
  .option('--host <address>', 'loopback address to listen on', parseHost, '127.0.0.1')
  .option('--port-base <port>', 'port of the first vendor, the others follow; 0 takes free ports', parsePort, 4701)
  .option('--day-seconds <seconds>', 'real seconds in which a day passes at the vendors', parseDaySeconds, 60)
  .addOption(
    new Option('--limits <limits>', "the vendors' documented limits, or none")
      .choices(['documented', 'off'])
      .default('documented'),
  )
  .option('--latency-ms <milliseconds>', 'how long each vendor takes to answer', parseWholeNumber, 0)
  .option('--kept-requests <number>', 'how many requests each vendor remembers at least', parseWholeNumber, 20_000)
  .option('--vendors <names>', `only these, separated by commas: ${vendorNames.join(', ')}`, parseVendors, vendorNames)
  .option('--json', 'print one line of JSON when ready: {"vendors":{"<name>":{"url","credentials"}}}', false)
  .action(serve);

async function serve({ portBase, daySeconds, json, vendors, ...options }: CliOptions): Promise<void> {
  const ports = Object.fromEntries(
    portBase === 0 ? [] : vendorNames.map((name, position) => [name, portBase + position]),
  );
  const clock = daySeconds === 86_400 ? createRealClock() : createScaledClock({ daySeconds });
  const sandbox = await startSandbox({ ...options, clock, vendors, ports });
  const end = () => {
    process.off('SIGINT', end);
    process.off('SIGTERM', end);
    // Nothing is left to do once the sockets are closed, so the process ends by itself, with exit code 0.
    void sandbox.close();
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);

  const access = Object.fromEntries(
    vendors.map((name) => [name, { url: sandbox[name].url, credentials: sandbox[name].credentials }]),
  );
  process.stdout.write(json ? `${JSON.stringify({ vendors: access })}\n` : describe(access, daySeconds));
}

function describe(access: Record<string, { url: string; credentials: object }>, daySeconds: number): string {
  const vendors = Object.entries(access).map(([name, { url, credentials }]) => {
    const lines = Object.entries(credentials).map(([key, value]) => {
      return `  ${key}: ${typeof value === 'object' ? JSON.stringify(value) : value}`;
    });
    return [`${name}  ${url}`, ...lines].join('\n');
  });
  const pace = `A day passes at the vendors in ${daySeconds} s. Stop with Ctrl+C.`;
  return `${vendors.join('\n\n')}\n\n${pace}\n`;
}

function parseHost(text: string): string {
  if (!isLoopback(text)) throw new InvalidArgumentError('It must be a loopback address, such as 127.0.0.1.');
  return text;
}

function parsePort(text: string): number {
  const port = parseWholeNumber(text);
  if (port > 65_535 - vendorNames.length) throw new InvalidArgumentError('There are no such ports.');
  return port;
}

function parseWholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 0 up.');
  return Number(text);
}

function parseDaySeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0 && Number.isFinite(seconds))) throw new InvalidArgumentError('It must be a number above 0.');
  return seconds;
}

function parseVendors(text: string): readonly VendorName[] {
  const asked = text.split(',').map((name) => name.trim());
  const chosen = vendorNames.filter((name) => asked.includes(name));
  if (chosen.length < new Set(asked).size) {
    throw new InvalidArgumentError(`It must be a list of these: ${vendorNames.join(', ')}.`);
  }
  return chosen;
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`expunge-sandbox: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
