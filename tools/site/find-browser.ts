import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import packagedChromium, { inflate } from '@sparticuz/chromium';

/** Which browser there is on this machine, before anything is unpacked or started. */
export type BrowserChoice =
  | { readonly type: 'installed'; readonly path: string }
  /** The Chromium that comes as an npm package, for Linux on x64 with the GNU C library. */
  | { readonly type: 'packaged' }
  | { readonly type: 'none'; readonly reason: string };

/** A browser that starts. */
export interface Browser {
  readonly executablePath: string;
  readonly environment: Record<string, string>;
}

/** What is looked at to choose. */
export interface Machine {
  /** The value of `CHROME_PATH`, which goes before everything else. */
  readonly chromePath?: string | undefined;
  readonly platform: string;
  readonly architecture: string;
  readonly isGlibc: boolean;
  readonly exists: (path: string) => boolean;
}

const installedPaths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** The machine that this runs on. */
export function thisMachine(): Machine {
  const report = process.report.getReport() as { readonly header?: { readonly glibcVersionRuntime?: string } };
  return {
    chromePath: process.env.CHROME_PATH,
    platform: process.platform,
    architecture: process.arch,
    isGlibc: report.header?.glibcVersionRuntime !== undefined,
    exists: existsSync,
  };
}

/** Chooses a browser: the one that `CHROME_PATH` names, or the packaged one, or one that is installed. */
export function chooseBrowser(machine: Machine): BrowserChoice {
  const { chromePath, platform, architecture, isGlibc, exists } = machine;
  if (chromePath !== undefined && chromePath !== '') {
    if (exists(chromePath)) return { type: 'installed', path: chromePath };
    throw new Error(`CHROME_PATH names ${chromePath}, and there is no such file. Correct it, or unset it.`);
  }
  if (platform === 'linux' && architecture === 'x64' && isGlibc) return { type: 'packaged' };
  const path = installedPaths.find(exists);
  if (path !== undefined) return { type: 'installed', path };
  const here = `${platform} on ${architecture}${platform === 'linux' && !isGlibc ? ' without glibc' : ''}`;
  return {
    type: 'none',
    reason: `the Chromium from npm runs on linux on x64 with glibc, this is ${here}, no Chrome is installed, and CHROME_PATH is unset`,
  };
}

/** Makes the chosen browser ready in a folder of its own (220 MB where it has to be unpacked), which the caller removes. */
export async function prepareBrowser(choice: BrowserChoice, folder: string): Promise<Browser> {
  if (choice.type === 'none') throw new Error(`There is no browser: ${choice.reason}.`);
  if (choice.type === 'installed') return { executablePath: choice.path, environment: ownEnvironment() };
  // The package unpacks into the folder for temporary files, to names that anybody could have taken there.
  const temporary = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  try {
    const executablePath = await packagedChromium.executablePath();
    const fonts = join(folder, 'fonts.conf');
    writeFileSync(fonts, `<fontconfig><dir>${folder}</dir><cachedir>${folder}/font-cache</cachedir></fontconfig>\n`);
    const environment = { ...ownEnvironment(), FONTCONFIG_FILE: fonts };
    const problem = problemWhenStarted({ executablePath, environment });
    if (problem === undefined) return { executablePath, environment };
    // A small system lacks some of the shared libraries (NSS, expat): the package has those too.
    await inflate(join(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))), '../bin/al2023.tar.br'));
    const withLibraries = { ...environment, LD_LIBRARY_PATH: join(folder, 'al2023/lib') };
    const remaining = problemWhenStarted({ executablePath, environment: withLibraries });
    if (remaining === undefined) return { executablePath, environment: withLibraries };
    throw new Error(
      `The Chromium from npm does not start here (${remaining}). Install one, and name it in CHROME_PATH.`,
    );
  } finally {
    if (temporary === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = temporary;
  }
}

function problemWhenStarted({ executablePath, environment }: Browser): string | undefined {
  const { status, stderr, error } = spawnSync(executablePath, ['--version'], { env: environment, encoding: 'utf8' });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}

function ownEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
