import type { Identifier } from '@expunge/core';
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
