import { chmodSync, chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type PostgresServer, startPostgresServer } from '../../../tools/postgres-server.ts';
import { certifyServer, makeAuthority } from './certificates.ts';
import { type FleetWorkplace, openFleetWorkplace } from './fleet-workplace.ts';

// What somebody reads whose database does not let them in, with a server that speaks TLS.

let folder: string;
let server: PostgresServer;
let plain: PostgresServer;
let workplace: FleetWorkplace;

beforeAll(async () => {
  const authority = await makeAuthority();
  const { cert, key } = await certifyServer(['db.example.test'], authority);
  folder = mkdtempSync(join(tmpdir(), 'expunge-tls-'));
  chmodSync(folder, 0o755);
  const put = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o600 });
  put('ca.pem', authority.cert);
  put('cert.pem', cert);
  put('key.pem', key);
  put('no.pem', 'no certificate');
  server = await startPostgresServer();
  plain = await startPostgresServer();
  // Its files have to be the server's own.
  const client = await connected(server.url);
  const { rows } = await client.query<{ data: string }>(`SELECT current_setting('data_directory') AS data`);
  const owner = statSync(rows[0]?.data ?? '');
  for (const name of ['cert.pem', 'key.pem']) chownSync(join(folder, name), owner.uid, owner.gid);
  await client.query(`ALTER SYSTEM SET ssl_cert_file = '${join(folder, 'cert.pem')}'`);
  await client.query(`ALTER SYSTEM SET ssl_key_file = '${join(folder, 'key.pem')}'`);
  await client.query(`ALTER SYSTEM SET ssl = 'on'`);
  await client.end();
  await server.restart();

  workplace = openFleetWorkplace(plain.url);
  workplace.configure({ altcraft: { url: 'http://127.0.0.1:1' } }, ['altcraft']);
  expect((await workplace.run(['ledger', 'migrate'])).code).toBe(0);
  const asDba = await connected(plain.url);
  await asDba.query(`CREATE ROLE stranger LOGIN PASSWORD 's3cret-word'`);
  await asDba.end();
});
afterAll(async () => {
  await workplace.close();
  await plain.stop();
  await server.stop();
  rmSync(folder, { recursive: true });
});

async function connected(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return client;
}

function urlWith(from: PostgresServer, change: (url: URL) => void): string {
  const url = new URL(from.url);
  change(url);
  return url.href;
}

const withMode = (from: () => PostgresServer, mode: string, rootCertificate?: string) => () =>
  urlWith(from(), ({ searchParams }) => {
    searchParams.set('sslmode', mode);
    if (rootCertificate !== undefined) searchParams.set('sslrootcert', join(folder, rootCertificate));
  });

it.each<[string, () => string, RegExp]>([
  [
    'no password in the URL',
    () =>
      urlWith(plain, (url) => {
        url.password = '';
      }),
    /asks for a password, and the ledger's URL has none/,
  ],
  ['a server without TLS', withMode(() => plain, 'verify-full'), /asks for TLS \(sslmode\), and this server has none/],
  ['a certificate of an unknown authority', withMode(() => server, 'verify-full'), /is not trusted here.*sslrootcert/],
  ['a certificate of another host', withMode(() => server, 'verify-full', 'ca.pem'), /is of another host/],
  [
    "an authority's file that is not there",
    withMode(() => server, 'verify-full', 'nope.pem'),
    /can't be read \(ENOENT\)/,
  ],
  [
    'a user without USAGE',
    () =>
      urlWith(plain, (url) => {
        url.username = 'stranger';
        url.password = 's3cret-word';
      }),
    /lacks USAGE on their schema/,
  ],
])('is told of %s, at once and without the URL', async (_what, url, words) => {
  const { code, output, messages } = await workplace.run(['status'], { environment: { DATABASE_URL: url() } });
  expect({ code, messages }).toEqual({ code: 1, messages: expect.stringMatching(words) });
  // A worker does not repeat it for ever.
  const worker = await workplace.run(['work', '--no-health'], { environment: { DATABASE_URL: url() } });
  expect({ code: worker.code, messages: worker.messages }).toEqual({ code: 1, messages: expect.any(String) });
  for (const secret of [new URL(plain.url).password, new URL(server.url).password, 's3cret-word', folder]) {
    expect(output + messages + worker.messages).not.toContain(secret);
  }
});
