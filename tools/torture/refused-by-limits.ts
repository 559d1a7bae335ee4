interface Answered {
  readonly status?: number | undefined;
  readonly fault?: string | undefined;
}

/** Vendors that had to refuse a call because it was one too many. What was refused on demand has its fault beside it. */
export function refusedByLimits(requests: ReadonlyMap<string, readonly Answered[]>): readonly string[] {
  return [...requests].flatMap(([vendor, each]) => {
    const refused = each.filter(({ status, fault }) => status === 429 && fault === undefined).length;
    return refused === 0 ? [] : [`${vendor}: ${refused} calls were over its limits.`];
  });
}
