import type { Identifier } from '@expunge/core';
import type { AllowedValue } from '@expunge/engine';
import type { CommandContext } from '../commands/command-context.ts';
import type { ConnectorsForReading } from '../commands/load-for-reading.ts';
import { plural } from '../output/table.ts';
import { UserError } from '../user-error.ts';

/**
 * Reads `type=value` of the command line.
 *
 * @throws UserError where it is none. The argument itself may name a person, so it is not printed.
 */
export function parseIdentifier(argument: string): Identifier {
  const equals = argument.indexOf('=');
  const value = argument.slice(equals + 1);
  if (equals < 1 || value === '') throw new UserError('Name a person as type=value: email=ada@example.com.');
  return { type: argument.slice(0, equals), value };
}

/** Reads the arguments of `--allow-value`: `type=value`, or a type alone for all of its values. */
export function parseAllowedValues(given: readonly string[] = []): AllowedValue[] {
  return given.map((argument) => (argument.includes('=') ? parseIdentifier(argument) : { type: argument }));
}

/**
 * Reads `type=value` arguments that name somebody whom a configured connector can know: of a type in use, and with a value that
 * can be somebody's. Warns of what is probably not what the vendors store.
 *
 * @param taken - How such a value is taken, in a sentence.
 * @throws UserError where one is none of these.
 */
export async function parsePerson(
  context: CommandContext,
  { connectors, issues }: ConnectorsForReading,
  given: readonly string[],
  allowValue: readonly string[] | undefined,
  taken = 'It is taken exactly so.',
): Promise<readonly Identifier[]> {
  const [{ usedIdentifierTypes }, { allowedValues, valueFault, valueFaultWords }, { nearestType }] = await Promise.all([
    import('../config/identifier-types.ts'),
    import('@expunge/engine'),
    import('./nearest-type.ts'),
  ]);
  const used = usedIdentifierTypes(connectors);
  const isAllowed = allowedValues(parseAllowedValues(allowValue));
  return given.map(parseIdentifier).map((identifier) => {
    const { type } = identifier;
    if (!used.has(type)) {
      const near = nearestType(type, used);
      const words =
        `No configured connector uses the identifier type "${type}", so nobody is known by it. ` +
        `${near === undefined ? '' : `Did you mean ${near}? `}In use: ${[...used].sort().join(', ') || 'none'}.`;
      // A connector that can't be loaded may be the one that uses it.
      if (issues.length === 0) throw new UserError(words);
      context.messages.warn(
        `${words} ${plural(issues.length, 'connector')} can't be loaded: "expunge check" says why.`,
      );
    }
    const found = valueFault(identifier);
    if (found === undefined || isAllowed(identifier)) return identifier;
    if (found.isCertain) {
      throw new UserError(`${type}: ${valueFaultWords[found.fault]}. ${allowValueWords(type)}`);
    }
    context.messages.warn(`The value of ${type} ${valueFaultWords[found.fault]}. ${taken}`);
    return identifier;
  });
}

/** How a value is taken that would be refused. */
export function allowValueWords(type: string): string {
  return `If the value is really somebody's, say --allow-value ${type} or, for that value alone, --allow-value ${type}=VALUE.`;
}
