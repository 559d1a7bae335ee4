/** Splits a list where neighbours differ. */
export function runsOf<Item>(
  items: readonly Item[],
  isSame: (item: Item, other: Item) => boolean,
): readonly (readonly [Item, ...Item[]])[] {
  const runs: [Item, ...Item[]][] = [];
  let run: [Item, ...Item[]] | undefined;
  for (const item of items) {
    if (run !== undefined && isSame(run[0], item)) run.push(item);
    else {
      run = [item];
      runs.push(run);
    }
  }
  return runs;
}
