import { expect, it } from 'vitest';
import { AutoClock } from './auto-clock.ts';
import { MemoryVendor } from './memory-vendor.ts';
import { openSetting, requestFor } from './setting.ts';

it('a job that others are in is not cancelled for one of them, and one that is theirs alone is', async () => {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock, mode: 'polled', canCancel: true });
  vendor.people.add('ada').add('bob').add('cleo');
  const { engine } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
  const cancels = () => vendor.calls.filter(({ kind }) => kind === 'cancel').length;
  await engine.accept([requestFor('ada'), requestFor('bob')]);
  await engine.run({ waitAtMostMs: 0 });
  expect(vendor.jobs).toHaveLength(1);
  expect(await engine.cancel('r-ada')).toMatchObject({ cancelled: 0, tooLate: 1 });
  expect(cancels()).toBe(0);

  await engine.accept([requestFor('cleo')]);
  await engine.run({ waitAtMostMs: 0 });
  expect(await engine.cancel('r-cleo')).toMatchObject({ cancelled: 1, tooLate: 0 });
  expect(cancels()).toBe(1);

  await engine.run({ waitAtMostMs: Number.POSITIVE_INFINITY });
  expect([...vendor.people]).toEqual(['cleo']);
});
