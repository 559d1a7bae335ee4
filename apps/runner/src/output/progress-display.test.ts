import type { ConnectorProgress } from '@expunge/engine';
import { describe, expect, it } from 'vitest';
import { fakeNow, KeptOutput } from '../../test/fake-environment.ts';
import { createMessages } from './messages.ts';
import { createProgressDisplay } from './progress-display.ts';

function progress(deleted: number, total: number, extra: Partial<ConnectorProgress> = {}): ConnectorProgress {
  const states = { deleted, ready: total - deleted };
  return { connector: 'clevertap', states, paused: undefined, nextAt: undefined, ...extra };
}

function display(isTerminal: boolean, quiet = false, rows = 40) {
  const stream = new KeptOutput(isTerminal, rows);
  let now = fakeNow;
  const messages = createMessages({ stream, environment: { NO_COLOR: '1' }, quiet });
  const shown = createProgressDisplay({ stream, messages, quiet, now: () => now });
  return { stream, messages, shown, pass: (ms: number) => (now += ms) };
}

describe('progress in a pipe', () => {
  it('is a plain line when something changed, at most every five seconds, and at the end', () => {
    const { stream, shown, pass } = display(false);
    shown.update([progress(1, 10)]);
    expect(stream.text).toBe('');
    pass(5000);
    shown.update([progress(2, 10)]);
    pass(5000);
    shown.update([progress(2, 10)]);
    pass(1000);
    shown.update([progress(5, 10)]);
    shown.end([
      progress(9, 10, {
        states: { deleted: 7, failed: 1, skipped: 1, waiting: 1 },
        nextAt: '2026-08-21T12:30:00Z',
      }),
    ]);
    expect(stream.text).toBe(
      'clevertap: 2 of 10 settled\nclevertap: 9 of 10 settled (1 vendor at work, goes on in 30 minutes, 1 failed, 1 skipped or cancelled)\n',
    );
  });

  it('says that a connector is paused', () => {
    const { stream, shown } = display(false);
    shown.end([progress(1, 10, { paused: { code: 'credentials-rejected', message: 'x' } })]);
    expect(stream.text).toBe('clevertap: 1 of 10 settled (paused: credentials-rejected)\n');
  });
});

describe('progress on a terminal', () => {
  it('is a bar, and messages stand above it', () => {
    const { stream, messages, shown } = display(true);
    shown.update([progress(5, 10)]);
    shown.update([progress(5, 10, { states: { deleted: 5, waiting: 2, 'read-back': 1, ready: 2 } })]);
    messages.warn('something happened');
    shown.end([progress(10, 10)]);
    messages.info('afterwards');
    expect(stream.text).toContain(`clevertap  ${'█'.repeat(12)}${'░'.repeat(12)}           5/10`);
    expect(stream.text).toContain(`${'█'.repeat(12)}${'▒'.repeat(7)}${'░'.repeat(5)}`);
    expect(stream.text).toContain('warning: something happened');
    expect(stream.text).toContain(`${'█'.repeat(24)}`);
    expect(stream.text.endsWith('afterwards\n')).toBe(true);
  });
});

it('is plain lines on a terminal that has no height', () => {
  const { stream, shown } = display(true, false, 0);
  shown.end([progress(5, 10)]);
  expect(stream.text).toBe('clevertap: 5 of 10 settled\n');
});

it('is nothing with --quiet', () => {
  const { stream, shown } = display(true, true);
  shown.update([progress(5, 10)]);
  shown.end([progress(10, 10)]);
  expect(stream.text).toBe('');
});
