import { describe, expect, it } from 'vitest';
import { createLazySchedule } from './lazy-schedule.ts';
import { createManualClock } from './sandbox-clock.ts';

describe('a lazy schedule', () => {
  it('does what is due, earliest first, when somebody looks, and once', () => {
    const clock = createManualClock(0);
    const schedule = createLazySchedule(clock);
    const done: string[] = [];
    schedule.plan(300, () => done.push('late'));
    schedule.plan(100, () => done.push('early'));
    schedule.plan(100, () => done.push('early too'));
    schedule.plan(1000, () => done.push('much later'));
    schedule.runDue();
    expect(done).toEqual([]);
    clock.advance(300);
    expect(done).toEqual([]);
    schedule.runDue();
    schedule.runDue();
    expect(done).toEqual(['early', 'early too', 'late']);
  });
});
