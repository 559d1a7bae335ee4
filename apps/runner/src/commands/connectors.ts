import type { ConnectorCapabilities } from '@expunge/core';
import type { ConfiguredConnector } from '@expunge/engine';
import { loadConfig } from '../config/load-config.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { Colors } from '../output/colors.ts';
import { durationWords } from '../output/durations.ts';
import { printableLine } from '../output/printable.ts';
import { countWords, plural } from '../output/table.ts';
import type { CommandContext, SharedOptions } from './command-context.ts';
import { type AddCommand, withSharedOptions } from './command-line.ts';
import { loadForReading } from './load-for-reading.ts';

/** Adds `expunge connectors`. */
export const addConnectors: AddCommand = (program, run) => {
  withSharedOptions(program.command('connectors'), 'expunge connectors')
    .description('what is configured, and what each can do, erases, leaves and is limited to')
    .action((options: SharedOptions) => run(options, connectorsCommand));
};

/** Which identifier types of the company fill each of the vendor's. */
type Mapping = ReadonlyMap<string, readonly string[]>;

/** `expunge connectors`: what is configured, and what each can do. Needs no secrets and asks no vendor. */
const connectorsCommand = async (context: CommandContext): Promise<ExitCode> => {
  const { identifierMapping } = await import('@expunge/engine');
  const loaded = await loadConfig(context.processEnvironment, context.shared.config);
  const result = await loadForReading(context, loaded);
  for (const { path, message } of result.issues) context.messages.warn(`${path.join('.')}: ${message}`);
  const mapped = result.connectors.map((configured) => ({ configured, mapping: identifierMapping(configured) }));
  const texts = mapped.map(({ configured, mapping }) => renderConnector(configured, mapping, context.colors));
  context.print(texts.join('\n'));
  context.printJson({ connectors: mapped.map(({ configured, mapping }) => toJson(configured, mapping)) });
  return result.issues.length > 0 ? exitCodes.usage : exitCodes.settled;
};

function renderConnector(configured: ConfiguredConnector, mapping: Mapping, colors: Colors): string {
  const { connector } = configured;
  const { capabilities } = connector;
  const identifiers = [...mapping].map(([type, from]) => `${type} <- ${from.join(', ') || 'nothing'}`);
  const abilities = abilitiesOf(configured);
  const lines = [
    `${colors.bold(configured.name)}  ${capabilities.title} (${connector.vendor}, ${connector.operation})`,
    `  identifiers   ${identifiers.join('; ')}`,
    ...capabilities.erases.map((sentence, index) => `  ${index === 0 ? 'erases ' : '       '}       ${sentence}`),
    ...capabilities.leaves.map((sentence, index) => `  ${index === 0 ? 'leaves ' : '       '}       ${sentence}`),
    `  completion    ${completionWords(capabilities)}`,
    `  can           ${abilities.join(', ')}`,
    `  verify        ${configured.verify ?? 'off'}`,
    ...limitLines(configured).map((line, index) => `  ${index === 0 ? 'limits ' : '       '}       ${line}`),
  ];
  if (capabilities.credentialsExpireAt !== undefined) {
    lines.push(`  credentials   run out on ${capabilities.credentialsExpireAt.slice(0, 10)}`);
  }
  return `${lines.map(printableLine).join('\n')}\n`;
}

function abilitiesOf({ connector }: ConfiguredConnector): string[] {
  const abilities: readonly (readonly [keyof typeof connector, string])[] = [
    ['submit', 'delete'],
    ['check', 'ask how it stands'],
    ['verify', 'read back'],
    ['cancel', 'cancel'],
    ['recover', 'find a lost receipt'],
  ];
  return abilities.filter(([method]) => connector[method] !== undefined).map(([, words]) => words);
}

function completionWords({ completion }: ConnectorCapabilities): string {
  switch (completion.type) {
    case 'immediate':
      return 'done when the vendor answers';
    case 'polled':
      return `the vendor is asked until it says so; expected within ${durationWords(completion.expectedWithinMs)}`;
    case 'elapsed':
      return `the vendor says nothing; done ${durationWords(completion.afterMs)} later as documented`;
    case 'unknowable':
      return 'the vendor says nothing and documents no time';
  }
}

function limitLines({ connector, limitShare }: ConfiguredConnector): string[] {
  const { submit, rates, inFlight, targetsPerMonth } = connector.capabilities.limits;
  const bytes = submit.maxBytes === undefined ? '' : `, ${countWords(submit.maxBytes)} bytes`;
  const lines = [`${plural(submit.maxTargets, 'target')}${bytes} a call`];
  for (const rate of rates) {
    lines.push(`${plural(rate.calls, 'call')} in ${durationWords(rate.perMs)} (${rate.kinds.join(', ')})`);
  }
  for (const limit of inFlight)
    lines.push(`${plural(limit.calls, 'call')} at the same time (${limit.kinds.join(', ')})`);
  if (targetsPerMonth !== undefined) lines.push(`${plural(targetsPerMonth, 'target')} a month`);
  if (rates.length > 0) lines.push(`of the rates, ${Math.round((limitShare ?? 0.8) * 100)} % are used`);
  return lines;
}

function toJson({ name, connector, verify, limitShare }: ConfiguredConnector, mapping: Mapping) {
  return {
    name,
    vendor: connector.vendor,
    operation: connector.operation,
    identifiers: Object.fromEntries(mapping),
    verify: verify ?? 'off',
    limitShare: limitShare ?? 0.8,
    methods: (['submit', 'check', 'verify', 'cancel', 'recover', 'checkAccess'] as const).filter(
      (method) => connector[method] !== undefined,
    ),
    capabilities: connector.capabilities,
  };
}
