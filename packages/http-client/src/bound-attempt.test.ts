import { getEventListeners } from 'node:events';
import { afterEach, expect, it, vi } from 'vitest';
import { boundAttempt } from './bound-attempt.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** A time-out that the test decides about. */
function timeoutOf(timeoutMs: number): AbortController {
  const timeout = new AbortController();
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    expect(ms).toBe(timeoutMs);
    return timeout.signal;
  });
  return timeout;
}

it('ends an attempt when its time is up', async () => {
  const timeout = timeoutOf(1000);
  const bounds = boundAttempt(1000, undefined);
  expect(bounds.signal.aborted).toBe(false);

  timeout.abort(new DOMException('', 'TimeoutError'));

  expect([bounds.signal.aborted, bounds.hasTimedOut()]).toEqual([true, true]);
  await expect(bounds.ended).rejects.toMatchObject({ name: 'TimeoutError' });
});

it('ends an attempt when the caller gives up, and tells that from a time-out', async () => {
  timeoutOf(1000);
  const caller = new AbortController();
  const bounds = boundAttempt(1000, caller.signal);

  caller.abort();

  expect([bounds.signal.aborted, bounds.hasTimedOut()]).toEqual([true, false]);
  await expect(bounds.ended).rejects.toMatchObject({ name: 'AbortError' });
});

it('is held by nothing once the attempt is over', () => {
  const timeout = timeoutOf(30_000);
  const caller = new AbortController();
  const held = () => [timeout.signal, caller.signal].map((signal) => getEventListeners(signal, 'abort').length);
  const bounds = boundAttempt(30_000, caller.signal);
  expect(held()).toEqual([1, 1]);

  bounds.release();

  expect(held()).toEqual([0, 0]);
});
