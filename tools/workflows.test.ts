import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readManifest } from './read-workspace.ts';

// What has to hold for the workflows that cannot be run here.

const root = join(import.meta.dirname, '..');
const folder = join(root, '.github/workflows');

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly needs?: string | readonly string[];
  readonly if?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly 'timeout-minutes'?: number;
  readonly strategy?: { readonly matrix: { readonly node?: readonly number[]; readonly check?: readonly string[] } };
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
}

/** From the lock file beside it, which has its hash; no script of the package runs. */
const installPnpm = `npm ci --prefix .github/pnpm --ignore-scripts
echo "$GITHUB_WORKSPACE/.github/pnpm/node_modules/@pnpm/exe.linux-x64" >>"$GITHUB_PATH"
`;

function load(name: string): Workflow {
  return parse(readFileSync(join(folder, name), 'utf8')) as Workflow;
}

const names = readdirSync(folder);
const jobs = names.flatMap((name) =>
  Object.entries(load(name).jobs).map(([id, job]) => [`${name}: ${id}`, job] as const),
);

describe.each(jobs)('%s', (_name, job) => {
  it('uses actions by their full hash only, and keeps no credentials on disk', () => {
    for (const { uses, with: inputs } of job.steps) {
      if (uses === undefined) continue;
      expect(uses).toMatch(/^[\w-]+\/[\w/-]+@[0-9a-f]{40}$/);
      if (uses.startsWith('actions/checkout@')) expect(inputs).toMatchObject({ 'persist-credentials': false });
    }
  });

  it('ends by itself, and asks for no secret', () => {
    expect(job['timeout-minutes']).toBeGreaterThan(0);
    expect(JSON.stringify(job)).not.toContain('secrets.');
  });
});

// Whoever could give us another pnpm could publish in our name.
describe('pnpm in the workflows', () => {
  const pinned = join(root, '.github/pnpm');

  it.each(jobs)('%s: has none but the one that is pinned, and has it before it is used', (_name, job) => {
    const runs = job.steps.flatMap(({ run }) => (run === undefined ? [] : [run]));
    // `.ci/run` and `npm run demo` show what the README promises: any npm, which brings pnpm along.
    const others = runs.filter((run) => /\b(npm|npx|corepack)\b/.test(run) && run !== 'npm run demo');
    expect(others.filter((run) => run !== installPnpm)).toEqual([]);
    const uses = job.steps.findIndex(
      ({ run, uses = '' }) => /^pnpm /.test(run ?? '') || uses.startsWith('changesets/'),
    );
    if (uses !== -1) expect(job.steps.slice(0, uses).map(({ run }) => run)).toContain(installPnpm);
  });

  it('is the version of this workspace, and every file of it is pinned by its hash', () => {
    const lock: { readonly packages: Readonly<Record<string, LockedPackage>> } = JSON.parse(
      readFileSync(join(pinned, 'package-lock.json'), 'utf8'),
    );
    const { '': ours, ...installed } = lock.packages;
    const { dependencies } = readManifest(pinned);
    expect(ours).toEqual({ dependencies });
    expect(Object.keys(installed)).toEqual(Object.keys(dependencies ?? {}).map((name) => `node_modules/${name}`));
    const version = readManifest(root).packageManager?.replace('pnpm@', '');
    for (const each of Object.values(installed)) {
      expect(each.version).toBe(version);
      expect(each.integrity).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/);
    }
  });
});

