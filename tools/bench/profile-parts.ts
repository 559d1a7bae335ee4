import { type BundledModules, readBundledModules } from './bundled-modules.ts';
import type { Frame } from './cpu-profile.ts';

/** The parts that the durable path's time is told by, in the order of the work. */
export const profileParts = [
  'start: loading modules',
  'CSV: decoding, parsing, checking rows',
  'planning tasks',
  'encrypting and fingerprints (crypto)',
  'statements (SQLite run, get, all)',
  'commits (SQLite exec: begin, commit, sync)',
  'audit log: entries and hashes',
  'ledger code around the statements',
  'JSON',
  'schema checks (zod)',
  'engine: loop, batches, outcomes, pacing',
  'connector and HTTP (undici, net, streams)',
  'collecting garbage',
  'waiting for the vendor, or for nothing (idle)',
  'other of Node',
] as const;

/** One of the parts. */
export type ProfilePart = (typeof profileParts)[number];

/**
 * To which part a function of a profiled `expunge` process belongs. Work of Node's own counts for whoever called it, save
 * SQLite's, JSON's and the crypto's, which are told apart by what was called.
 */
export function createPartOf(
  modules: BundledModules = readBundledModules(),
): (frame: Frame) => ProfilePart | undefined {
  return (frame) => {
    const { functionName, url, lineNumber } = frame;
    switch (functionName) {
      case '(idle)':
        return 'waiting for the vendor, or for nothing (idle)';
      case '(garbage collector)':
        return 'collecting garbage';
      case '(program)':
        return 'other of Node';
    }
    const native = partOfNative(functionName);
    if (native !== undefined) return native;
    if (url === '') return undefined;
    if (url.startsWith('node:')) return partOfNode(url);
    if (/\/node_modules\/(?:\.pnpm\/)?csv-parse/.test(url)) return 'CSV: decoding, parsing, checking rows';
    if (/\/node_modules\/(?:\.pnpm\/)?undici/.test(url)) return 'connector and HTTP (undici, net, streams)';
    if (/\/node_modules\/(?:\.pnpm\/)?zod/.test(url)) return 'schema checks (zod)';
    if (/\/packages\/(?:connector-[a-z]+|http-client)\//.test(url)) return 'connector and HTTP (undici, net, streams)';
    if (/\/packages\/engine\//.test(url)) return partOfEngine(modules.moduleAt(url, lineNumber) ?? '');
    if (/\/apps\/runner\//.test(url)) {
      const isInput = /src\/(?:subjects|commands\/subject-input)/.test(modules.moduleAt(url, lineNumber) ?? '');
      return isInput ? 'CSV: decoding, parsing, checking rows' : undefined;
    }
    return undefined;
  };
}

// What programs/name-natives.ts puts around functions of C++.
function partOfNative(name: string): ProfilePart | undefined {
  switch (name) {
    case 'sqliteExec':
      return 'commits (SQLite exec: begin, commit, sync)';
    case 'sqliteRun':
    case 'sqliteGet':
    case 'sqliteAll':
      return 'statements (SQLite run, get, all)';
    case 'jsonParse':
    case 'jsonStringify':
      return 'JSON';
    default:
      return undefined;
  }
}

function partOfNode(url: string): ProfilePart | undefined {
  if (url.startsWith('node:internal/crypto')) return 'encrypting and fingerprints (crypto)';
  if (url.startsWith('node:internal/modules')) return 'start: loading modules';
  if (/^node:(?:net|_http|http|internal\/stream_base|internal\/deps\/undici)/.test(url)) {
    return 'connector and HTTP (undici, net, streams)';
  }
  return undefined;
}

function partOfEngine(module: string): ProfilePart {
  if (/ledger\/(?:encrypt|ledger-key)/.test(module)) return 'encrypting and fingerprints (crypto)';
  if (/audit/.test(module)) return 'audit log: entries and hashes';
  if (/ledger\//.test(module)) return 'ledger code around the statements';
  if (/plan-tasks|take-in|request-faults|placeholder|due-date/.test(module)) return 'planning tasks';
  return 'engine: loop, batches, outcomes, pacing';
}
