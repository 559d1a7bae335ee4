import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ResolvedOptions, resolveSecrets } from './resolve-secrets.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'runner-test-'));
  writeFileSync(join(folder, 'secret'), 'from-a-file\r\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

function resolve(options: Record<string, unknown>, standIn?: string): ResolvedOptions {
  const environment = { TOKEN: 'from-the-environment' };
  return resolveSecrets(options, ['connectors', 'acme', 'options'], { environment, folder, standIn });
}

describe('resolveSecrets', () => {
  it('replaces references anywhere, and remembers the secrets', () => {
    const options = { token: { env: 'TOKEN' }, deep: [{ key: { file: './secret' } }], region: 'eu', n: 1, no: null };
    expect(resolve(options)).toEqual({
      options: { token: 'from-the-environment', deep: [{ key: 'from-a-file' }], region: 'eu', n: 1, no: null },
      secrets: ['from-the-environment', 'from-a-file'],
      issues: [],
      warnings: [],
    });
  });

  it.each([
    [{ env: 'MISSING' }, 'the environment variable MISSING is not set, or empty. Set it where expunge runs.'],
    [{ env: 5 }, 'a reference is { env: NAME } with a text.'],
  ])('reports %j', (reference, message) => {
    expect(resolve({ token: reference }).issues).toEqual([
      { path: ['connectors', 'acme', 'options', 'token'], message },
    ]);
  });

  it('lets something stand in for what is missing where nothing is sent', () => {
    expect(resolve({ token: { env: 'MISSING' } }, 'stand-in')).toMatchObject({
      options: { token: 'stand-in' },
      issues: [],
    });
  });

  it('leaves an object that is no reference to the connector', () => {
    const options = { env: { env: 'TOKEN', more: 1 } };
    expect(resolve(options).options).toEqual(options);
  });

  it.each([
    [{ oauthToken: 'test-token' }, 1],
    [{ serviceAccount: { secret: 'test-secret' } }, 1],
    [{ passcode: 'test-passcode', api_key: 'test-key' }, 2],
    [{ tokenExpiresAt: '2027-01-01T00:00:00Z', secretName: 'x', passwordless: true }, 0],
    [{ token: { env: 'TOKEN' }, region: 'eu' }, 0],
    [{ form: { token: '{apiToken}' } }, 0],
    [{ form: { token: 'test-{apiToken}' } }, 1],
  ])('warns of secrets in the file: %j', (options, count) => {
    const { warnings, secrets } = resolve(options);
    expect(warnings).toHaveLength(count);
    expect(JSON.stringify(warnings)).not.toMatch(/test-/);
    expect(secrets.length).toBeGreaterThanOrEqual(count);
  });
});
