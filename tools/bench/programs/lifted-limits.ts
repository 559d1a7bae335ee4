import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DeletionConnector } from '../../../packages/core/src/index.ts';

// A connector for the runner's configuration that is another one without its limits of rate. Some documented limits have
// no option that lifts them (Mixpanel's one task call a second), and rightly so; a benchmark without vendor latency would
// measure nothing but them. Limits are data, so this is all it takes.

type Factory = (options: object) => DeletionConnector;

const fromWorkplace = createRequire(join(process.cwd(), 'expunge.config.json'));

async function load(packageName: string): Promise<Factory> {
  const module: { default: Factory } = await import(pathToFileURL(fromWorkplace.resolve(packageName)).href);
  return module.default;
}

const createMixpanelConnector = await load('@expunge/connector-mixpanel');

/** Makes the Mixpanel connector without limits of rate. Calls at the same time stay limited. */
export default function createLiftedMixpanelConnector(options: object): DeletionConnector {
  const connector = createMixpanelConnector(options);
  const { capabilities } = connector;
  return { ...connector, capabilities: { ...capabilities, limits: { ...capabilities.limits, rates: [] } } };
}
