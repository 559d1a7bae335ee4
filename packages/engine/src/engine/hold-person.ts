import type { Identifier } from '@expunge/core';
import { HoldError } from '../ledger/hold-error.ts';
import type { HeldPerson, HeldRecord, Hold, Ledger } from '../ledger/ledger.ts';
import type { ConfiguredConnector } from './configured-connector.ts';
import { identifierMapping, subjectTargets } from './plan-tasks.ts';
import { type AllowedValue, allowedValues, valueFault, valueFaultWords } from './suspicious-values.ts';

/** An identifier under every type of the company that a connector takes for the same type of the vendor, itself included. */
export type NamesOf = (identifier: Identifier) => readonly Identifier[];

/** A column `E-Mail` and a column `email` that feed one field of a vendor name the same person: a hold is about both. */
export function namesUnder(connectors: readonly ConfiguredConnector[]): NamesOf {
  const typesOf = new Map<string, Set<string>>();
  for (const sources of connectors.flatMap((configured) => [...identifierMapping(configured).values()])) {
    for (const source of sources) {
      const types = typesOf.get(source) ?? new Set([source]);
      for (const each of sources) types.add(each);
      typesOf.set(source, types);
    }
  }
  return ({ type, value }) => [...(typesOf.get(type) ?? [type])].map((name) => ({ type: name, value }));
}

/**
 * Who is to be put on hold, with what the connectors know of their identifiers: for {@link Ledger.addHold}.
 *
 * @throws HoldError where a value is nobody's.
 */
export function heldPerson(
  connectors: readonly ConfiguredConnector[],
  identifiers: readonly Identifier[],
  allowValues?: readonly AllowedValue[],
): HeldPerson {
  const isAllowed = allowedValues(allowValues);
  for (const identifier of identifiers) {
    const found = valueFault(identifier);
    if (found?.isCertain !== true || isAllowed(identifier)) continue;
    throw new HoldError('value-wrong', `${identifier.type}: ${valueFaultWords[found.fault]}.`);
  }
  const typesInUse = connectors.flatMap((configured) => [...identifierMapping(configured).values()].flat());
  return { identifiers, namesOf: namesUnder(connectors), typesInUse: [...new Set(typesInUse)] };
}

/** The holds that would stop a request for a person. Empty: they would be deleted. */
export function holdsOf(
  ledger: Ledger,
  connectors: readonly ConfiguredConnector[],
  identifiers: readonly Identifier[],
): Promise<readonly Hold[]> {
  const namesOf = namesUnder(connectors);
  return ledger.holdsOf(identifiers.flatMap(namesOf), recordsOf(connectors, identifiers));
}

// The records that identifiers name at the vendors.
function recordsOf(
  connectors: readonly ConfiguredConnector[],
  identifiers: readonly Identifier[],
): readonly HeldRecord[] {
  return connectors.flatMap((configured) => {
    const { targets } = subjectTargets(configured.connector, identifierMapping(configured), identifiers);
    return targets.map((target) => ({ connector: configured.name, target }));
  });
}
