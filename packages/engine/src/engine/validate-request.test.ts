import { expect, it } from 'vitest';
import { requestIssues } from './validate-request.ts';

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

it('takes a value that somebody has looked at, and no other one', () => {
  const request = (value: string) => ({
    subject: { identifiers: [{ type: 'user_id', value }] },
    law: 'gdpr' as const,
    receivedAt: '2026-01-05T00:00:00Z',
  });
  const isGuest = ({ value }: { readonly value: string }) => value === 'guest';
  expect(requestIssues(request('guest'))).toHaveLength(1);
  expect(requestIssues(request('guest'), isGuest)).toEqual([]);
  expect(requestIssues(request('null'), isGuest)).toHaveLength(1);
});
