import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configSchema } from './config-schema.ts';
import { exposedSecrets } from './exposed-secrets.ts';
import type { StorageAdapter } from './load-config.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'runner-test-'));
  writeFileSync(join(folder, "the key's file"), 'x');
});
afterAll(() => rmSync(folder, { recursive: true }));

const sqlite: StorageAdapter = { type: 'sqlite', path: '/nowhere/expunge.db', keyFile: undefined, key: undefined };
const warningsOf = (options: Record<string, unknown>, storage: StorageAdapter = sqlite) =>
  exposedSecrets({
    path: join(folder, 'expunge.config.yaml'),
    folder,
    config: configSchema.parse({ ledger: { sqlite: 'expunge.db' }, connectors: { one: { package: 'p', options } } }),
    storage,
    lineOf: async () => undefined,
  });

describe('exposedSecrets', () => {
  it.each([
    'http://api.example.com/',
    'HTTP://10.0.0.7:8080',
    'http://127.0.0.1.example.com',
    'http://localhost@h.test',
  ])('warns of %s, wherever it stands', (url) => {
    expect(warningsOf({ deep: [{ baseUrl: url }] })).toEqual([
      { path: ['connectors', 'one', 'options', 'deep', '0', 'baseUrl'], message: expect.stringContaining('https://') },
    ]);
  });

  it.each(['https://api.example.com', 'http://localhost:1', 'http://127.0.0.5', 'http://[::1]:80/x', 'text'])(
    'is silent about %s',
    (url) => expect(warningsOf({ baseUrl: url })).toEqual([]),
  );

  it.skipIf(process.platform === 'win32')(
    'warns of a key file that others can read, with a command that mends it',
    () => {
      const file = join(folder, "the key's file");
      for (const storage of [
        { ...sqlite, keyFile: file },
        { ...sqlite, key: { file: "the key's file" } },
        { type: 'postgres', url: { env: 'URL' }, schema: undefined, key: { file } } as const,
      ]) {
        for (const mode of [0o644, 0o640, 0o604]) {
          chmodSync(file, mode);
          const [warning, ...more] = warningsOf({}, storage);
          expect(more).toEqual([]);
          expect(warning?.message).toContain(`mode 0${mode.toString(8)}`);
          expect(warning?.message).toMatch(/chmod 600 '.*\/the key'\\''s file'$/);
        }
        chmodSync(file, 0o600);
        expect(warningsOf({}, storage)).toEqual([]);
      }
    },
  );
});
