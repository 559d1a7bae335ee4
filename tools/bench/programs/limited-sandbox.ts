import type { startSandbox } from '../../../packages/vendor-sandbox/src/index.ts';

// One vendor of the sandbox, as built, in a process of its own, with its documented limits and other settings than the
// sandbox's own command offers: a latency, a limit that is lower than documented, tasks that are done at once.
//
//   node limited-sandbox.ts '{"vendor":"segment","latencyMs":20,"settings":{"segment":{"profileCallsPerSecond":33}}}'
//
// Prints the address. Its memory and its log of requests are asked for under /_sandbox/.

interface Given {
  readonly vendor: 'mixpanel' | 'clevertap' | 'altcraft' | 'segment';
  readonly latencyMs: number;
  readonly settings: NonNullable<Parameters<typeof startSandbox>[0]>['settings'];
}

const built = new URL('../../../packages/vendor-sandbox/dist/index.js', import.meta.url);
const sandboxModule: typeof import('../../../packages/vendor-sandbox/src/index.ts') = await import(built.href);
const { startSandbox: start, createRealClock } = sandboxModule;

const { vendor, latencyMs, settings = {} }: Given = JSON.parse(process.argv[2] ?? '{}');
const sandbox = await start({
  vendors: [vendor],
  clock: createRealClock(),
  limits: 'documented',
  latencyMs,
  settings,
  keptRequests: 1_000_000,
});
// Whoever started this holds the other end; when that is gone, so is the need for a vendor.
process.stdin.on('end', () => process.exit(0)).resume();
process.stdout.write(`${sandbox[vendor].url}\n`);
