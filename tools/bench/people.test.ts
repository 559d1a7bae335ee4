import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { personAt, writePeople } from './people.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'expunge-people-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('writes the people that it invents, in order, over the edge of a piece', () => {
  const path = join(folder, 'people.csv');
  const bytes = writePeople(path, 10_001, ['request_id', 'user_id', 'email']);
  const [header, ...rows] = readFileSync(path, 'utf8').trimEnd().split('\n');
  expect(header).toBe('request_id,user_id,email');
  expect(rows).toHaveLength(10_001);
  for (const position of [0, 9999, 10_000]) {
    const { requestId, userId, email } = personAt(position);
    expect(rows[position]).toBe(`${requestId},${userId},${email}`);
  }
  expect(bytes).toBe(statSync(path).size);
});

it('never invents the same id twice, and always the same person at a place', () => {
  const ids = Array.from({ length: 100_000 }, (_, position) => personAt(position).userId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(personAt(7)).toEqual(personAt(7));
  expect(ids[7]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
});
