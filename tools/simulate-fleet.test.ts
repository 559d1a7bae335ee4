import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

function simulate(...flags: string[]): string {
  return execFileSync(process.execPath, [join(root, 'tools/simulate-fleet.ts'), ...flags], {
    encoding: 'utf8',
    stdio: 'pipe',
  });
}

it('says what docs/fleet.md shows', () => {
  expect(readFileSync(join(root, 'docs/fleet.md'), 'utf8')).toContain(simulate());
});

it('names what limits first when it is the fleet itself', () => {
  expect(simulate('--database-us', '100000000')).toContain('First of all: the database: one writer');
});

it('refuses what is no cost', () => {
  expect(() => simulate('--workers', 'many')).toThrow(/--workers takes a number above 0/);
});
