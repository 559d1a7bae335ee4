import { basename, extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UserError } from '../user-error.ts';
import { describeYamlProblem } from './describe-yaml-problem.ts';
import type { KeyPath } from './key-lines.ts';
import { readSmallFile } from './read-small-file.ts';

/** A configuration as it was read, unchecked. */
export interface ReadConfig {
  /** What stands in it. */
  readonly value: unknown;
  /** The line of a key, where the format tells. */
  readonly lineOf: (path: KeyPath) => Promise<number | undefined>;
}

/**
 * Reads a configuration in YAML, JSON, JavaScript or TypeScript.
 *
 * @throws UserError where it can't be read, with the line where that is known.
 */
export async function readConfig(path: string): Promise<ReadConfig> {
  switch (extname(path)) {
    case '.yaml':
    case '.yml':
      return await readYaml(path);
    case '.json':
      return await readJson(path);
    case '.ts':
    case '.mts':
    case '.js':
    case '.mjs':
    case '.cjs':
    case '.cts':
      return await readModule(path);
    default:
      throw new UserError(`${basename(path)}: a configuration ends in .yaml, .yml, .json, .ts, .js or .mjs.`);
  }
}

async function readYaml(path: string): Promise<ReadConfig> {
  const [{ parseDocument, LineCounter }, { lineOfKey }] = await Promise.all([import('yaml'), import('./key-lines.ts')]);
  const lines = new LineCounter();
  const document = parseDocument(readText(path), { lineCounter: lines, prettyErrors: false });
  const problems = [...document.errors, ...document.warnings];
  if (problems.length > 0) {
    throw new UserError(
      `${path} is not valid YAML.`,
      problems.map((problem) => ({ line: lines.linePos(problem.pos[0]).line, message: describeYamlProblem(problem) })),
    );
  }
  try {
    const value: unknown = document.toJS();
    return { value, lineOf: async (path) => lineOfKey(document, lines, path) };
  } catch {
    throw new UserError(
      `${path} is not valid YAML: a value begins with "*", which YAML takes for an alias. Put the value in quotes.`,
    );
  }
}

async function readJson(path: string): Promise<ReadConfig> {
  const text = readText(path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UserError(`${path} is not valid JSON.`, await jsonIssues(text));
  }
  return { value, lineOf: (key) => lineInJson(text, key) };
}

// JSON is YAML as far as finding a line goes. Its parser is loaded only where there is an error to find.
async function lineInJson(text: string, path: KeyPath): Promise<number | undefined> {
  const [{ parseDocument, LineCounter }, { lineOfKey }] = await Promise.all([import('yaml'), import('./key-lines.ts')]);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  return document.errors.length === 0 ? lineOfKey(document, lines, path) : undefined;
}

// What JSON.parse says quotes the text, which may hold a secret; YAML's parser tells where and of which kind it is.
async function jsonIssues(text: string): Promise<{ line: number; message: string }[]> {
  const { parseDocument, LineCounter } = await import('yaml');
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  return document.errors.map((error) => ({
    line: lines.linePos(error.pos[0]).line,
    message: describeYamlProblem(error),
  }));
}

async function readModule(path: string): Promise<ReadConfig> {
  let module: { readonly default?: unknown };
  try {
    module = await import(pathToFileURL(path).href);
  } catch (error) {
    throw new UserError(`${path} can't be loaded: ${whyNotLoaded(error)}`);
  }
  if (module.default === undefined) {
    throw new UserError(`${path} has no default export. Write: export default defineConfig({ ... }).`);
  }
  return { value: module.default, lineOf: async () => undefined };
}

function whyNotLoaded(error: unknown): string {
  if (!(error instanceof Error)) return 'it throws something that is no Error.';
  if ('code' in error && error.code === 'ERR_UNKNOWN_FILE_EXTENSION') {
    return 'this Node does not run TypeScript. Use Node 22.18 or newer, or write the configuration as .yaml, .json or .js.';
  }
  if ('code' in error && (error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'MODULE_NOT_FOUND')) {
    const [firstLine = ''] = error.message.split('\n');
    return firstLine;
  }
  // Any other message may quote the file, and with it a secret.
  const name = /^\w{1,60}$/.test(error.name) ? error.name : 'Error';
  return `it throws a ${name}. Run it with node to see where.`;
}

function readText(path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readSmallFile(path));
  } catch (error) {
    if (error instanceof TypeError) throw new UserError(`${path} is not UTF-8 text.`);
    throw new UserError(
      `${path} can't be read (${error instanceof Error && 'code' in error ? error.code : 'unknown reason'}).`,
    );
  }
}
