import type { ConfiguredConnector } from '@expunge/engine';
import { type ConfigIssue, configError } from '../config/config-error.ts';
import { type LoadedConfig, loadConfig } from '../config/load-config.ts';
import { plural } from '../output/table.ts';
import type { CommandContext } from './command-context.ts';

/** A configuration with its connectors, all in order. */
export interface Setup {
  /** The configuration. */
  readonly loaded: LoadedConfig;
  /** Its connectors. */
  readonly connectors: readonly ConfiguredConnector[];
}

/**
 * Loads the configuration and every connector.
 *
 * @throws UserError naming everything that is wrong.
 */
export async function loadEverything(context: CommandContext): Promise<Setup> {
  const { processEnvironment, messages } = context;
  const loaded = await loadConfig(processEnvironment, context.shared.config);
  const [{ loadConnectors }, { usedIdentifierTypes }] = await Promise.all([
    import('../config/load-connectors.ts'),
    import('../config/identifier-types.ts'),
  ]);
  const result = await loadConnectors(loaded, {
    environment: processEnvironment.environment,
    now: processEnvironment.now,
  });
  messages.hide(result.secrets);
  for (const { path, message } of result.warnings) messages.warn(`${path.join('.')}: ${message}`);
  const used = usedIdentifierTypes(result.connectors);
  const issues = [...result.issues, ...ignoredThoughUsed(loaded, used)];
  // Where a connector could not be loaded, nobody knows which types it uses.
  if (loaded.config.input?.columns !== undefined && result.issues.length === 0) {
    const { columnIssues } = await import('../subjects/column-rules-of.ts');
    issues.push(...columnIssues(loaded.config.input, used));
  }
  if (issues.length > 0) throw await configError(loaded.path, issues, loaded.lineOf);
  warnOfExpiry(context, result.connectors);
  return { loaded, connectors: result.connectors };
}

// A person whom a vendor knows by such an identifier alone would stay there, and no message would say so.
function ignoredThoughUsed({ config }: LoadedConfig, used: ReadonlySet<string>): ConfigIssue[] {
  return (config.input?.ignoreColumns ?? []).flatMap((name, index) =>
    used.has(name)
      ? [
          {
            path: ['input', 'ignoreColumns', index],
            message: `is an identifier type that a connector uses ("${name}"). Take it out here, or of the connectors' identifiers.`,
          },
        ]
      : [],
  );
}

const warnBeforeMs = 30 * 24 * 3_600_000;

function warnOfExpiry(context: CommandContext, connectors: readonly ConfiguredConnector[]): void {
  for (const { name, connector } of connectors) {
    const expireAt = connector.capabilities.credentialsExpireAt;
    if (expireAt === undefined) continue;
    const leftMs = Date.parse(expireAt) - context.processEnvironment.now();
    if (leftMs > warnBeforeMs) continue;
    const day = expireAt.slice(0, 10);
    context.messages.warn(
      leftMs <= 0
        ? `${name}: the credentials ran out on ${day}. Renew them.`
        : `${name}: the credentials run out on ${day}, in ${plural(Math.ceil(leftMs / 86_400_000), 'day')}. Renew them in time.`,
    );
  }
}
