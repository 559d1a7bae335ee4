import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { AutoClock } from './auto-clock.ts';
import { MemoryVendor } from './memory-vendor.ts';
import { openSetting, requestFor } from './setting.ts';

// Whoever can write the tables, without the key, must not decide whose record is deleted.

it('of two rows whose encrypted values were exchanged nobody is deleted', async () => {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock });
  for (const person of ['ada', 'bob', 'cleo']) vendor.people.add(person);
  const connectors = [{ name: 'memory', connector: vendor.connector }];
  const first = await openSetting(connectors, { clock });
  await first.engine.accept([requestFor('ada'), requestFor('bob'), requestFor('cleo')]);
  await first.close();

  const database = new DatabaseSync(first.path);
  const digests = database.prepare('SELECT digest FROM tasks ORDER BY id').all();
  const exchange = database.prepare('UPDATE tasks SET digest = ? WHERE id = ?');
  exchange.run(digests[1]?.digest ?? null, 1);
  exchange.run(digests[0]?.digest ?? null, 2);
  database.close();

  const again = await openSetting(connectors, { clock, path: first.path });
  await again.engine.run({ waitAtMostMs: Number.POSITIVE_INFINITY }).catch(() => undefined);
  expect(vendor.submits().flatMap(({ values }) => values)).not.toContain('ada');
  expect(vendor.submits().flatMap(({ values }) => values)).not.toContain('bob');
  expect([...vendor.people]).toEqual(expect.arrayContaining(['ada', 'bob']));
});
