import { describe, expect, it } from 'vitest';
import { fakeNow, KeptOutput } from '../../test/fake-environment.ts';
import { createEventReporter } from './event-reporter.ts';
import { createMessages } from './messages.ts';

function reporter() {
  const stream = new KeptOutput();
  let now = fakeNow;
  const messages = createMessages({ stream, environment: {}, quiet: true });
  return { stream, events: createEventReporter(messages, () => now), pass: (ms: number) => (now += ms) };
}

const failed = {
  type: 'call-failed',
  connector: 'altcraft',
  code: 'timed-out',
  message: 'No answer.',
  targets: 2,
} as const;

describe('createEventReporter', () => {
  it('makes one line of each kind of event', () => {
    const { stream, events } = reporter();
    events.take(failed);
    events.take({
      type: 'connector-paused',
      connector: 'clevertap',
      code: 'credentials-rejected',
      message: 'Check it.',
    });
    events.take({
      type: 'connector-slowed',
      connector: 'segment',
      untilAt: '2026-08-21T12:01:00Z',
      message: 'Too many.',
    });
    events.take({ type: 'contradiction', connector: 'altcraft', targets: 1 });
    events.take({ type: 'erasure-unfinished' });
    expect(stream.text).toBe(
      [
        'warning: altcraft: a call for 2 records failed (timed-out). No answer.',
        'error: clevertap is paused (credentials-rejected); the others go on. Check it.',
        'warning: segment slows down and goes on in 60 seconds. Too many.',
        'warning: altcraft: the vendor says done, and 1 record can still be found. Deleting again.',
        "warning: What was erased may still be in the ledger's files, encrypted: another process is reading them, or they are too large to be written anew at once. It is tried again.",
        '',
      ].join('\n'),
    );
  });

  it('does not repeat one kind for a while, and says how often it happened', () => {
    const { stream, events, pass } = reporter();
    for (let count = 0; count < 100; count += 1) events.take(failed);
    pass(10_000);
    events.take(failed);
    events.take(failed);
    events.end();
    expect(stream.text.split('\n')).toEqual([
      'warning: altcraft: a call for 2 records failed (timed-out). No answer.',
      'warning: altcraft: a call for 2 records failed (timed-out). No answer. (and 99 more times before)',
      'warning: altcraft: no answer in time: 1 more time.',
      '',
    ]);
  });
});
