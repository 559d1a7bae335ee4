/** The part of V8's `.cpuprofile` format that is read. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: Frame;
    readonly children?: readonly number[];
  }[];
  /** The node that was running, sample by sample. */
  readonly samples: readonly number[];
  /** The time since the sample before, in microseconds. */
  readonly timeDeltas: readonly number[];
}

/** One function. V8 counts its lines from 0. */
export interface Frame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

/**
 * Sums the time of a profile by part. A sample belongs to the innermost function that `partOf` has a name for: so the
 * time of `JSON.stringify` in the encrypting can be counted as JSON or as encrypting, as `partOf` wishes.
 *
 * @param partOf - The part that a function belongs to; undefined: the part of its caller.
 * @returns Microseconds by part; `other` for what no part claims.
 */
export function timeByPart(
  profile: CpuProfile,
  partOf: (frame: Frame) => string | undefined,
): ReadonlyMap<string, number> {
  const parentOf = new Map<number, number>();
  const frameOf = new Map<number, Frame>();
  for (const { id, callFrame, children = [] } of profile.nodes) {
    frameOf.set(id, callFrame);
    for (const child of children) parentOf.set(child, id);
  }
  const known = new Map<number, string>();
  const partOfNode = (id: number): string => {
    const cached = known.get(id);
    if (cached !== undefined) return cached;
    const frame = frameOf.get(id);
    const own = frame === undefined ? undefined : partOf(frame);
    const parent = parentOf.get(id);
    const part = own ?? (parent === undefined ? 'other' : partOfNode(parent));
    known.set(id, part);
    return part;
  };
  const times = new Map<string, number>();
  profile.samples.forEach((id, index) => {
    const part = partOfNode(id);
    times.set(part, (times.get(part) ?? 0) + Math.max(0, profile.timeDeltas[index] ?? 0));
  });
  return times;
}
