/** Whole numbers that follow each other, from the first to the last. */
export interface NumberRun {
  readonly first: number;
  readonly last: number;
}

/** The runs that whole numbers form: `[1, 2, 3, 7]` is 1 to 3, and 7. Sorted and without repeats. */
export function toRuns(numbers: readonly number[]): readonly NumberRun[] {
  const runs: { first: number; last: number }[] = [];
  let run: { first: number; last: number } | undefined;
  for (const number of sorted(numbers)) {
    if (run !== undefined && number <= run.last + 1) run.last = number;
    else {
      run = { first: number, last: number };
      runs.push(run);
    }
  }
  return runs;
}

/** Writes whole numbers shortly: `[1, 2, 3, 7]` is `"1-3,7"`. Sorted and without repeats. */
export function toRanges(numbers: readonly number[]): string {
  return toRuns(numbers)
    .map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`))
    .join(',');
}

/** Reads ranges like `"1-3,7"`. */
export function parseRanges(ranges: string): readonly NumberRun[] {
  if (ranges === '') return [];
  return ranges.split(',').map((part) => {
    const [first = Number.NaN, last = first] = part.split('-').map(Number);
    return { first, last };
  });
}

/** The numbers that ranges written by {@link toRanges} stand for. */
export function numbersIn(ranges: string): readonly number[] {
  return parseRanges(ranges).flatMap(({ first, last }) => numbersFrom(first, last));
}

/** The whole numbers from the first to the last. */
export function numbersFrom(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** Whether a number is among ranges written by {@link toRanges}. */
export function isInRanges(ranges: string, number: number): boolean {
  return parseRanges(ranges).some(({ first, last }) => number >= first && number <= last);
}

// Nearly always they are sorted already.
function sorted(numbers: readonly number[]): readonly number[] {
  const isSorted = numbers.every((number, index) => index === 0 || number >= (numbers[index - 1] ?? number));
  return isSorted ? numbers : [...numbers].sort((a, b) => a - b);
}
