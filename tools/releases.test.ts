import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readWorkspace } from './read-workspace.ts';

// A dry run of a release, on a copy: nothing here is versioned, nothing leaves the machine.

const root = join(import.meta.dirname, '..');
const published = readWorkspace(root).filter(({ manifest }) => manifest.private !== true);
const unpublished = readWorkspace(root).filter(({ manifest }) => manifest.private === true);
const names = published.map(({ manifest }) => manifest.name ?? '').sort();

let copy: string;

beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'expunge-release-'));
  for (const path of ['package.json', 'pnpm-workspace.yaml', 'pnpm-lock.yaml', '.changeset']) {
    cpSync(join(root, path), join(copy, path), { recursive: true });
  }
  for (const { folder } of [...published, ...unpublished]) {
    for (const file of ['package.json', 'CHANGELOG.md']) {
      if (existsSync(join(root, folder, file))) cpSync(join(root, folder, file), join(copy, folder, file));
    }
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  writeFileSync(join(copy, '.gitignore'), 'node_modules\n');
  commit();
});

afterEach(() => rmSync(copy, { recursive: true }));

describe('a release', () => {
  it('has a changeset for every package that was never released', () => {
    const neverReleased = published
      .filter(({ folder }) => versionOf(folder) === '0.0.0')
      .map(({ manifest }) => manifest.name ?? '');
    run('changeset', 'status', '--output', 'plan.json');
    const plan = JSON.parse(readFileSync(join(copy, 'plan.json'), 'utf8')) as {
      readonly releases: readonly { readonly name: string; readonly type: string }[];
    };
    const planned = plan.releases.filter(({ type }) => type !== 'none').map(({ name }) => name);
    expect(neverReleased.filter((name) => !planned.includes(name))).toEqual([]);
    expect(planned.filter((name) => !names.includes(name))).toEqual([]);
  });

  it('gives every package its next version, and a changelog that says what is new', () => {
    const before = new Map(published.map(({ folder }) => [folder, versionOf(folder)]));
    writeChangeset('dry-run', 'patch', 'A change that was only tried.');
    commit();
    run('changeset', 'version');
    for (const { folder } of published) {
      const version = versionOf(folder);
      expect(isHigher(version, before.get(folder) ?? ''), `${folder} ${version}`).toBe(true);
      const changelog = readFileSync(join(copy, folder, 'CHANGELOG.md'), 'utf8');
      expect(changelog).toContain(`\n## ${version}\n`);
      expect(changelog).toContain('A change that was only tried.');
      for (const text of textsOf(published.find((each) => each.folder === folder)?.manifest.name ?? '')) {
        expect(changelog).toContain(text);
      }
    }
    expect(unpublished.filter(({ folder }) => existsSync(join(copy, folder, 'CHANGELOG.md')))).toEqual([]);
    expect(changesetsIn(copy)).toEqual([]);
  });

  it('refuses a changeset of a package that does not exist', () => {
    writeFileSync(join(copy, '.changeset/wrong.md'), "---\n'@expunge/nothing': patch\n---\n\nNothing.\n");
    commit();
    expect(() => run('changeset', 'status')).toThrow('@expunge/nothing');
  });

  it('states the repository that builds it, and nothing where it is not known', () => {
    const script = join(root, 'tools/state-repository.ts');
    expect(() => run(process.execPath, script)).toThrow('GITHUB_REPOSITORY');
    run(process.execPath, script, { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'example/expunge' });
    for (const { folder } of published) {
      const { repository, ...rest } = manifestOf(copy, folder);
      expect(repository).toEqual({
        type: 'git',
        url: 'git+https://github.com/example/expunge.git',
        directory: folder,
      });
      expect(rest).toEqual(manifestOf(root, folder));
    }
    expect(unpublished.filter(({ folder }) => 'repository' in manifestOf(copy, folder))).toEqual([]);
  });
});

/** Runs one command in the copy: of the project's own tools by their name, anything else by its path. */
function run(command: string, ...rest: readonly (string | Record<string, string>)[]): void {
  const parameters = rest.filter((each) => typeof each === 'string');
  const environment = Object.assign({}, ...rest.filter((each) => typeof each === 'object')) as Record<string, string>;
  const { GITHUB_SERVER_URL: _server, GITHUB_REPOSITORY: _repository, ...outside } = process.env;
  const path = command.includes('/') ? command : join(root, 'node_modules/.bin', command);
  const { status, stdout, stderr } = spawnSync(path, parameters, {
    cwd: copy,
    env: { ...outside, ...environment },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${command} failed.\n${stdout}\n${stderr}`);
}

/** Changesets reads git for the commit that brought each changeset. */
function commit(): void {
  const identity = ['-c', 'user.name=Dry run', '-c', 'user.email=dry-run@example.com', '-c', 'commit.gpgsign=false'];
  for (const parameters of [
    ['init', '--quiet', '--initial-branch=main'],
    ['add', '--all'],
    [...identity, 'commit', '--quiet', '--message', 'A state to try a release on'],
  ]) {
    const { status, stderr } = spawnSync('git', parameters, { cwd: copy, encoding: 'utf8' });
    if (status !== 0) throw new Error(`git ${parameters.join(' ')} failed: ${stderr}`);
  }
}

function writeChangeset(name: string, bump: string, text: string): void {
  const front = names.map((each) => `'${each}': ${bump}`).join('\n');
  writeFileSync(join(copy, `.changeset/${name}.md`), `---\n${front}\n---\n\n${text}\n`);
}

function changesetsIn(folder: string): readonly string[] {
  return readdirSync(join(folder, '.changeset')).filter((name) => name.endsWith('.md') && name !== 'README.md');
}

/** The first lines of the changesets of this project that name a package. */
function textsOf(name: string): readonly string[] {
  return changesetsIn(root)
    .map((file) => readFileSync(join(root, '.changeset', file), 'utf8'))
    .filter((text) => text.includes(`'${name}':`) || text.includes(`"${name}":`))
    .map((text) => text.split(/^---$/m).at(-1)?.trim().split('\n')[0] ?? '');
}

function versionOf(folder: string): string {
  return String(manifestOf(copy, folder).version);
}

function manifestOf(place: string, folder: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(place, folder, 'package.json'), 'utf8')) as Record<string, unknown>;
}

function isHigher(version: string, than: string): boolean {
  return version.localeCompare(than, 'en', { numeric: true }) > 0;
}
