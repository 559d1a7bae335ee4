import { createHash } from 'node:crypto';
import { asRecord } from './kit/vendor-exchange.ts';

/** A person to put into the memory: identity types with one value or several. A text alone stands for a `controller_customer_id`. */
export type OpenDsrPerson = Readonly<Record<string, string | readonly string[]>>;

/** An identity as a request names it. */
export interface OpenDsrIdentity {
  readonly identity_type: string;
  readonly identity_value: string;
  readonly identity_format: string;
}

interface KnownPerson {
  readonly identities: readonly { readonly type: string; readonly value: string }[];
}

const hashes = ['sha1', 'md5', 'sha256'] as const;

/** Everybody whom the fake processor knows. One identity may belong to several people. */
export class OpenDsrPeople {
  readonly #people = new Set<KnownPerson>();
  /** By type, format and value, hashes included: a processor finds a hash by hashing what it has. */
  readonly #byKey = new Map<string, Set<KnownPerson>>();

  get size(): number {
    return this.#people.size;
  }

  add(person: OpenDsrPerson): void {
    const identities = Object.entries(person).flatMap(([type, values]) =>
      [values].flat().map((value) => ({ type, value })),
    );
    const known: KnownPerson = { identities };
    this.#people.add(known);
    for (const key of keysOf(known)) this.#byKey.set(key, (this.#byKey.get(key) ?? new Set()).add(known));
  }

  /** Whether somebody has this identity. */
  has(type: string, value: string): boolean {
    return (this.#byKey.get(keyOf(type, 'raw', value))?.size ?? 0) > 0;
  }

  /** Everybody who has one of these identities goes. */
  erase(identities: readonly OpenDsrIdentity[]): void {
    for (const { identity_type, identity_format, identity_value } of identities) {
      const value = identity_format === 'raw' ? identity_value : identity_value.toLowerCase();
      for (const person of [...(this.#byKey.get(keyOf(identity_type, identity_format, value)) ?? [])]) {
        this.#people.delete(person);
        for (const key of keysOf(person)) this.#byKey.get(key)?.delete(person);
      }
    }
  }
}

/** Reads a seeded person; a complaint names the position in the list and the field. */
export function parseOpenDsrPerson(value: unknown, position: number): OpenDsrPerson {
  if (typeof value === 'string') return { controller_customer_id: value };
  const fields = Object.entries(asRecord(value) ?? {});
  if (fields.length === 0) throw new Error(`Person ${position} must be a text, or an object with an identity.`);
  for (const [type, identity] of fields) {
    const values: unknown[] = [identity].flat();
    if (!values.every((each) => typeof each === 'string' && each !== '')) {
      throw new Error(`Person ${position}: "${type}" must be a text or a list of texts.`);
    }
  }
  return Object.fromEntries(fields) as Record<string, string | string[]>;
}

function keysOf({ identities }: KnownPerson): string[] {
  return identities.flatMap(({ type, value }) => [
    keyOf(type, 'raw', value),
    ...hashes.map((format) => keyOf(type, format, createHash(format).update(value).digest('hex'))),
  ]);
}

function keyOf(type: string, format: string, value: string): string {
  return JSON.stringify([type, format, value]);
}
