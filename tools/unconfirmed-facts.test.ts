import { describe, expect, it } from 'vitest';
import { faultsOf, readFromRoot, rowsOf } from './named-tests.ts';

// docs/vendors/unconfirmed-facts.md: what nobody could confirm has a test for each reading.

describe('docs/vendors/unconfirmed-facts.md', () => {
  const table = readFromRoot('docs/vendors/unconfirmed-facts.md') ?? '';

  it('names only tests that are there, and one for every reading', () => {
    expect(faultsOf(table, readFromRoot)).toEqual([]);
    expect(rowsOf(table).length).toBeGreaterThan(50);
  });

  it('has two readings or more of each fact', () => {
    const readings = Map.groupBy(rowsOf(table), ([fact = '']) => fact);
    const lone = [...readings].filter(([, rows]) => new Set(rows.map(([, reading]) => reading)).size < 2);
    expect(lone.map(([fact]) => fact)).toEqual([]);
  });
});
