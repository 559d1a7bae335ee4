import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { csvColumns } from '../packages/report/src/csv-report.ts';

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs/reports.md'), 'utf8');
const schema: unknown = JSON.parse(readFileSync(join(root, 'apps/runner/expunge-report.schema.json'), 'utf8'));

/** The names of all properties of a JSON schema. */
function propertyNames(node: unknown): readonly string[] {
  if (typeof node !== 'object' || node === null) return [];
  const own = 'properties' in node && typeof node.properties === 'object' ? Object.keys(node.properties ?? {}) : [];
  return [...own, ...Object.values(node).flatMap(propertyNames)];
}

it.each([...csvColumns])('the page about reports has the CSV column %s', (column) => {
  expect(page).toContain(`\`${column}\``);
});

it.each([...new Set(propertyNames(schema))].sort())('the page about reports has the JSON field %s', (field) => {
  expect(page).toMatch(new RegExp(`\`[a-z]*\\.?${field}(\\[\\])?\``));
});
