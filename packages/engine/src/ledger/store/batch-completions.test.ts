import { expect, it } from 'vitest';
import { batchCompletions, type EndsTogether } from './calls.ts';

/** A ledger that begins to write when it is told to, and refuses the calls that it is to refuse. */
function openNotes(refused: readonly number[] = []) {
  const written: number[][] = [];
  const begins: (() => void)[] = [];
  const note = async (take: () => EndsTogether) => {
    await new Promise<void>((resolve) => begins.push(resolve));
    const calls = take().ends.map(({ call }) => call);
    // It is run again, as after a lost connection: it is given the same.
    expect(take().ends.map(({ call }) => call)).toEqual(calls);
    if (calls.some((call) => refused.includes(call))) throw new Error(`refused ${calls}`);
    written.push(calls);
  };
  const completeCall = batchCompletions(note);
  const end = (call: number) =>
    completeCall(call, { result: 'answered', steps: [] }, call).then(
      () => call,
      (error: Error) => error.message,
    );
  const begin = async () => {
    for (const each of begins.splice(0)) each();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { end, begin, written };
}

it('writes together what ends before the write begins, and what comes later with the next one', async () => {
  const { end, begin, written } = openNotes();
  const first = [end(1), end(2)];
  await begin();
  const second = [end(3), end(4), end(5)];
  await begin();
  expect(await Promise.all([...first, ...second])).toEqual([1, 2, 3, 4, 5]);
  expect(written).toEqual([
    [1, 2],
    [3, 4, 5],
  ]);
});

it('does not let one that is refused fail its neighbours', async () => {
  const { end, begin, written } = openNotes([2]);
  const ends = [end(1), end(2), end(3)];
  await begin();
  await begin();
  expect(await Promise.all(ends)).toEqual([1, 'refused 2', 3]);
  expect(written).toEqual([[1], [3]]);
});
