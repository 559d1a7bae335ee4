import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { startSandbox } from '@expunge/vendor-sandbox';
import { expect, it, onTestFinished } from 'vitest';

const dayMs = 86_400_000;

async function startVendor() {
  const sandbox = await startSandbox({ vendors: ['clevertap'] });
  onTestFinished(() => sandbox.close());
  sandbox.clevertap.seed(['ada-1', 'ada-11', 'bob-2']);
  return sandbox;
}

async function deletePerson(userId: string, url: string, passcode: string) {
  const script = join(import.meta.dirname, 'delete-one-person.ts');
  const env = { CLEVERTAP_URL: url, CLEVERTAP_ACCOUNT_ID: 'SANDBOX-ACCOUNT', CLEVERTAP_PASSCODE: passcode };
  // Node 22 calls its SQLite experimental, on standard error.
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, userId], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors, [exitCode]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { output, errors, exitCode };
}

it('queues the right person at the vendor, and says no more than is known', async () => {
  const { clevertap, clock } = await startVendor();
  const { output, exitCode, errors } = await deletePerson('ada-1', clevertap.url, clevertap.credentials.passcode);
  expect({ output, exitCode, errors }).toEqual({
    output: expect.stringContaining('identity: accepted, known as accepted.'),
    exitCode: 0,
    errors: '',
  });
  expect(['ada-1', 'ada-11', 'bob-2'].filter((id) => clevertap.isQueued(id))).toEqual(['ada-1']);
  clock.advance(2 * dayMs);
  expect(['ada-1', 'ada-11', 'bob-2'].filter((id) => clevertap.hasProfile(id))).toEqual(['ada-11', 'bob-2']);
});

it('fails, and claims nothing, where the vendor refuses the credentials', async () => {
  const { clevertap } = await startVendor();
  const { output, exitCode } = await deletePerson('ada-1', clevertap.url, 'wrong-passcode');
  expect(output).toContain('nothing is proven (credentials-rejected)');
  expect(exitCode).toBe(1);
  expect(clevertap.isQueued('ada-1')).toBe(false);
});

it('refuses an identifier that stands for nobody', async () => {
  const { clevertap } = await startVendor();
  const { exitCode, errors } = await deletePerson('undefined', clevertap.url, clevertap.credentials.passcode);
  expect(exitCode).toBe(1);
  expect(errors).toContain('RequestError');
  expect(clevertap.requests).toEqual([]);
});
