/** What a vendor still holds about one person. A vendor may add facts of its own. */
export interface PersonState {
  readonly id: string;
  readonly hasProfile: boolean;
  readonly hasEvents: boolean;
  readonly [fact: string]: unknown;
}

/** The part of a vendor's memory that can be filled and read from another process (see the control endpoints). */
export interface VendorMemory {
  /** Adds people, and returns how many. Throws an error that names position and field of the first unusable one. */
  seed(people: readonly unknown[]): number;
  /** What is held under each id, in the order asked. */
  lookup(ids: readonly string[]): PersonState[];
  /** Sizes, such as `{ profiles: 1000 }`. */
  count(): Record<string, number>;
}
