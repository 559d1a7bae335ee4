/** One thing that is wrong, for people and for `--json`. Carries no identifier's value and no secret. */
export interface InputIssue {
  /** Where: a file with its line, or a dotted key. */
  readonly where?: string | undefined;
  /** The line, where there is one. */
  readonly line?: number | undefined;
  /** What is wrong and what to do. */
  readonly message: string;
}

/** Something that the operator can fix. Ends the command with exit code 1. */
export class UserError extends Error {
  override readonly name = 'UserError';
  /** Everything that is wrong, where it is more than one thing. */
  readonly issues: readonly InputIssue[];
  /** How many more issues there are than are listed. */
  readonly moreIssues: number;

  constructor(message: string, issues: readonly InputIssue[] = [], moreIssues = 0) {
    super(message);
    this.issues = issues;
    this.moreIssues = moreIssues;
  }
}
