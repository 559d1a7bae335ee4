import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { Turns } from '../../turns.ts';
import type { Store } from '../store/store.ts';
import { GroupCommit } from './group-commit.ts';

/** A table of notes, and which of them each transaction has written. */
function openNotes() {
  const database = new DatabaseSync(':memory:');
  database.exec('CREATE TABLE notes (text TEXT NOT NULL)');
  const written: string[][] = [];
  let current: string[] = [];
  const store = {
    endStep() {},
    beforeCommit: async () => {},
    afterCommit() {
      written.push(current);
      current = [];
    },
    afterRollback: async () => {
      current = [];
    },
  } as unknown as Store;
  const commits = new GroupCommit(database, store, new Turns(), (error) => error);
  const insert = database.prepare('INSERT INTO notes (text) VALUES (?)');
  const note = (text: string | null, canWait?: boolean) =>
    commits.write(async () => {
      insert.run(text);
      current.push(String(text));
    }, canWait);
  return { commits, note, written };
}

const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

it('commits together what is to be written in the same turn', async () => {
  const { note, written } = openNotes();
  await Promise.all([note('a'), note('b')]);
  expect(written).toEqual([['a', 'b']]);
});

it('lets what can wait go along with what comes in the next turns', async () => {
  const { note, written } = openNotes();
  const first = note('can wait', true);
  await turns(2);
  expect(written).toEqual([]);
  const second = note('also', true);
  const third = note('at once');
  await Promise.all([first, second, third]);
  expect(written).toEqual([['can wait', 'also', 'at once']]);
});

it('commits what can wait after a few turns, though nothing else comes', async () => {
  const { note, written } = openNotes();
  await note('can wait', true);
  expect(written).toEqual([['can wait']]);
});

it('commits at once what waits when it is flushed', async () => {
  const { commits, note, written } = openNotes();
  const waiting = note('can wait', true);
  await commits.flush();
  expect(written).toEqual([['can wait']]);
  await waiting;
});

it('fails nobody for a neighbour that can not be written', async () => {
  const { note, written } = openNotes();
  const ends = await Promise.allSettled([note('a', true), note(null), note('c')]);
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(written).toEqual([['a'], ['c']]);
});
