import { join } from 'node:path';
import { findUnfinished } from '@expunge/conformance';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

// What makes connectors speaks of what it leaves unfinished, and what finds such places of what it looks for.
const speaksOfIt = [
  'packages/create-connector/template/',
  'tools/new-connector/',
  'packages/conformance/src/find-unfinished',
  'site/',
];

it('leaves nothing to be written', () => {
  const places = findUnfinished([root]).filter(({ file }) => !speaksOfIt.some((path) => file.startsWith(path)));
  expect(places.map(({ file, line, what }) => `${file}:${line} ${what}`)).toEqual([]);
});
