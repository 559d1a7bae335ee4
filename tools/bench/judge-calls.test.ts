import { expect, it } from 'vitest';
import { judgeCalls } from './judge-calls.ts';
import { personAt } from './people.ts';
import { type DeletionName, deletionOf } from './vendor-calls.ts';

const userIds = [0, 1, 2].map((position) => personAt(position).userId);
const emails = [0, 1, 2].map((position) => personAt(position).email);
const tasks = (...ids: readonly (string | undefined)[]) =>
  ({ deletion: 'mixpanel-gdpr', body: JSON.stringify({ distinct_ids: ids }) }) as const;

it.each<[DeletionName, readonly unknown[]]>([
  ['mixpanel-gdpr', [{ distinct_ids: userIds }]],
  ['mixpanel-profile', [userIds.map((id) => ({ $distinct_id: id }))]],
  ['clevertap', [{ identity: userIds.slice(0, 2) }, { identity: userIds.slice(2) }]],
  ['altcraft', emails.map((email) => ({ matching: 'email', email }))],
  ['segment-regulation', [{ subjectIds: userIds }]],
  ['segment-identifier', emails.map((id) => ({ delete_external_ids: [{ id, type: 'email' }] }))],
])('finds everybody in the calls of %s', (deletion, bodies) => {
  const calls = bodies.map((body) => ({ deletion, body: JSON.stringify(body) }));
  expect(judgeCalls(calls, 3)).toEqual({ calls: bodies.length, missing: 0, repeated: 0, strangers: 0 });
});

it('sees who was forgotten, who came twice, and who is not on the list', () => {
  const calls = [tasks(userIds[0], userIds[1]), tasks(userIds[1], 'somebody-else')];
  expect(judgeCalls(calls, 3)).toEqual({ calls: 2, missing: 1, repeated: 1, strangers: 1 });
});

it('judges each deletion by itself, and nothing at all as nobody deleted', () => {
  const clevertap = { deletion: 'clevertap', body: JSON.stringify({ identity: userIds.slice(0, 1) }) } as const;
  expect(judgeCalls([tasks(...userIds), clevertap], 3)).toMatchObject({ missing: 2, repeated: 0 });
  expect(judgeCalls([], 3)).toMatchObject({ calls: 0, missing: 3 });
});

it('tells deletions from questions', () => {
  expect(deletionOf('POST', '/api/app/data-deletions/v3.0/?token=t')).toBe('mixpanel-gdpr');
  expect(deletionOf('GET', '/api/app/data-deletions/v3.0/7/?token=t')).toBeUndefined();
  expect(deletionOf('GET', '/regulations/reg_1')).toBeUndefined();
  expect(deletionOf('POST', '/somewhere/else')).toBeUndefined();
});
