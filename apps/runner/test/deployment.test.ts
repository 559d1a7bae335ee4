import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command as CommandLine } from 'commander';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../src/config/load-config.ts';
import { addCommands } from '../src/program.ts';
import { fakeEnvironment } from './fake-environment.ts';

// What can be seen of the deployment files without Docker and systemd: that they parse, that every command and option they
// name exists, that nothing in them is secret, and that nobody is root.

const root = join(import.meta.dirname, '../../..');
const deploy = join(root, 'deploy');
const read = (name: string) => readFileSync(join(deploy, name), 'utf8');

interface Service {
  readonly command?: readonly string[];
  readonly image?: string;
  readonly healthcheck?: { readonly test?: readonly string[] };
  readonly build?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly depends_on?: Readonly<Record<string, unknown>>;
  readonly deploy?: { readonly replicas?: number };
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, { readonly file?: string }>>;
}
const compose: Compose = parse(read('compose.yaml'), { merge: true });

const program = new CommandLine('expunge');
addCommands(program, fakeEnvironment(), () => undefined);

/** What of a command line `expunge` does not know: a command, or an option of it. */
function unknownParts(words: readonly string[]): string[] {
  let command = program;
  let isCommand = true;
  const unknown: string[] = [];
  for (const word of words) {
    const inner = isCommand ? command.commands.find((each) => each.name() === word) : undefined;
    if (inner !== undefined) command = inner;
    else if (word.startsWith('-') && word !== '-') {
      const name = word.split('=')[0];
      if (!command.options.some(({ long, short }) => long === name || short === name)) unknown.push(word);
    } else {
      if (
        command === program ||
        (isCommand && command.commands.length > 0 && command.registeredArguments.length === 0)
      ) {
        unknown.push(word);
      }
      isCommand = false;
    }
  }
  return unknown;
}

