import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { coverageTables } from './plant-mistakes/coverage-tables.ts';
import { type Plan, spoiled } from './plant-mistakes/plant.ts';

// The mistakes themselves are planted by hand (node tools/plant-mistakes.ts): that takes minutes. Here, that they can be.

const root = join(import.meta.dirname, '..');
const folder = join(import.meta.dirname, 'plant-mistakes/mistakes');
const plans = readdirSync(folder).map((file): Plan => JSON.parse(readFileSync(join(folder, file), 'utf8')));

describe.each(plans.map((plan) => [plan.connector, plan] as const))('the mistakes in %s', (_connector, plan) => {
  it('are forty at least, each another one', () => {
    expect(plan.mistakes.length).toBeGreaterThanOrEqual(40);
    const texts = plan.mistakes.map(({ file, find, replace }) => JSON.stringify([file, find, replace]));
    expect(new Set(texts).size).toBe(texts.length);
    expect(existsSync(join(root, plan.test))).toBe(true);
  });

  it('stand where they say, once', () => {
    for (const mistake of plan.mistakes) {
      const text = readFileSync(join(root, mistake.file), 'utf8');
      expect(spoiled(text, mistake), mistake.mistake).not.toBe(text);
    }
  });
});

it('are in the table as they were found (otherwise: node tools/plant-mistakes.ts --write)', () => {
  const page = readFileSync(join(root, 'docs/conformance-coverage.md'), 'utf8');
  expect(page).toContain(coverageTables(root));
});
