/** One thing that is wrong, for people and for `--json`. Carries no identifier's value and no secret. */
export interface Fault {
  /** Where: a file with its line, or a dotted key. */
  readonly where?: string | undefined;
  /** The line, where there is one. */
  readonly line?: number | undefined;
  /** What is wrong and what to do. */
  readonly message: string;
}

/** Something that the person at the keyboard can put right. Ends the command with exit code 1. */
export class UserError extends Error {
  override readonly name = 'UserError';
  /** Everything that is wrong, where it is more than one thing. */
  readonly faults: readonly Fault[];
  /** How many more faults there are than are listed. */
  readonly moreFaults: number;

  constructor(message: string, faults: readonly Fault[] = [], moreFaults = 0) {
    super(message);
    this.faults = faults;
    this.moreFaults = moreFaults;
  }
}
