import { describe, expect, it } from 'vitest';
import { fakeNow, KeptOutput } from '../../test/fake-environment.ts';
import { summaryOf } from '../../test/summaries.ts';
import { colorsFor } from './colors.ts';
import { renderSummary } from './summary-table.ts';

const plain = colorsFor(new KeptOutput(), {});

describe('renderSummary', () => {
  it('says what is known, and never more', () => {
    const text = renderSummary(
      [
        summaryOf('mixpanel', { states: { deleted: 10, absent: 2 }, assurances: { verified: 4, confirmed: 8 } }),
        summaryOf('clevertap', { states: { accepted: 12 }, assurances: { accepted: 12 } }),
        summaryOf('altcraft', {
          states: { deleted: 5, failed: 3, skipped: 4 },
          assurances: { confirmed: 5 },
          reasons: [
            { state: 'failed', reason: 'refused', count: 3 },
            { state: 'skipped', reason: 'identifier-missing', count: 4 },
          ],
        }),
        summaryOf('segment', { states: { waiting: 12 }, nextAt: '2026-08-22T09:30:00Z' }),
      ],
      plain,
      fakeNow,
    );
    expect(text).toBe(`  connector  verified  confirmed  nothing there  accepted*  waiting  failed  skipped
  mixpanel          4          6              2          0        0       0        0
  clevertap         0          0              0         12        0       0        0
  altcraft          0          5              0          0        0       3        4
  segment           0          0              0          0       12       0        0

  altcraft: 3 failed: the vendor's rules forbid it
  altcraft: 4 skipped: no identifier that this vendor can use
  segment: 12 deletions open, goes on at 2026-08-22 09:30 UTC
  * accepted: the vendor took it; whether it finished cannot be observed.
`);
  });

  it('says how many were not read before their deletion, and why', () => {
    const unread = [
      { reason: 'vendor-unavailable', count: 200 },
      { reason: 'no-time', count: 3 },
    ];
    const text = renderSummary([summaryOf('mixpanel', { states: { deleted: 203 }, unread })], plain, fakeNow);
    expect(text).toContain('mixpanel: 200 not read before the deletion: the vendor has trouble of its own\n');
    expect(text).toContain('mixpanel: 3 not read before the deletion: its turn to be read did not come in time\n');
  });

  it('says until when a connector is blocked, and that nothing goes on by itself', () => {
    const text = renderSummary(
      [
        summaryOf('mixpanel', {
          states: { ready: 1200 },
          reasons: [{ state: 'ready', reason: 'quota-spent', count: 1200 }],
          nextAt: '2026-09-15T00:00:00Z',
        }),
        summaryOf('segment', {
          states: { ready: 1 },
          reasons: [{ state: 'ready', reason: 'rate-limited', count: 1 }],
          nextAt: '2026-08-21T11:59:00Z',
        }),
      ],
      plain,
      fakeNow,
    );
    expect(text).toContain("mixpanel: 1,200 to be sent: the plan's volume is used up\n");
    expect(text).toContain('mixpanel: 1,200 deletions open, goes on at 2026-09-15 00:00 UTC\n');
    expect(text).toContain('segment: 1 to be sent: the vendor asks for fewer calls\n');
    expect(text).toContain('segment: 1 deletion open, due now\n');
    expect(text).not.toContain('goes on now');
  });

  it('says why a connector is paused, and what erases nobody', () => {
    const text = renderSummary(
      [
        summaryOf('clevertap', {
          states: { ready: 2 },
          paused: { code: 'credentials-rejected', message: 'Check the passcode.', at: '2026-08-21T11:00:00Z' },
        }),
        summaryOf('identifiers', { states: { deleted: 2 }, assurances: { confirmed: 2 } }),
        summaryOf('suppressions', { states: { deleted: 2 }, assurances: { confirmed: 2 } }),
      ],
      plain,
      fakeNow,
      new Map([
        ['identifiers', 'identifier'],
        ['suppressions', 'nothing'],
      ]),
    );
    expect(text).toContain('clevertap: paused (credentials-rejected). Check the passcode.');
    expect(text).toContain('identifiers: detaches identifiers; nobody is erased there');
    expect(text).toContain('suppressions: deletes nothing and nobody');
  });
});
