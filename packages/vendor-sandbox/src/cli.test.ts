import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { vendorNames } from './start-sandbox.ts';

const command = fileURLToPath(new URL('./cli.ts', import.meta.url));
const running: ChildProcessWithoutNullStreams[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

function start(...options: string[]) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', command, ...options]);
  running.push(child);
  return child;
}

async function finish(child: ChildProcessWithoutNullStreams) {
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

describe('expunge-sandbox', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('tells its addresses, answers there, and ends on %s', async (signal) => {
    const child = start('--port-base', '0', '--json');
    const [line] = await once(createInterface(child.stdout), 'line');
    const { vendors } = JSON.parse(line);
    expect(Object.keys(vendors)).toEqual(vendorNames);
    expect(vendors.clevertap.credentials).toEqual({ accountId: 'SANDBOX-ACCOUNT', passcode: 'sandbox-passcode' });
    const url: string = vendors.clevertap.url;
    const seeded = await fetch(`${url}/_sandbox/people`, { method: 'POST', body: '"ada"\n"bob"\n' });
    expect(await seeded.json()).toEqual({ seeded: 2 });
    child.kill(signal);
    expect((await finish(child)).code).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
  });

  it('lets a day pass in the seconds told', async () => {
    const child = start('--port-base', '0', '--day-seconds', '0.001', '--vendors', 'clevertap', '--json');
    const [line] = await once(createInterface(child.stdout), 'line');
    const { url, credentials } = JSON.parse(line).vendors.clevertap;
    await fetch(`${url}/_sandbox/people`, { method: 'POST', body: '["ada"]' });
    await fetch(`${url}/1/delete/profiles.json`, {
      method: 'POST',
      headers: { 'X-CleverTap-Account-Id': credentials.accountId, 'X-CleverTap-Passcode': credentials.passcode },
      body: '{"identity":"ada"}',
    });
    await expect.poll(async () => (await fetch(`${url}/_sandbox/count`)).json()).toEqual({ profiles: 0, queued: 0 });
  });

  it('prints addresses and credentials for people', async () => {
    const child = start('--port-base', '0', '--vendors', 'mixpanel');
    const output = finish(child);
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    const { stdout } = await output;
    expect(stdout).toMatch(/^mixpanel {2}http:\/\/127\.0\.0\.1:\d+\n/);
    expect(stdout).toContain('projectToken: sandbox-project-token');
    expect(stdout).not.toContain('clevertap');
  });

  it('says which port is taken and fails', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const { code, stderr } = await finish(start('--port-base', `${port}`, '--vendors', 'mixpanel'));
    other.close();
    expect(code).toBe(1);
    expect(stderr).toContain(`port ${port} is taken`);
    expect(stderr).not.toContain('at ');
  });

  it.each([
    [['--host', '0.0.0.0'], 'loopback'],
    [['--port-base', '70000'], 'no such ports'],
    [['--port-base', 'x'], 'whole number'],
    [['--day-seconds', '0'], 'above 0'],
    [['--limits', 'none'], 'documented, off'],
    [['--vendors', 'mixpanel,acme'], 'clevertap'],
  ])('refuses %j', async (options, message) => {
    const { code, stderr } = await finish(start(...options));
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });
});
