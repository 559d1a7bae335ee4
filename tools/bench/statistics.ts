/** A series of measurements in short. */
export interface Summary {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/**
 * The median, and how far the measurements lie apart.
 *
 * @throws Error where there are none: a figure without a measurement is not a figure.
 */
export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  const lowest = sorted[0];
  const highest = sorted.at(-1);
  if (upper === undefined || lowest === undefined || highest === undefined) throw new Error('Nothing was measured.');
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
  return { median, lowest, highest };
}

/**
 * One ratio for each pair that was measured one after the other. What slows the machine for a while slows both of a pair,
 * so these lie closer together than the measurements do.
 */
export function ratiosOf(values: readonly number[], others: readonly number[]): readonly number[] {
  if (values.length !== others.length) throw new Error('Only what was measured in pairs has ratios.');
  return values.map((value, index) => value / (others[index] ?? Number.NaN));
}
