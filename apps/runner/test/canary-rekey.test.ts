import { existsSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { Sandbox } from '@expunge/vendor-sandbox';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { canaryPerson } from './canaries.ts';
import {
  type CanaryWorkplace,
  canaryList,
  everywhereConfig,
  openCanaryWorkplace,
  startCanaryVendors,
} from './canary-workplace.ts';
import { filesBelow, findLeaks } from './find-leaks.ts';

let sandbox: Sandbox;
let workplace: CanaryWorkplace;

beforeEach(async () => {
  sandbox = await startCanaryVendors();
  workplace = openCanaryWorkplace();
  workplace.writeInput('expunge.config.json', everywhereConfig(sandbox, { wait: '1d' }));
  // Enough for a change of keys to take a while.
  const crowd = Array.from(
    { length: 3000 },
    (_, index) => `R-${index + 2},user-${index},user-${index}@example.com,,\n`,
  );
  workplace.writeInput('people.csv', `${canaryList()}${crowd.join('')}`);
});
afterEach(async () => {
  await workplace.close();
  await sandbox.close();
});

const at = (name: string) => join(workplace.folder, name);
const keyIn = (name: string) => (existsSync(at(name)) ? readFileSync(at(name), 'utf8').trim() : undefined);

/** Resolves as soon as the next key is there. */
function nextKeyIsThere(): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(workplace.folder, (_event, name) => {
      if (name !== 'expunge.db.key.next') return;
      watcher.close();
      resolve();
    });
  });
}

it('lets neither people nor keys out when a change of keys is killed at any moment, and opens with one of them', async () => {
  expect((await workplace.run(['delete', 'people.csv', '--wait', '0s', '--confirm', '3001'])).code).toBe(3);
  const keys = new Set([keyIn('expunge.db.key')]);
  let cutOff = 0;
  for (const afterMs of [0, 5, 20, 60]) {
    const nextKey = nextKeyIsThere();
    const running = workplace.start(['ledger', 'rekey']);
    await nextKey;
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    running.child.kill('SIGKILL');
    await running.ended;
    if (keyIn('expunge.db.key.next') !== undefined) cutOff += 1;
    for (const name of ['expunge.db.key', 'expunge.db.key.next']) keys.add(keyIn(name));
    expect(workplace.leaks()).toEqual([]);
    const { code, output } = await workplace.run(['status', '--json', '--subject', `email=${canaryPerson.email}`]);
    expect({ code, requests: JSON.parse(output).requests?.length }).toEqual({ code: 0, requests: 1 });
  }
  // Kills after the change would show nothing.
  expect(cutOff).toBeGreaterThan(0);
  expect((await workplace.run(['ledger', 'rekey'])).code).toBe(0);
  expect((await workplace.run(['audit', 'verify'])).code).toBe(0);
  expect(workplace.leaks()).toEqual([]);
  // Keys, used and never used, stand in their files alone. A kill may have left an empty file, which holds no key.
  const canaryKeys = [...keys].flatMap((value, index) =>
    value === undefined || value === '' ? [] : [{ name: `key ${index}`, value }],
  );
  const elsewhere = [...filesBelow(workplace.folder)].filter(({ name }) => !name.startsWith('expunge.db.key'));
  expect(canaryKeys.length).toBeGreaterThan(1);
  expect(findLeaks(canaryKeys, [...workplace.printed(), ...elsewhere])).toEqual([]);
});
