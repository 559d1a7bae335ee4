import { Client } from 'pg';
import type { TestProject } from 'vitest/node';
import { startPostgresServer } from './postgres-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The server of this run, with a database that tests may fill with schemas of their own. */
    postgresUrl: string;
  }
}

/**
 * One server for all tests of a run: the one that `DATABASE_URL` names, or one of our own. Tests that restart a server, set
 * it up or read its log have one of their own in any case.
 */
export default async function setup(project: Pick<TestProject, 'provide'>): Promise<() => Promise<void>> {
  const given = process.env.DATABASE_URL;
  if (given !== undefined && given !== '') {
    await expectUsable(given);
    project.provide('postgresUrl', given);
    return async () => {};
  }
  const server = await startPostgresServer();
  project.provide('postgresUrl', server.url);
  return () => server.stop();
}

// Said once and before the first test, not by each of them.
async function expectUsable(url: string): Promise<void> {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
    throw new Error('DATABASE_URL holds no address of PostgreSQL: postgres://user:password@host:5432/database.');
  }
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ version: number; rolsuper: boolean }>(
      `SELECT current_setting('server_version_num')::int AS version, rolsuper FROM pg_roles WHERE rolname = current_user`,
    );
    const [row] = rows;
    if (row === undefined || row.version < 130_000) throw new NotForTests('is older than PostgreSQL 13');
    if (!row.rolsuper)
      throw new NotForTests('lets its user read no files: the tests look for what is left there, as a superuser');
  } catch (error) {
    if (error instanceof NotForTests) throw new Error(`The server that DATABASE_URL names ${error.message}.`);
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no code';
    throw new Error(
      `The server that DATABASE_URL names can't be used (${code}). Without it, the tests start their own.`,
    );
  } finally {
    await client.end().catch(() => {});
  }
}

class NotForTests extends Error {}
