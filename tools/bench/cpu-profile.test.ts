import { expect, it } from 'vitest';
import { readBundledModules } from './bundled-modules.ts';
import { type CpuProfile, type Frame, timeByPart } from './cpu-profile.ts';
import { createPartOf, type ProfilePart } from './profile-parts.ts';

const frame = (functionName: string, url = '', lineNumber = 0): Frame => ({ functionName, url, lineNumber });

// main > encrypt > cipher of Node > native; main > statement; main > nobody's
const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(root)'), children: [2, 7] },
    { id: 2, callFrame: frame('main'), children: [3, 5, 6] },
    { id: 3, callFrame: frame('encrypt'), children: [4] },
    { id: 4, callFrame: frame('native') },
    { id: 5, callFrame: frame('insert') },
    { id: 6, callFrame: frame('native') },
    { id: 7, callFrame: frame('(idle)') },
  ],
  samples: [4, 4, 5, 6, 3, 7],
  timeDeltas: [100, 50, 10, 3, 7, 1000],
};

it('counts a sample for the innermost function that has a part, and keeps the rest apart', () => {
  const parts: Record<string, string> = { encrypt: 'encrypting', insert: 'statements', '(idle)': 'idle' };
  const times = timeByPart(profile, ({ functionName }) => parts[functionName]);
  expect(Object.fromEntries(times)).toEqual({ encrypting: 157, statements: 10, other: 3, idle: 1000 });
  const total = [...times.values()].reduce((sum, time) => sum + time, 0);
  expect(total).toBe(profile.timeDeltas.reduce((sum, time) => sum + time, 0));
});

it('counts no time backwards, which V8 can write', () => {
  const times = timeByPart({ ...profile, samples: [5, 5], timeDeltas: [-20, 30] }, () => 'all');
  expect(times.get('all')).toBe(30);
});

const bundle = ['#!/usr/bin/env node', 'import x;', '// src/ledger/encrypt.ts', 'a', 'b', '// src/pacer.ts', 'c'].join(
  '\n',
);

it('tells from which module a line of a bundle comes', () => {
  const modules = readBundledModules(() => bundle);
  expect([1, 3, 4, 6].map((line) => modules.moduleAt('file:///x.js', line))).toEqual([
    undefined,
    'src/ledger/encrypt.ts',
    'src/ledger/encrypt.ts',
    'src/pacer.ts',
  ]);
});

it.each<[Frame, ProfilePart | undefined]>([
  [frame('(idle)'), 'waiting for the vendor, or for nothing (idle)'],
  [frame('(garbage collector)'), 'collecting garbage'],
  [frame('sqliteRun', 'file:///w/tools/bench/programs/name-natives.ts'), 'statements (SQLite run, get, all)'],
  [frame('sqliteExec', 'file:///w/tools/bench/programs/name-natives.ts'), 'commits (SQLite exec: begin, commit, sync)'],
  [frame('jsonStringify', 'file:///w/tools/bench/programs/name-natives.ts'), 'JSON'],
  [frame('update', 'node:internal/crypto/cipher'), 'encrypting and fingerprints (crypto)'],
  [frame('encrypt', 'file:///w/packages/engine/dist/chunk.js', 3), 'encrypting and fingerprints (crypto)'],
  [frame('take', 'file:///w/packages/engine/dist/chunk.js', 6), 'engine: loop, batches, outcomes, pacing'],
  [frame('parse', 'file:///w/node_modules/.pnpm/zod@4.6.7/node_modules/zod/x.js'), 'schema checks (zod)'],
  [frame('parse', 'file:///w/node_modules/csv-parse/lib/api.js'), 'CSV: decoding, parsing, checking rows'],
  [frame('write', 'node:net'), 'connector and HTTP (undici, net, streams)'],
  [frame('emit', 'node:events'), undefined],
  [frame('native'), undefined],
])('puts %j where it belongs', (given, part) => {
  const modules = readBundledModules(() => bundle);
  expect(createPartOf(modules)(given)).toBe(part);
});
