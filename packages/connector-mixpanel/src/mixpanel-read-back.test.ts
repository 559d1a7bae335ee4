import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildAccountQuery, buildProfileQuery, profilePageSchema } from './mixpanel-query-api.ts';
import { readPage } from './mixpanel-read-back.ts';

const access = {
  host: 'https://eu.mixpanel.com',
  serviceAccount: { username: 'test-reader', secret: 'test-secret' },
  projectId: 42,
};
const headers = { authorization: `Basic ${btoa('test-reader:test-secret')}`, accept: 'application/json' };

function target(value: string) {
  return { type: 'distinct_id', value };
}

describe('buildProfileQuery', () => {
  it('is the documented call, for many ids at once', () => {
    const request = buildProfileQuery(access, [target('ada'), target('grace')]);
    expect(request).toMatchObject({
      method: 'POST',
      url: 'https://eu.mixpanel.com/api/query/engage?project_id=42',
      headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(Object.fromEntries(new URLSearchParams(request.body))).toEqual({
      distinct_ids: '["ada","grace"]',
      output_properties: '["$last_seen"]',
    });
  });

  it('names the workspace where there is one', () => {
    expect(buildProfileQuery({ ...access, workspaceId: 7 }, [target('ada')]).url).toBe(
      'https://eu.mixpanel.com/api/query/engage?project_id=42&workspace_id=7',
    );
  });

  it('brings every id through the form', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', minLength: 1 })), (values) => {
        const form = new URLSearchParams(buildProfileQuery(access, values.map(target)).body);
        expect(JSON.parse(form.get('distinct_ids') ?? '')).toEqual(values);
      }),
    );
  });
});

it('buildAccountQuery is the documented call', () => {
  expect(buildAccountQuery(access)).toEqual({ method: 'GET', url: 'https://eu.mixpanel.com/api/app/me', headers });
});

describe('readPage', () => {
  const people = [target('ada'), target('grace')];
  const partly = 'Mixpanel answered with only a part of the profiles.';
  const stranger = 'Mixpanel answered with a profile under an id that was not asked for, so a missing one may be that.';

  function read(ids: readonly (string | number)[], counts: Record<string, number>, targets = people) {
    const results = ids.map((id) => ({ $distinct_id: id, $properties: {} }));
    return readPage(profilePageSchema.parse({ status: 'ok', results, ...counts }), targets).map((outcome) =>
      outcome.type === 'unknown' ? outcome.reason : outcome.type,
    );
  }

  it('finds who is on the whole page present and the others absent', () => {
    expect(read(['grace'], { page: 0, page_size: 1000, total: 1 })).toEqual(['absent', 'present']);
    expect(read([], { page: 0, page_size: 1000, total: 0 })).toEqual(['absent', 'absent']);
    expect(read(['grace'], { page: 0, page_size: 1000 })).toEqual(['absent', 'present']);
  });

  it('compares ids as strings', () => {
    expect(read([13793], { total: 1 }, [target('13793'), target('ada')])).toEqual(['present', 'absent']);
  });

  it('calls nobody absent on a part of the answer', () => {
    expect(read(['grace'], { page: 0, page_size: 1, total: 2 })).toEqual([partly, 'present']);
    expect(read(['grace'], { page: 1, page_size: 1000, total: 1 })).toEqual([partly, 'present']);
    expect(read(['grace'], { page: 0, page_size: 1 })).toEqual([partly, 'present']);
    expect(read(['grace'], {})).toEqual([partly, 'present']);
  });

  it('calls nobody absent where another id came back', () => {
    expect(read(['Ada'], { page: 0, page_size: 1000, total: 1 })).toEqual([stranger, stranger]);
    expect(read(['grace', 7], { page: 0, page_size: 1000, total: 2 }, [target('007'), target('grace')])).toEqual([
      stranger,
      'present',
    ]);
  });

  it('answers for every target, in order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1 })), fc.infiniteStream(fc.boolean()), (values, coin) => {
        const found = values.filter(() => coin.next().value);
        const outcomes = read([...found].reverse(), { total: found.length }, values.map(target));
        expect(outcomes).toEqual(values.map((value) => (found.includes(value) ? 'present' : 'absent')));
      }),
    );
  });
});
