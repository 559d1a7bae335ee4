import { readPersonFields } from './kit/person-fields.ts';
import type { SegmentExternalId } from './segment-space.ts';

/** A person to put into the workspace's memory. A text alone stands for `{ userId: text }`. */
export interface SegmentPerson {
  readonly userId: string;
  /** Further identifiers on the person's profile, written as Segment does: `email:ada@example.com`. */
  readonly externalIds?: readonly string[];
  /** The device id that the person's events carry beside the user id. */
  readonly anonymousId?: string;
  /** The source that the person's events came from; the first one of the workspace unless told. */
  readonly sourceId?: string;
  /** True unless told. */
  readonly hasEvents?: boolean;
}

/** Reads a person that may have come from another process; a complaint names position and field. */
export function parseSegmentPerson(value: unknown, position: number): SegmentPerson {
  const fields = readPersonFields(typeof value === 'string' ? { userId: value } : value, position);
  const anonymousId = fields.text('anonymousId');
  const sourceId = fields.text('sourceId');
  const person: SegmentPerson = {
    userId: fields.requiredText('userId'),
    externalIds: fields.texts('externalIds'),
    hasEvents: fields.flag('hasEvents') ?? true,
    ...(anonymousId === undefined ? {} : { anonymousId }),
    ...(sourceId === undefined ? {} : { sourceId }),
  };
  fields.end();
  return person;
}

/** All identifiers on the person's profile. */
export function externalIdsOf({ userId, externalIds = [] }: SegmentPerson): SegmentExternalId[] {
  return [{ type: 'user_id', id: userId }, ...externalIds.map(parseExternalId)];
}

function parseExternalId(text: string): SegmentExternalId {
  const colon = text.indexOf(':');
  if (colon < 1) throw new Error('An external id is written as type:id, such as email:ada@example.com.');
  return { type: text.slice(0, colon), id: text.slice(colon + 1) };
}
