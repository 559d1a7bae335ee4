import { getEventListeners } from 'node:events';
import { afterEach, expect, it, vi } from 'vitest';
import { boundAttempt } from './bound-attempt.ts';

afterEach(() => {
  vi.useRealTimers();
});

it('ends an attempt when its time is up', async () => {
  vi.useFakeTimers();
  const bounds = boundAttempt(1000, undefined);
  await vi.advanceTimersByTimeAsync(999);
  expect(bounds.signal.aborted).toBe(false);

  await vi.advanceTimersByTimeAsync(1);

  expect({ isAborted: bounds.signal.aborted, hasTimedOut: bounds.hasTimedOut() }).toEqual({
    isAborted: true,
    hasTimedOut: true,
  });
  await expect(bounds.ended).rejects.toMatchObject({ name: 'TimeoutError' });
});

it('ends an attempt when the caller gives up, and tells that from a time-out', async () => {
  const caller = new AbortController();
  const bounds = boundAttempt(1000, caller.signal);

  caller.abort();

  expect({ isAborted: bounds.signal.aborted, hasTimedOut: bounds.hasTimedOut() }).toEqual({
    isAborted: true,
    hasTimedOut: false,
  });
  await expect(bounds.ended).rejects.toMatchObject({ name: 'AbortError' });
});

it('holds nothing once the attempt is over', () => {
  vi.useFakeTimers();
  const caller = new AbortController();
  const bounds = boundAttempt(30_000, caller.signal);
  expect([vi.getTimerCount(), getEventListeners(caller.signal, 'abort').length]).toEqual([1, 1]);

  bounds.release();

  expect([vi.getTimerCount(), getEventListeners(caller.signal, 'abort').length]).toEqual([0, 0]);
});
