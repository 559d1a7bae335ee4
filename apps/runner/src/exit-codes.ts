/** What the exit codes of `expunge` mean. `README.md` documents them. */
export const exitCodes = {
  /** Everything is settled, or the command did what it says. */
  settled: 0,
  /** Wrong usage, configuration, input or ledger. Nothing was sent. */
  usage: 1,
  /** Something failed for good, or ended partly done. */
  failed: 2,
  /** Something still waits: for a vendor, for a time, or for the next run. */
  waiting: 3,
  /** A vendor does not accept the credentials, a permission is missing, or an account is set up wrong. */
  paused: 4,
  /** People whose request was settled before may have asked again, and nothing was sent for them. */
  notSentAgain: 5,
} as const;

/** One of the exit codes. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
