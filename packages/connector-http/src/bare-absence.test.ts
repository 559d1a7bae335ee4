import { describe, expect, it } from 'vitest';
import { isBareAbsence } from './bare-absence.ts';
import type { BodyRule } from './reply-schema.ts';

const absent = (body: BodyRule, status = 404) => isBareAbsence({ status, body, means: 'absent' });

describe('an absence that any gateway could answer with', () => {
  it.each<[BodyRule, boolean]>([
    ['empty', true],
    [[{ at: '', is: 'empty' }], true],
    [[{ at: '/errors', exists: false }], true],
    [[{ at: '/message', equals: 'Not Found' }], true],
    [[{ at: '/message', startsWith: 'Not' }], true],
    [[{ at: '/error', exists: true }], true],
    [[{ at: '', startsWith: '404' }], true],
    [[{ at: '/error/code', equals: 'user_not_found' }], false],
    [[{ at: '/message', equals: 'No such user' }], false],
    [[{ at: '/user', sameAs: 'id' }], false],
  ])('%j: %s', (body, isBare) => {
    expect(absent(body)).toBe(isBare);
  });

  it('is none with a success, and none where nobody is said to be absent', () => {
    expect(absent([{ at: '', is: 'empty' }], 200)).toBe(false);
    expect(isBareAbsence({ status: 404, body: 'empty', means: 'setup-wrong' })).toBe(false);
    expect(isBareAbsence({ status: 404, body: 'empty', means: 'lost' })).toBe(true);
  });
});
