import { type SegmentOrder, type SegmentSubjectType, segmentRegulationTypes } from './segment-regulation.ts';

/** The three create operations, which take different bodies. */
export type SegmentScope = 'workspace' | 'source' | 'cloud-source';

/** One entry of Segment's `errors` array for a body that is wrong. */
export interface SegmentInputError {
  readonly type: 'input-validation';
  readonly message: string;
  readonly field: string;
}

const subjectTypesByScope: Record<SegmentScope, readonly SegmentSubjectType[]> = {
  workspace: ['USER_ID', 'OBJECT_ID'],
  source: ['USER_ID', 'ANONYMOUS_ID'],
  'cloud-source': ['OBJECT_ID'],
};

/**
 * Checks the body of a create call (the tables of docs/vendors/segment.md).
 *
 * @returns The order, or every fault found.
 */
export function readSegmentOrder(
  body: unknown,
  scope: SegmentScope,
  archiveDeletionEnabled: boolean,
): { readonly order: Omit<SegmentOrder, 'sourceId'> } | { readonly errors: readonly SegmentInputError[] } {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return { errors: [fault('body', 'must be an object')] };
  }
  const fields: Record<string, unknown> = { ...body };
  const types = segmentRegulationTypes.filter(
    (type) => type !== 'DELETE_ARCHIVE_ONLY' || (scope === 'source' && archiveDeletionEnabled),
  );
  const regulationType = types.find((type) => type === fields.regulationType);
  const subjectType = subjectTypesByScope[scope].find((type) => type === fields.subjectType);
  const { subjectIds, collection } = fields;
  const errors: SegmentInputError[] = [];
  if (regulationType === undefined) errors.push(wrongWord('regulationType', fields.regulationType, types));
  if (subjectType === undefined) {
    errors.push(wrongWord('subjectType', fields.subjectType, subjectTypesByScope[scope]));
  }
  if (subjectIds === undefined) errors.push(fault('subjectIds', 'is required'));
  else if (!isFilledStrings(subjectIds)) errors.push(fault('subjectIds', 'must be an array of filled strings'));
  if (scope === 'cloud-source' && (typeof collection !== 'string' || collection === '')) {
    errors.push(fault('collection', 'is required'));
  }
  if (subjectType === 'ANONYMOUS_ID' && regulationType !== undefined && regulationType !== 'DELETE_ARCHIVE_ONLY') {
    errors.push(fault('subjectType', 'may be ANONYMOUS_ID only with DELETE_ARCHIVE_ONLY'));
  }
  const known = ['regulationType', 'subjectType', 'subjectIds', ...(scope === 'cloud-source' ? ['collection'] : [])];
  for (const name of Object.keys(fields)) {
    if (!known.includes(name)) errors.push(fault(name, 'is not allowed'));
  }
  if (errors.length > 0 || regulationType === undefined || subjectType === undefined || !isFilledStrings(subjectIds)) {
    return { errors };
  }
  return {
    order: {
      regulationType,
      subjectType,
      subjectIds,
      collection: typeof collection === 'string' ? collection : undefined,
    },
  };
}

/** An entry of Segment's `errors` array. */
export function fault(field: string, what: string): SegmentInputError {
  return { type: 'input-validation', message: `"${field}" ${what}`, field };
}

function wrongWord(field: string, value: unknown, words: readonly string[]): SegmentInputError {
  return fault(field, value === undefined ? 'is required' : `must be one of [${words.join(', ')}]`);
}

function isFilledStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string' && item !== '');
}
