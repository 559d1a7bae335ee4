import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorkplace, type Workplace } from './expunge-process.ts';
import { sandboxConfig } from './sandbox-config.ts';

let workplace: Workplace;
beforeEach(() => {
  workplace = openWorkplace();
  workplace.write('people.csv', 'user_id\nu-1\n');
});
afterEach(() => workplace.close());

// A port that nobody listens on: whatever is wrong must be found before a vendor is asked.
const nowhere = { url: 'http://127.0.0.1:9' };

describe('a wrong configuration', () => {
  it('has each wrong key named, with its line, before anything is done', async () => {
    workplace.write(
      'expunge.config.yaml',
      `ledgr: { sqlite: ./expunge.db }
connectors:
  product-analytics:
    package: "@expunge/connector-mixpanel"
    veriffy: off
`,
    );
    const { code, output, messages } = await workplace.run(['delete', 'people.csv']);
    expect({ code, output }).toEqual({ code: 1, output: '' });
    expect(messages).toContain('3 things are wrong in');
    expect(messages).toMatch(/ledger: is missing/);
    expect(messages).toMatch(/ledgr \(line 1\): is not a key/);
    expect(messages).toMatch(/connectors\.product-analytics\.veriffy \(line 5\)/);
    expect(existsSync(join(workplace.folder, 'expunge.db'))).toBe(false);
  });

  it('that ignores a column which a connector uses, or which is about the request, is refused: nobody is left out silently', async () => {
    const connectors = `connectors:
  analytics:
    package: "@expunge/connector-mixpanel"
    options: { api: profile, region: eu, projectToken: { env: MIXPANEL_PROJECT_TOKEN } }
`;
    const refusal = async (name: string) => {
      workplace.write(
        'expunge.config.yaml',
        `ledger: { sqlite: ./expunge.db }\ninput: { ignoreColumns: [note, ${name}] }\n${connectors}`,
      );
      const { code, messages } = await workplace.run(['delete', 'people.csv']);
      expect({ code, hasLedger: existsSync(join(workplace.folder, 'expunge.db')) }).toEqual({
        code: 1,
        hasLedger: false,
      });
      return messages;
    };
    expect(await refusal('user_id')).toMatch(
      /input\.ignoreColumns\.1 \(line 2\): is an identifier type that a connector uses/,
    );
    expect(await refusal('due_at')).toMatch(/input\.ignoreColumns\.1 \(line 2\): is about the request/);
  });

  it('has the wrong options of real connectors named with their keys, and no value', async () => {
    workplace.write(
      'expunge.config.yaml',
      `ledger: { sqlite: ./expunge.db }
connectors:
  analytics:
    package: "@expunge/connector-mixpanel"
    options:
      api: gdpr
      regoin: eu
      projectToken: { env: MIXPANEL_PROJECT_TOKEN }
      oauthToken: { env: WITH_NEWLINE }
    identifiers: { distinctid: [user_id] }
`,
    );
    const { code, messages } = await workplace.run(['check'], { environment: { WITH_NEWLINE: 'test-secret\nmore' } });
    expect(code).toBe(1);
    expect(messages).toMatch(/connectors\.analytics\.options\.regoin \(line 7\)/);
    expect(messages).toMatch(/connectors\.analytics\.options\.region \(line 5\)/);
    expect(messages).toMatch(/connectors\.analytics\.options\.oauthToken \(line 9\)/);
    expect(messages).not.toContain('test-secret');
  });

  it('names a variable that is not set, and a package that is not installed with the command for it', async () => {
    workplace.write('package-lock.json', '{}');
    workplace.write(
      'expunge.config.json',
      JSON.stringify({
        ledger: { sqlite: './expunge.db' },
        connectors: {
          crm: { package: '@acme/expunge-connector', options: { key: { env: 'ACME_KEY' } } },
          broken: { package: './not-there.js' },
        },
      }),
    );
    const { code, messages, output } = await workplace.run(['check', '--json']);
    expect(code).toBe(1);
    expect(messages).toContain('npm install @acme/expunge-connector');
    expect(messages).toContain('the environment variable ACME_KEY is not set');
    expect(messages).toContain('there is no module at ./not-there.js');
    const { error } = JSON.parse(output);
    expect(error.issues.map(({ where }: { where: string }) => where)).toEqual([
      'connectors.crm.options.key',
      'connectors.crm.package',
      'connectors.broken.package',
    ]);
  });

  it('warns of a secret in the file, and never prints it', async () => {
    workplace.write(
      'expunge.config.json',
      sandboxConfig({ clevertap: nowhere }, ['clevertap'], {
        connectors: {
          clevertap: {
            options: { baseUrl: nowhere.url, accountId: 'SANDBOX-ACCOUNT', passcode: 'test-passcode-in-file' },
          },
        },
      }),
    );
    const { messages, output } = await workplace.run(['plan', 'people.csv']);
    expect(messages).toContain('connectors.clevertap.options.passcode: looks like a secret');
    expect(messages + output).not.toContain('test-passcode-in-file');
  });

  it('works in TypeScript', async () => {
    workplace.write('package.json', '{ "type": "module" }');
    workplace.write(
      'expunge.config.ts',
      `import { defineConfig, type ExpungeConfig } from '@expunge/runner';
const connectors: ExpungeConfig['connectors'] = ${JSON.stringify(
        JSON.parse(sandboxConfig({ clevertap: nowhere }, ['clevertap'])).connectors,
      )};
export default { ledger: { sqlite: './expunge.db' }, connectors } satisfies ExpungeConfig;
`.replace('import { defineConfig, type ExpungeConfig }', 'import type { ExpungeConfig }'),
    );
    const { code, output } = await workplace.run(['plan', 'people.csv', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(output)).toMatchObject({ subjects: 1, connectors: [{ connector: 'clevertap', targets: 1 }] });
  });

  it('names a ledger that is none, and one without its key', async () => {
    workplace.write('expunge.config.json', sandboxConfig({ clevertap: nowhere }, ['clevertap']));
    expect((await workplace.run(['status'])).messages).toContain('There is no ledger');
    workplace.write('expunge.db', 'this is a text and no database, long enough to have a header'.repeat(20));
    workplace.write('expunge.db.key', `${'ab'.repeat(32)}\n`);
    for (const command of [['status'], ['delete', 'people.csv']]) {
      const { code, messages } = await workplace.run(command);
      expect({ code, messages }).toMatchObject({ code: 1, messages: expect.stringMatching(/^error: .*expunge\.db/) });
      expect(messages).not.toContain('unexpected');
    }
  });
});