/** Every command line of `expunge` in a text: in code blocks and in code. */
function commandLinesIn(text: string): string[] {
  return [...text.matchAll(/(?:^|[\s`"(])expunge ((?:[a-z-]+ ?)[^`\n"#<|&;)]*)/gm)].map(([, rest = '']) => rest.trim());
}

describe('the check itself', () => {
  it.each([
    [['work', '--health-port', '1'], []],
    [['ledger', 'copy', '--from', 'a.db'], []],
    [['queue', 'redrive', 'a'], []],
    [['delete', '-', '--format', 'csv'], []],
    [['toil'], ['toil']],
    [['work', '--health-prot', '1'], ['--health-prot']],
    [['ledger', 'migrat'], ['migrat']],
  ])('of %j finds %j', (words, expected) => {
    expect(unknownParts(words)).toEqual(expected);
  });
});

describe('compose.yaml', () => {
  const ours = Object.entries(compose.services).filter(([, { build }]) => build !== undefined);

  it('has PostgreSQL and three workers, that start when the tables are there', () => {
    expect(compose.services.worker?.deploy?.replicas).toBe(3);
    expect(compose.services.worker?.depends_on).toEqual({ migrate: { condition: 'service_completed_successfully' } });
    // The server that initialises the database answers on its socket alone.
    expect(compose.services.postgres?.healthcheck?.test).toContain('--host=127.0.0.1');
    expect(compose.services.postgres?.image).toMatch(/^postgres:\d+$/);
  });

  it('starts commands that there are, on a file system that is read only, with no rights', () => {
    expect(ours.map(([name]) => name)).toEqual(['migrate', 'worker', 'expunge']);
    for (const [, service] of ours) {
      expect(unknownParts(service.command ?? [])).toEqual([]);
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
    }
  });

  it('has secrets in files alone, and every file that the configuration reads', async () => {
    const named = new Set(Object.values(compose.services).flatMap(({ secrets = [] }) => secrets));
    expect([...named].sort()).toEqual(Object.keys(compose.secrets).sort());
    for (const { file } of Object.values(compose.secrets)) expect(file).toMatch(/^\.\/secrets\//);
    const loaded = await loadConfig(fakeEnvironment({ workingFolder: deploy }), undefined);
    const read = [...JSON.stringify(loaded.config).matchAll(/\/run\/secrets\/(\w+)/g)].map(([, name]) => name);
    expect(read.sort()).toEqual([...(compose.services.worker?.secrets ?? [])].sort());
  });
});

describe('Dockerfile', () => {
  const lines = read('Dockerfile')
    .split('\n')
    .filter((line) => /^[A-Z]+ /.test(line));
  const last = (instruction: string) => lines.findLast((line) => line.startsWith(`${instruction} `));

  it('does not run as root, and starts the command that the runner publishes', () => {
    expect(last('USER')).toBe('USER node');
    const manifest = JSON.parse(readFileSync(join(root, 'apps/runner/package.json'), 'utf8'));
    const [node, path = ''] = JSON.parse(last('ENTRYPOINT')?.slice('ENTRYPOINT '.length) ?? '[]');
    expect(node).toBe('node');
    expect(path).toBe(join('/app/node_modules', manifest.name, manifest.bin.expunge));
    expect(unknownParts(JSON.parse(last('CMD')?.slice('CMD '.length) ?? '[]'))).toEqual([]);
  });

  it('copies what .dockerignore lets through, and nothing more', () => {
    const copied = lines
      .filter((line) => /^COPY (?!--from)/.test(line))
      .flatMap((line) => line.split(' ').slice(1, -1));
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    expect(read('.dockerignore')).toMatch(/^\*$/m);
    expect([...new Set(copied)].sort()).toEqual(allowed.sort());
  });
});

describe('the systemd unit', () => {
  const unit = new Map(
    read('expunge-worker@.service')
      .split('\n')
      .filter((line) => /^\w+=/.test(line))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );

  it('starts a command that there is, as somebody who is not root', () => {
    const [node, path, ...words] = (unit.get('ExecStart') ?? '').split(' ');
    expect([node, path]).toEqual(['/usr/bin/node', 'node_modules/@expunge/runner/dist/main.js']);
    expect(unknownParts(words)).toEqual([]);
    expect(unit.get('User')).toBe('expunge');
    expect(unit.has('Environment')).toBe(false);
  });

  it('listens for health at the port that is its name, so that every name that does is free', () => {
    const words = (unit.get('ExecStart') ?? '').split(' ');
    expect(words[words.indexOf('--health-port') + 1]).toBe('%i');
    const names = [...read('README.md').matchAll(/expunge-worker@(?!\.service)([^\s`]*)/g)].map(([, name]) =>
      Number(name),
    );
    expect(names.length).toBeGreaterThan(2);
    for (const name of names) expect(name > 1023 && name < 65_536, `${name} is a port`).toBe(true);
  });

  it('has its tables made first, with the secrets of the same file, in a folder that is made', () => {
    const steps = read('README.md').slice(read('README.md').indexOf('## With systemd')).replaceAll('\\\n', ' ');
    const file = unit.get('EnvironmentFile') ?? '';
    expect(steps).toContain(`install -D -m 600 /dev/null ${file} `);
    const migration = steps.split('\n').find((line) => line.startsWith('systemd-run '));
    expect(migration).toContain(`--property=EnvironmentFile=${file} `);
    expect(migration).toMatch(/main\.js ledger migrate$/);
    expect(migration).toContain((unit.get('ExecStart') ?? '').split(' ').slice(0, 2).join(' '));
    expect(steps.indexOf('ledger migrate')).toBeLessThan(steps.indexOf('systemctl enable'));
  });

  it('gives a worker the time to drain', () => {
    expect(unit.get('KillSignal')).toBe('SIGTERM');
    expect(Number(unit.get('TimeoutStopSec'))).toBeGreaterThan(60);
  });
});

it.each(['Dockerfile', 'compose.yaml', 'expunge.config.yaml', 'expunge-worker@.service', 'README.md'])(
  '%s holds no secret',
  (name) => {
    const text = read(name);
    expect(text).not.toMatch(/postgres(ql)?:\/\/[^:\s]+:(?!%s@)[^@\s]+@/);
    expect(text).not.toMatch(/\b[0-9a-f]{32,}\b/i);
    expect(text).not.toMatch(/(PASSWORD|TOKEN|SECRET|KEY|PASSCODE)\s*[:=]\s*['"]?[A-Za-z0-9+/]{8}/);
  },
);

it.each(['deploy/README.md', 'deploy/compose.yaml', 'docs/fleet.md', 'docs/operations.md'])(
  '%s names commands and options that there are',
  (path) => {
    if (!existsSync(join(root, path))) throw new Error(`There is no ${path}.`);
    const lines = commandLinesIn(readFileSync(join(root, path), 'utf8'));
    expect(lines.length).toBeGreaterThan(0);
    const unknown = lines.flatMap((line) => {
      const words = line.split(/\s+/).filter((word) => word !== '');
      return unknownParts(words).map((word) => `expunge ${line}: ${word}`);
    });
    expect(unknown).toEqual([]);
  },
);
