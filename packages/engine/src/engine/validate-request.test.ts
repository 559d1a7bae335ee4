import { expect, it } from 'vitest';
import { isPlaceholder, requestIssues } from './validate-request.ts';

it.each([
  '',
  '  ',
  'null',
  'NULL',
  ' Undefined ',
  'anonymous',
  '00000000-0000-0000-0000-000000000000',
  '0',
  '000',
  '---',
  '???',
  '[object Object]',
  '{{user_id}}',
  ['$', '{user.id}'].join(''),
  'n/a',
  '-1',
])('takes %j for nobody', (value) => {
  expect(isPlaceholder(value)).toBe(true);
});

it.each(['ada', '1', '10', 'nullable', 'anonymous-42', 'a0', '00000000-0000-0000-0000-000000000001', 'O0'])(
  'takes %j for a person',
  (value) => {
    expect(isPlaceholder(value)).toBe(false);
  },
);

it('names the type and not the value', () => {
  const issues = requestIssues({
    subject: { identifiers: [{ type: 'user_id', value: 'undefined' }] },
    law: 'gdpr',
    receivedAt: '2026-01-05T00:00:00Z',
  });
  expect(issues).toHaveLength(1);
  expect(issues[0]).toMatch(/^user_id: .*placeholder/);
  expect(requestIssues({ id: 'x y', subject: { identifiers: [] }, law: 'gdpr', receivedAt: 'yesterday' })).toHaveLength(
    3,
  );
});
