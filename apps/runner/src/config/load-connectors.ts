import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { connectorIssues, type DeletionConnector, isDeletionConnector, OptionsError } from '@expunge/core';
import { type ConfiguredConnector, defaultLimitShare } from '@expunge/engine';
import { shellQuote } from '@expunge/report/words';
import type { Dispatcher } from 'undici';
import { environmentProxy } from '../network/environment-proxy.ts';
import { makeDispatcher } from '../network/make-dispatcher.ts';
import { secretsOf } from '../network/parse-proxy-address.ts';
import { createRedact } from '../output/redact.ts';
import type { ConfigIssue } from './config-error.ts';
import type { ConnectorConfig } from './config-schema.ts';
import { installCommand } from './install-command.ts';
import type { KeyPath } from './key-lines.ts';
import type { LoadedConfig } from './load-config.ts';
import { resolveSecrets } from './resolve-secrets.ts';

/** What came of loading the configured connectors. */
export interface LoadedConnectors {
  /** Those that could be made, in the order of the configuration. */
  readonly connectors: readonly ConfiguredConnector[];
  /** Everything that is wrong. */
  readonly issues: readonly ConfigIssue[];
  /** What is not wrong and not good either. */
  readonly warnings: readonly ConfigIssue[];
  /** The secrets in use, for the redaction of messages. */
  readonly secrets: readonly string[];
}

/** How connectors are loaded. */
export interface LoadOptions {
  /** The environment variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Now, in milliseconds since 1970: handed to connectors as a collaborator, since they do not read the clock. */
  readonly now: () => number;
  /**
   * Make the connectors although secrets are missing: for commands that only print what connectors can do, and must work
   * where the secrets are not.
   */
  readonly withoutSecrets?: boolean | undefined;
}

/** Imports every configured connector from the configuration's own folder and makes it with its options. */
export async function loadConnectors(loaded: LoadedConfig, options: LoadOptions): Promise<LoadedConnectors> {
  const connectors: ConfiguredConnector[] = [];
  const issues: ConfigIssue[] = [];
  const warnings: ConfigIssue[] = [];
  const secrets: string[] = [];
  // What sends nothing needs no way to the vendors.
  const proxy = options.withoutSecrets === true ? undefined : environmentProxy(options.environment);
  if (proxy !== undefined) secrets.push(...secretsOf(proxy.url));
  for (const [name, config] of Object.entries(loaded.config.connectors)) {
    const path = ['connectors', name];
    const resolve = (standIn: string | undefined) =>
      resolveSecrets(config.options ?? {}, [...path, 'options'], {
        environment: options.environment,
        folder: loaded.folder,
        standIn,
      });
    const resolved = resolve(options.withoutSecrets === true ? secretStandIn : undefined);
    secrets.push(...resolved.secrets);
    warnings.push(...resolved.warnings);
    const network =
      config.network === undefined || options.withoutSecrets === true
        ? undefined
        : (await import('../network/resolve-network.ts')).resolveNetwork(config.network, [...path, 'network'], {
            environment: options.environment,
            folder: loaded.folder,
          });
    secrets.push(...(network?.secrets ?? []));
    warnings.push(...(network?.warnings ?? []));
    const missing = [...resolved.issues, ...(network?.issues ?? [])];
    const problems: ConfigIssue[] = [...missing];
    const imported = await importFactory(loaded, config.package, [...path, 'package'], problems);
    const dispatcher =
      missing.length > 0 ? undefined : await makeDispatcher({ ...network?.settings, environmentProxy: proxy });
    const collaborators = { now: options.now, ...(dispatcher === undefined ? {} : { dispatcher }) };
    const factory: Maker | undefined = imported && ((given) => imported(given, collaborators));
    if (factory !== undefined && missing.length > 0) {
      // Never kept: it is made to hear what else is wrong, so that one run of `check` names all of it.
      const unresolved = missing.map((issue) => issue.path);
      problems.push(...issuesBeside(unresolved, factory, resolve(secretStandIn).options, config, path));
    } else if (factory !== undefined) {
      const connector = make(factory, resolved.options, path, problems);
      if (connector !== undefined) {
        problems.push(...useIssues(connector, config, path));
        connectors.push({
          name,
          connector,
          identifiers: config.identifiers,
          verify: config.verify,
          after: config.after,
          limitShare: config.limitShare,
          account: config.account,
        });
      }
    }
    problems.push(...accountIssues(loaded.config.connectors, connectors, name));
    problems.push(...orderIssues(loaded.config.connectors, name, config.after ?? []));
    // Somebody else's connector may quote a secret in what it says.
    const redact = createRedact(secrets);
    issues.push(...problems.map((problem) => ({ ...problem, message: redact(problem.message) })));
  }
  return { connectors, issues, warnings, secrets };
}

// Stands for a secret that is missing, in a connector that sends nothing.
const secretStandIn = 'secret-not-set';

/** The live objects that a connector gets beside its options. */
interface Collaborators {
  readonly now: () => number;
  readonly dispatcher?: Dispatcher;
}

type Factory = (options: Readonly<Record<string, unknown>>, collaborators: Collaborators) => unknown;

/** A factory with its collaborators. */
type Maker = (options: Readonly<Record<string, unknown>>) => unknown;

