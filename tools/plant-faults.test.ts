import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plantedFaults } from './planted-faults/faults.ts';
import { plant } from './planted-faults/plant.ts';

const root = join(import.meta.dirname, '..');

it('there are thirty faults or more, all of them different', () => {
  expect(plantedFaults.length).toBeGreaterThanOrEqual(30);
  expect(new Set(plantedFaults.map(({ what }) => what)).size).toBe(plantedFaults.length);
});

it.each(plantedFaults.map((fault) => [fault.what, fault] as const))('%s: can be planted', (_what, fault) => {
  const source = readFileSync(join(root, fault.file), 'utf8');
  expect(plant(fault, source)).not.toBe(source);
  expect(fault.tests.filter((test) => !existsSync(join(root, test)))).toEqual([]);
  expect(fault.tests).not.toEqual([]);
});

describe('plant', () => {
  const fault = { what: 'wrong', file: 'a.ts', search: '=== 1', replace: '=== $&', tests: [] };

  it('changes the one place, word for word', () => {
    expect(plant(fault, 'a === 1 && b')).toBe('a === $& && b');
  });

  it.each(['a !== 1', 'a === 1 || b === 1'])('refuses %j, where there is no such place or more than one', (source) => {
    expect(() => plant(fault, source)).toThrow('"wrong" can\'t be planted: in a.ts');
  });
});
