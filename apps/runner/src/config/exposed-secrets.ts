import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { shellQuote } from '@expunge/report/words';
import type { ConfigIssue } from './config-error.ts';
import type { LoadedConfig } from './load-config.ts';

/** Where the configuration lets others read what it keeps secret: plain HTTP, and key files that are open to everybody. */
export function exposedSecrets(loaded: LoadedConfig): ConfigIssue[] {
  const { connectors } = loaded.config;
  return [
    ...Object.entries(connectors).flatMap(([name, { options }]) => plainHttp(options, ['connectors', name, 'options'])),
    ...openKeyFile(loaded),
  ];
}

function plainHttp(value: unknown, path: ConfigIssue['path']): ConfigIssue[] {
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, each]) => plainHttp(each, [...path, key]));
  }
  if (typeof value !== 'string' || !/^\s*http:/i.test(value) || isLoopback(value)) return [];
  const message =
    'is plain HTTP to another machine: credentials and identifiers can be read on the way there. Write https://.';
  return [{ path, message }];
}

function isLoopback(text: string): boolean {
  const { hostname } = URL.canParse(text) ? new URL(text) : { hostname: '' };
  return /^(127(\.\d+){3}|\[::1\]|(.+\.)?localhost\.?)$/.test(hostname);
}

// Others' users on the same machine, or in the same image. Windows has no such modes.
function openKeyFile({ folder, storage }: LoadedConfig): ConfigIssue[] {
  if (process.platform === 'win32') return [];
  const ofKey = storage.key !== undefined && 'file' in storage.key ? resolve(folder, storage.key.file) : undefined;
  const own =
    storage.type === 'sqlite' && storage.key === undefined ? (storage.keyFile ?? `${storage.path}.key`) : undefined;
  const file = ofKey ?? own;
  if (file === undefined) return [];
  const mode = statSync(file, { throwIfNoEntry: false })?.mode;
  if (mode === undefined || (mode & 0o077) === 0) return [];
  const octal = (mode & 0o777).toString(8).padStart(4, '0');
  const message = `the key file has mode ${octal}: others can read it, and with it the ledger. Run: chmod 600 ${shellQuote(file)}`;
  return [{ path: ['ledger', ofKey === undefined ? 'keyFile' : 'key'], message }];
}
