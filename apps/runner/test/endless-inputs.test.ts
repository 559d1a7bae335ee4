import { execFileSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { type Sandbox, startSandbox } from '@expunge/vendor-sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorkplace, type Workplace } from './expunge-process.ts';
import { sandboxConfig } from './sandbox-config.ts';

let sandbox: Sandbox<'altcraft'>;
let workplace: Workplace;

beforeEach(async () => {
  sandbox = await startSandbox({ vendors: ['altcraft'], limits: 'off' });
  sandbox.altcraft.seed(['ada@example.com']);
  workplace = openWorkplace();
  workplace.write('expunge.config.json', sandboxConfig(sandbox, ['altcraft']));
});
afterEach(async () => {
  await workplace.close();
  await sandbox.close();
});

const pipe = (name: string) => {
  execFileSync('mkfifo', [join(workplace.folder, name)]);
  return join(workplace.folder, name);
};

describe.skipIf(process.platform === 'win32')('an input without an end', () => {
  it.each([
    ['plan', 'SIGINT', 130],
    ['plan', 'SIGTERM', 143],
    ['delete', 'SIGINT', 130],
    ['delete', 'SIGHUP', 129],
  ] as const)('that nobody writes does not hold %s against %s', async (command, signal, code) => {
    const path = pipe('people.csv');
    const { child, ended } = workplace.start([command, 'people.csv']);
    // Whoever opens it to write comes through when it is being read: then it is waited for. Nothing is written.
    const writer = createWriteStream(path);
    await new Promise((resolve) => writer.once('open', resolve));
    child.kill(signal);
    expect((await ended).code).toBe(code);
    writer.destroy();
  });

  it('may be a named pipe, read to its end', async () => {
    const path = pipe('people.csv');
    const { ended } = workplace.start(['delete', 'people.csv']);
    const writer = createWriteStream(path);
    writer.write('request_id,email\n');
    await new Promise((resolve) => writer.once('open', resolve));
    writer.end('R-1,ada@example.com\n');
    expect(await ended).toMatchObject({ code: 0 });
    expect(sandbox.altcraft.profileIdsOf('ada@example.com')).toEqual([]);
  });

  it('that is a device is refused', async () => {
    const { code, messages } = await workplace.run(['plan', '/dev/zero', '--format', 'csv']);
    expect({ code, messages }).toMatchObject({ code: 1, messages: expect.stringContaining('/dev/zero is a device') });
  });

  it('is refused for what is read whole: secrets, configurations, certificates', async () => {
    pipe('secret');
    pipe('pipe.yaml');
    const config = JSON.parse(sandboxConfig(sandbox, ['altcraft']));
    for (const file of ['secret', '/dev/zero']) {
      config.connectors.altcraft.options.token = { file };
      workplace.write('other.json', JSON.stringify(config));
      const { code, messages } = await workplace.run(['check', '--config', 'other.json']);
      expect({ code, messages }).toMatchObject({ code: 1, messages: expect.stringContaining('a pipe or a device') });
    }
    for (const command of [
      ['check', '--config', 'pipe.yaml'],
      ['audit', 'verify', 'secret'],
      ['audit', 'verify', '/dev/zero'],
    ]) {
      expect(await workplace.run(command)).toMatchObject({
        code: 1,
        messages: expect.stringMatching(/a pipe or a device|is no file|is not a file/),
      });
    }
  });
});
