/** Where a starter keeps its ledger. */
export type StarterStorage = 'sqlite' | 'postgres';

/** The part of a starter that says where the ledger is. */
interface HomeStarter {
  /** The packages to install. */
  readonly packages: readonly string[];
  /** The environment variables that it refers to. */
  readonly environment: readonly string[];
  /** Its entry, in YAML. */
  readonly yaml: string;
}

/** Every storage of a ledger. */
export const storageStarters: Readonly<Record<StarterStorage, HomeStarter>> = {
  sqlite: {
    packages: [],
    environment: [],
    yaml: `ledger:
  sqlite: ./expunge.db        # the durable record; a key file is made beside it. Back up both, apart from each other
`,
  },
  postgres: {
    packages: ['pg', 'pg-boss'],
    environment: ['DATABASE_URL', 'EXPUNGE_LEDGER_KEY'],
    yaml: `ledger:
  postgres:                   # the durable record, for any number of workers: "expunge work" on as many machines as you like
    url: { env: DATABASE_URL }        # postgres://user:password@host:5432/database
    # schema: expunge
  key: { env: EXPUNGE_LEDGER_KEY }    # 64 hexadecimal digits ("openssl rand -hex 32"); the same for everybody. Back it up
`,
  },
};