async function importFactory(
  loaded: LoadedConfig,
  packageName: string,
  path: KeyPath,
  issues: ConfigIssue[],
): Promise<Factory | undefined> {
  let file: string;
  try {
    file = createRequire(loaded.path).resolve(packageName);
  } catch (error) {
    issues.push({ path, message: whyNotFound(error, loaded.folder, packageName) });
    return undefined;
  }
  let module: { readonly default?: unknown };
  try {
    module = await import(pathToFileURL(file).href);
  } catch (error) {
    const [firstLine = ''] = error instanceof Error ? `${error.name}: ${error.message}`.split('\n') : ['it throws'];
    issues.push({ path, message: `${packageName} can't be loaded: ${firstLine}` });
    return undefined;
  }
  if (!isFactory(module.default)) {
    issues.push({ path, message: `${packageName} is no connector: its default export is no function that makes one.` });
    return undefined;
  }
  return module.default;
}

function isFactory(value: unknown): value is Factory {
  return typeof value === 'function';
}

function whyNotFound(error: unknown, folder: string, packageName: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') {
    return `${packageName} is installed and can't be loaded: its package.json has no "default" in its exports.`;
  }
  if (/^[./]/.test(packageName)) return `there is no module at ${packageName}, seen from ${folder}.`;
  return `${packageName} is not installed where this configuration is. Run: ${installCommand(folder, shellQuote(packageName))}`;
}

function make(
  factory: Maker,
  options: Readonly<Record<string, unknown>>,
  path: KeyPath,
  issues: ConfigIssue[],
): DeletionConnector | undefined {
  let made: unknown;
  try {
    made = factory(options);
  } catch (error) {
    if (OptionsError.isInstance(error)) {
      for (const issue of error.issues)
        issues.push({ path: [...path, 'options', ...issue.path], message: `${issue.message}.` });
    } else {
      const what = error instanceof Error ? `${error.name}: ${error.message}` : 'it throws';
      issues.push({ path, message: `the connector can't be made: ${what}` });
    }
    return undefined;
  }
  if (isDeletionConnector(made)) return made;
  for (const issue of connectorIssues(made))
    issues.push({ path: [...path, 'package'], message: `it is no connector. ${issue}` });
  return undefined;
}

/** What is wrong with a connector besides its references that lead nowhere, which `unresolved` names. */
function issuesBeside(
  unresolved: readonly KeyPath[],
  factory: Maker,
  options: Readonly<Record<string, unknown>>,
  config: ConnectorConfig,
  path: KeyPath,
): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  const connector = make(factory, options, path, issues);
  if (connector !== undefined) return useIssues(connector, config, path);
  return issues.filter(
    (issue) =>
      // Without a key, it may be the stand-in that the connector stumbled over.
      issue.path.length > path.length &&
      !unresolved.some((start) => start.every((key, index) => issue.path[index] === key)),
  );
}

// What a configuration asks of a connector that it can't do.
function useIssues(connector: DeletionConnector, config: ConnectorConfig, path: KeyPath): ConfigIssue[] {
  const issues = mappingIssues(connector, config, path);
  if (needsVerify(config) && connector.verify === undefined) {
    issues.push({
      path: [...path, 'verify'],
      message: 'this connector has no way to read back. Write: verify: off.',
    });
  }
  return issues;
}

// A misspelt vendor type would leave the connector's default in place, and delete by the wrong identifier or by none.
function mappingIssues(connector: DeletionConnector, config: ConnectorConfig, path: KeyPath): ConfigIssue[] {
  const known = connector.capabilities.identifiers.map((identifier) => identifier.type);
  return Object.keys(config.identifiers ?? {})
    .filter((type) => !known.includes(type))
    .map((type) => ({
      path: [...path, 'identifiers', type],
      message: `is no identifier type of this connector. It knows: ${known.join(', ')}.`,
    }));
}

// Two that wait for each other would wait for ever.
function orderIssues(
  all: Readonly<Record<string, ConnectorConfig>>,
  name: string,
  after: readonly string[],
): ConfigIssue[] {
  const comesBefore = (first: string, seen: readonly string[]): boolean =>
    first === name ||
    (!seen.includes(first) && (all[first]?.after ?? []).some((other) => comesBefore(other, [...seen, first])));
  return after.flatMap((first, index): ConfigIssue[] => {
    const path = ['connectors', name, 'after', index];
    if (all[first] === undefined) {
      return [{ path, message: `there is no connector ${first}. There are: ${Object.keys(all).join(', ')}.` }];
    }
    return comesBefore(first, []) ? [{ path, message: `${name} and ${first} wait for each other.` }] : [];
  });
}

// One limit has one share, and what two vendors count has nothing to do with each other.
function accountIssues(
  all: Readonly<Record<string, ConnectorConfig>>,
  made: readonly ConfiguredConnector[],
  name: string,
): ConfigIssue[] {
  const { account, limitShare = defaultLimitShare } = all[name] ?? {};
  const own = made.find((each) => each.name === name);
  const first = account === undefined ? undefined : made.find((each) => each.account === account);
  if (own === undefined || first === undefined || first === own) return [];
  if (first.connector.vendor !== own.connector.vendor) {
    const message = `${name} and ${first.name} are of different vendors: they have no account in common.`;
    return [{ path: ['connectors', name, 'account'], message }];
  }
  if ((first.limitShare ?? defaultLimitShare) === limitShare) return [];
  const message = `${name} and ${first.name} share an account, and so they share limitShare: give both the same.`;
  return [{ path: ['connectors', name, 'limitShare'], message }];
}

function needsVerify(config: ConnectorConfig): boolean {
  return config.verify !== undefined && config.verify !== 'off';
}