it.each(names)('%s says beside every hash which version it is, one hash for each action', (name) => {
  const lines = readFileSync(join(folder, name), 'utf8').split('\n');
  const used = lines.filter((line) => /\buses:/.test(line));
  expect(used.filter((line) => !/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
});

it('means one version by one hash in all workflows', () => {
  const pins = names.flatMap((name) =>
    [
      ...readFileSync(join(folder, name), 'utf8').matchAll(/uses: ([\w-]+\/[\w-]+)[\w/-]*@([0-9a-f]{40}) # (v\S+)/g),
    ].map(([, repository, hash, version]) => `${repository} ${version} ${hash}`),
  );
  const repositories = pins.map((pin) => pin.split(' ')[0]);
  expect(new Set(pins).size).toBe(new Set(repositories).size);
});

describe('ci.yml', () => {
  const ci = load('ci.yml');

  it('may read and nothing else', () => {
    expect(ci.permissions).toEqual({ contents: 'read' });
    expect(Object.values(ci.jobs).filter(({ permissions }) => permissions !== undefined)).toEqual([]);
  });

  it('has one check that fails when any other does', () => {
    const { 'ci-ok': last, ...others } = ci.jobs;
    expect([last?.needs].flat().sort()).toEqual(Object.keys(others).sort());
    expect(last?.if).toBe('always()');
    const guard = JSON.stringify(last?.steps);
    for (const result of ['failure', 'cancelled']) expect(guard).toContain(`'${result}'`);
  });

  it('runs on every Node that the packages promise', () => {
    const promised = readManifest(join(root, 'packages/core')).engines?.node ?? '';
    const majors = [...promised.matchAll(/(?:^|[\s^>=|])(\d+)/g)].map(([, major]) => Number(major));
    expect(ci.jobs.test?.strategy?.matrix.node).toEqual([...new Set(majors)]);
  });

  it('asks every pull request but the one with the versions for a changeset', () => {
    const job = ci.jobs.changeset;
    expect(job?.if).toContain("github.event_name == 'pull_request'");
    expect(job?.if).toContain("!startsWith(github.head_ref, 'changeset-release/')");
    expect(JSON.stringify(job?.steps)).toContain('changeset status --since=origin/main');
  });
});

describe('long.yml', () => {
  const long = load('long.yml');

  it('may read and nothing else', () => {
    expect(long.permissions).toEqual({ contents: 'read' });
  });

  it('runs everything long, and CONTRIBUTING.md says how to do it by hand', () => {
    const checks = long.jobs.long?.strategy?.matrix.check ?? [];
    const contributing = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
    const started = checks.map((check) => check.split(' ').find((word) => /^(tools|packages)\//.test(word)) ?? check);
    expect([...new Set(started)].sort()).toEqual([
      'packages/engine/test/random-faults.test.ts',
      'tools/bench.test.ts',
      'tools/plant-faults.ts',
      'tools/torture-fleet.ts',
      'tools/torture.ts',
    ]);
    for (const program of started) {
      expect(existsSync(join(root, program)), program).toBe(true);
      expect(contributing).toContain(program);
    }
  });
});

describe('release.yml', () => {
  const release = load('release.yml');
  const permissions = Object.fromEntries(Object.entries(release.jobs).map(([id, job]) => [id, job.permissions]));

  it('gives each job the permissions of its own task', () => {
    expect(release.permissions).toEqual({});
    expect(permissions).toEqual({
      'select-mode': { contents: 'read' },
      version: { contents: 'write', 'pull-requests': 'write' },
      test: { contents: 'read' },
      pack: { contents: 'read' },
      publish: { contents: 'write', 'id-token': 'write' },
    });
  });

  it('packs what was tested, with its repository stated, and publishes that', () => {
    expect(release.jobs.pack?.needs).toEqual(['select-mode', 'test']);
    expect(release.jobs.publish?.needs).toBe('pack');
    const packing = release.jobs.pack?.steps.map(({ uses, run }) => run ?? uses?.replace(/@.*/, '')) ?? [];
    expect(packing.slice(-3)).toEqual(['pnpm run build', 'node tools/state-repository.ts', 'changesets/action/pack']);
  });

  it('runs no script of this repository or of a dependency where it may publish', () => {
    const runs = release.jobs.publish?.steps.flatMap(({ run }) => (run === undefined ? [] : [run]));
    expect(runs).toEqual([installPnpm, 'pnpm install --frozen-lockfile --ignore-scripts']);
    expect(release.jobs.publish?.steps.at(-1)?.env).toEqual({ pnpm_config_provenance: 'true' });
  });
});
