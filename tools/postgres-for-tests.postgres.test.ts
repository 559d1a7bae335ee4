import { Client } from 'pg';
import { afterEach, expect, inject, it, vi } from 'vitest';
import setup from './postgres-for-tests.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

/** What a run with this DATABASE_URL would give its tests. */
async function setUpWith(url: string) {
  vi.stubEnv('DATABASE_URL', url);
  const provided: unknown[] = [];
  const tearDown = await setup({ provide: (key, value) => provided.push([key, value]) });
  return { provided, tearDown };
}

it('takes the server that DATABASE_URL names, and leaves it running', async () => {
  const url = inject('postgresUrl');
  const { provided, tearDown } = await setUpWith(url);
  expect(provided).toEqual([['postgresUrl', url]]);
  await tearDown();
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.end();
});

it.each([
  ['no address', 'localhost', 'holds no address of PostgreSQL'],
  ['a port where nobody is', 'postgres://tester:s3cret-word@127.0.0.1:1/tests', "can't be used (ECONNREFUSED)"],
])('refuses %s before any test, without showing it', async (_what, url, message) => {
  const refusal: unknown = await setUpWith(url).catch((error: unknown) => error);
  expect(String(refusal)).toContain(message);
  expect(String((refusal as Error).stack)).not.toContain('s3cret-word');
});

it('refuses a user who may not look into files', async () => {
  const client = new Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  const { password } = new URL(inject('postgresUrl'));
  await client.query('DROP ROLE IF EXISTS expunge_test_clerk');
  await client.query(`CREATE ROLE expunge_test_clerk LOGIN PASSWORD '${decodeURIComponent(password)}'`);
  try {
    const url = new URL(inject('postgresUrl'));
    url.username = 'expunge_test_clerk';
    await expect(setUpWith(url.href)).rejects.toThrow('as a superuser');
  } finally {
    await client.query('DROP ROLE expunge_test_clerk');
    await client.end();
  }
});
