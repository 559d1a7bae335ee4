import { createHash } from 'node:crypto';
import type { AltcraftFieldValue, AltcraftProfile, AltcraftSubscription } from './altcraft-database.ts';
import { altcraftSandboxCredentials } from './altcraft-settings.ts';
import { asRecord } from './kit/vendor-exchange.ts';

/** A profile to put into the account's memory. A text alone stands for `{ email: text }`. */
export interface AltcraftPerson {
  /** 24 hexadecimal digits; made from the rest unless told, always the same for the same person. */
  readonly id?: string;
  /** The sandbox's own database unless told. */
  readonly databaseId?: number;
  readonly email?: string;
  readonly phones?: readonly string[];
  /** Custom fields, such as `{ CRM_ID: '123420' }`. A tag field holds a list. */
  readonly fields?: Readonly<Record<string, AltcraftFieldValue>>;
  readonly subscriptions?: readonly AltcraftSubscription[];
}

/** Reads a person that may have come from another process; a complaint names position and field. */
export function parseAltcraftPerson(value: unknown, position: number): AltcraftProfile {
  const fields = asRecord(typeof value === 'string' ? { email: value } : value);
  if (fields === undefined) throw new Error(`Person ${position} must be an object.`);
  const wrong = (field: string, expected: string) => new Error(`Person ${position}: "${field}" must be ${expected}.`);
  const { id, databaseId = altcraftSandboxCredentials.databaseId, email, phones = [], subscriptions = [] } = fields;
  const custom = asRecord(fields.fields ?? {});
  if (id !== undefined && (typeof id !== 'string' || !/^[0-9a-f]{24}$/.test(id))) throw wrong('id', '24 hex digits');
  if (typeof databaseId !== 'number') throw wrong('databaseId', 'a number');
  if (email !== undefined && typeof email !== 'string') throw wrong('email', 'a text');
  if (!isTexts(phones)) throw wrong('phones', 'a list of texts');
  if (custom === undefined || !isFields(custom)) throw wrong('fields', 'texts, numbers or lists of texts by name');
  if (!Array.isArray(subscriptions)) throw wrong('subscriptions', 'a list');
  const unknown = Object.keys(fields).find((key) => !personKeys.includes(key));
  if (unknown !== undefined) throw new Error(`Person ${position} has a field "${unknown}" that means nothing here.`);
  return {
    id: id ?? createHash('sha256').update(JSON.stringify(fields)).digest('hex').slice(0, 24),
    databaseId,
    email,
    phones,
    fields: custom,
    subscriptions: subscriptions.map((entry) => parseSubscription(entry, wrong)),
  };
}

const personKeys = ['id', 'databaseId', 'email', 'phones', 'fields', 'subscriptions'];

function parseSubscription(value: unknown, wrong: (field: string, expected: string) => Error): AltcraftSubscription {
  const { resourceId, channel, email, phone, isDeleted = false } = asRecord(value) ?? {};
  const isText = (text: unknown) => text === undefined || typeof text === 'string';
  if (typeof resourceId !== 'number') throw wrong('subscriptions.resourceId', 'a number');
  if (typeof channel !== 'string') throw wrong('subscriptions.channel', 'a text');
  if (typeof isDeleted !== 'boolean') throw wrong('subscriptions.isDeleted', 'true or false');
  if (!isText(email) || !isText(phone)) throw wrong('subscriptions', 'with texts as email and phone');
  return {
    resourceId,
    channel,
    isDeleted,
    email: typeof email === 'string' ? email : undefined,
    phone: typeof phone === 'string' ? phone : undefined,
  };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isFields(value: Record<string, unknown>): value is Record<string, AltcraftFieldValue> {
  return Object.values(value).every((field) => ['string', 'number'].includes(typeof field) || isTexts(field));
}
