/** Writes whole numbers shortly: `[1, 2, 3, 7]` is `"1-3,7"`. Sorted and without repeats. */
export function toRanges(numbers: readonly number[]): string {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b);
  const parts: string[] = [];
  let first = sorted[0];
  for (const [index, number] of sorted.entries()) {
    const next = sorted[index + 1];
    if (next === number + 1) continue;
    parts.push(first === number ? `${number}` : `${first}-${number}`);
    first = next;
  }
  return parts.join(',');
}

/** The numbers that ranges written by {@link toRanges} stand for. */
export function numbersIn(ranges: string): readonly number[] {
  if (ranges === '') return [];
  return ranges.split(',').flatMap((part) => {
    const [first = 0, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/** Whether a number is among ranges written by {@link toRanges}. */
export function isInRanges(ranges: string, number: number): boolean {
  return ranges.split(',').some((part) => {
    const [first, last] = part.split('-').map(Number);
    return first !== undefined && number >= first && number <= (last ?? first);
  });
}
