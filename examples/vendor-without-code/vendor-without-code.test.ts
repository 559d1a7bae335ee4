import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createRealClock, oneSignalSandboxCredentials, startSandbox } from '@expunge/vendor-sandbox';
import { describe, expect, it, onTestFinished } from 'vitest';

const example = import.meta.dirname;
const command = join(dirname(createRequire(import.meta.url).resolve('@expunge/runner/package.json')), 'dist/main.js');
const secrets = {
  ONESIGNAL_APP_ID: oneSignalSandboxCredentials.appId,
  ONESIGNAL_API_KEY: oneSignalSandboxCredentials.apiKey,
};

/** OneSignal with real limits, and a folder with the example in it that speaks to it instead. */
async function open({ isFast = false } = {}) {
  const settings = { onesignal: { deletionDelayMs: 0 } };
  const { onesignal, close } = await startSandbox({ vendors: ['onesignal'], clock: createRealClock(), settings });
  const folder = mkdtempSync(join(tmpdir(), 'vendor-without-code-'));
  onTestFinished(async () => {
    await close();
    rmSync(folder, { recursive: true });
  });
  onesignal.seed(['crm-1', 'crm-11', 'CRM-1', 'crm-2', 'grace']);
  symlinkSync(join(example, 'node_modules'), join(folder, 'node_modules'), 'junction');
  copyFileSync(join(example, 'people.csv'), join(folder, 'people.csv'));
  const yaml = readFileSync(join(example, 'expunge.config.yaml'), 'utf8');
  const place = `      baseUrl: ${onesignal.url}\n      hosts:`;
  const local = yaml
    .replace('      hosts:', place)
    .replace('afterMs: 3600000', isFast ? 'afterMs: 0' : 'afterMs: 3600000');
  writeFileSync(join(folder, 'expunge.config.yaml'), local);
  return { onesignal, folder };
}

async function expunge(
  folder: string,
  commandArguments: readonly string[],
  environment: Record<string, string> = secrets,
) {
  const env = { PATH: process.env.PATH, NO_COLOR: '1', ...environment };
  const child = spawn(process.execPath, [command, ...commandArguments], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, messages, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { output, messages, code };
}

describe('a vendor without code', () => {
  it('is deleted at by expunge delete, and the deletion is verified', async () => {
    const { onesignal, folder } = await open({ isFast: true });
    const { output, code } = await expunge(folder, ['delete', 'people.csv', '--wait', '30s']);
    expect(output).toMatch(/onesignal +2 +0 +0 +0/);
    expect(output).toContain('Everything is settled.');
    expect(code).toBe(0);
    expect(['crm-1', 'crm-11', 'CRM-1', 'crm-2', 'grace'].filter(onesignal.hasUser)).toEqual([
      'crm-11',
      'CRM-1',
      'grace',
    ]);
    // The limit of one view a second was kept.
    expect(onesignal.requests.filter(({ status }) => status === 429)).toEqual([]);
  });

  it('is waited for as long as nothing is known', async () => {
    const { onesignal, folder } = await open();
    writeFileSync(join(folder, 'people.csv'), 'user_id\ncrm-1\n');
    const { output, code } = await expunge(folder, ['delete', 'people.csv', '--wait', '2s', '--json']);
    expect(code).toBe(3);
    expect(JSON.parse(output)).toMatchObject({ result: 'waiting' });
    expect(onesignal.hasUser('crm-1')).toBe(false);
    const status = await expunge(folder, ['status', '--subject', 'user_id=crm-1']);
    expect(status.output).toMatch(/external_id +to be read back +-/);
  });

  it('is not deleted at with a wrong key', async () => {
    const { onesignal, folder } = await open();
    const wrong = { ...secrets, ONESIGNAL_API_KEY: 'wrong-key' };
    expect((await expunge(folder, ['check'])).code).toBe(0);
    expect((await expunge(folder, ['check'], wrong)).code).toBe(4);
    const { output, messages, code } = await expunge(folder, ['delete', 'people.csv', '--wait', '2s'], wrong);
    expect(code).toBe(4);
    expect(output + messages).toContain('credentials-rejected');
    expect(output + messages).not.toMatch(/wrong-key|crm-1/);
    expect(onesignal.hasUser('crm-1')).toBe(true);
  });

  it('is refused with the key and the line where its description is wrong', async () => {
    const { folder } = await open();
    const path = join(folder, 'expunge.config.yaml');
    const yaml = readFileSync(path, 'utf8');
    writeFileSync(path, yaml.replace('means: absent', 'means: gone').replace('sameAs: appId', 'sameAs: app'));
    const { messages, code } = await expunge(folder, ['check']);
    expect(code).toBe(1);
    const line = yaml.split('\n').findIndex((each) => each.includes('means: absent')) + 1;
    expect(messages).toContain(`line ${line}`);
    expect(messages).toContain('connectors.onesignal.options.submit.replies.1.means');
  });
});
