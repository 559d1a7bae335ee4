import { createHash } from 'node:crypto';

/** Makes identifiers of one form: the same for the same name, another for another one. */
export type IdentifierForm = (name: string) => string;

const digest = (name: string) => createHash('sha256').update(name);
const numberOf = (name: string) => digest(name).digest().readUIntBE(0, 6);

/** Forms that identifiers have where they are no free text, for `identifierFor` of a harness. */
export const identifierForms = {
  /** Whole numbers of up to 15 digits. */
  number: (name) => `${numberOf(name) + 1}`,
  /** UUIDs. */
  uuid: (name) =>
    digest(name)
      .digest('hex')
      .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5'),
  /** E-mail addresses. */
  email: (name) => `p${numberOf(name)}@example.com`,
  /** Phone numbers of a country code that is kept for tests. */
  phone: (name) => `+999${`${numberOf(name)}`.padStart(9, '0').slice(-11)}`,
} as const satisfies Record<string, IdentifierForm>;
