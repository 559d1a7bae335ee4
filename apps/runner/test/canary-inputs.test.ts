import { describe, expect, it } from 'vitest';
import { canaryPerson, misplacedSecret } from './canaries.ts';
import { type CanaryWorkplace, canaryList, inCanaryWorkplace } from './canary-workplace.ts';
import { findLeaks } from './find-leaks.ts';
import { sandboxConfig } from './sandbox-config.ts';

// A slip in a list, a command line or a configuration must not be repeated in a log.

function configure(workplace: CanaryWorkplace): void {
  // Nobody listens there: nothing of this may be sent anyway.
  const config = sandboxConfig({ clevertap: { url: 'http://127.0.0.1:9' } }, ['clevertap']);
  workplace.writeInput('expunge.config.json', config);
}

describe('lets nobody out of an input that', () => {
  const { user_id: userId, email } = canaryPerson;
  it.each<[string, string, string]>([
    ['has cells too many', 'people.csv', `user_id,email\n${userId},${email},${email}\n`],
    ['has an open quote', 'people.csv', `user_id,email\n"${userId},${email}\n`],
    ['has a quote in a cell', 'people.csv', `user_id,email\n${userId}",${email}\n`],
    ['has no header', 'people.csv', `${canaryPerson.phone},x\n`],
    [
      'puts identifiers into other columns',
      'people.csv',
      `user_id,due_at,law,received_at\nx,${userId},${email},${userId}\n`,
    ],
    ['is no JSON', 'people.jsonl', `{"user_id":"${userId}",email:"${email}"}\n`],
    ['is a list', 'people.jsonl', `["${userId}"]\n`],
    ['has an object for an identifier', 'people.jsonl', `{"user_id":{"id":"${userId}"}}\n`],
  ])(
    '%s',
    inCanaryWorkplace(async (workplace, _what, name, content) => {
      configure(workplace);
      workplace.writeInput(name, content);
      const { code } = await workplace.run(['delete', name, '--wait', '0s', '--json'], {
        environment: { EXPUNGE_DEBUG: '1' },
      });
      expect(code).toBe(1);
      expect(workplace.leaks()).toEqual([]);
    }),
  );

  it(
    'is a command line with a slip in it',
    inCanaryWorkplace(async (workplace) => {
      configure(workplace);
      workplace.writeInput('people.csv', canaryList());
      for (const command of [
        ['delete', '--subject', userId],
        ['delete', '--subject', `=${userId}`],
        ['delete', `user_id=${userId}`],
        ['delete', 'people.csv', '--subject', `user_id=${userId}`],
        ['status', '--subject', userId],
        ['hold', 'add', userId, '--reason', 'x'],
        ['hold', 'remove', `user_id=${userId}`],
      ]) {
        const { code } = await workplace.run([...command, '--json'], { environment: { EXPUNGE_DEBUG: '1' } });
        expect({ command, code }).toEqual({ command, code: 1 });
      }
      expect(workplace.leaks()).toEqual([]);
    }),
  );
});

describe('lets no secret out of a configuration that', () => {
  const yaml = (passcode: string, more = '') => `ledger: { sqlite: ./expunge.db }
${more}connectors:
  clevertap:
    package: "@expunge/connector-clevertap"
    options:
      baseUrl: http://127.0.0.1:9
      accountId: SANDBOX-ACCOUNT
      passcode: ${passcode}
`;
  const module = (passcode: string) => `export default { ledger: { sqlite: './expunge.db' }, connectors: { clevertap: {
    package: '@expunge/connector-clevertap', options: { accountId: 'SANDBOX-ACCOUNT', passcode: ${passcode} } } } };`;
  const secret = misplacedSecret;
  it.each<[string, string, string]>([
    ['takes it for a tag', 'expunge.config.yaml', yaml(`!${secret}`)],
    ['takes it for an alias', 'expunge.config.yaml', yaml(`*${secret}`)],
    ['takes it for a block', 'expunge.config.yaml', yaml(`|${secret}`)],
    ['takes it for an anchor', 'expunge.config.yaml', yaml(`&${secret}`)],
    ['takes it for a directive', 'expunge.config.yaml', `%${secret}\n---\n${yaml('x')}`],
    ['takes it for a map', 'expunge.config.yaml', yaml(`${secret}: x: y`)],
    ['has a quote too few', 'expunge.config.yaml', yaml(`"${secret}`)],
    ['escapes it wrongly', 'expunge.config.yaml', yaml(`"\\u${secret}"`)],
    ['has it for a duration', 'expunge.config.yaml', yaml('x', `wait: ${secret}\n`)],
    ['has it in an address', 'expunge.config.yaml', yaml('x').replace('http://', `http://user:${secret}@`)],
    ['has it for a number', 'expunge.config.yaml', yaml(`x\n      timeoutMs: ${secret}`)],
    ['has it for a region', 'expunge.config.yaml', yaml(`x\n      region: ${secret}`)],
    ['has it beside a reference', 'expunge.config.yaml', yaml(`{ env: X, fallback: ${secret} }`)],
    ['has it in the file', 'expunge.config.yaml', yaml(secret).replace('http://127.0.0.1:9', 'no address')],
    ['is no JSON', 'expunge.config.json', `{ "passcode": "${secret}", `],
    ['is no JavaScript', 'expunge.config.js', module(`x ${secret.slice(-6)}`)],
    ['is no string in JavaScript', 'expunge.config.js', module(`'${secret}`)],
    ['throws it', 'expunge.config.js', `throw new Error('no vault for ${secret}');`],
    [
      'has it for a key',
      'expunge.config.json',
      JSON.stringify({ ledger: { sqlite: './expunge.db', key: secret }, connectors: {} }),
    ],
  ])(
    '%s',
    inCanaryWorkplace(async (workplace, _what, name, content) => {
      workplace.writeInput('people.csv', canaryList());
      workplace.writeInput(name, content);
      const { code } = await workplace.run(['delete', 'people.csv', '--json'], {
        environment: { EXPUNGE_DEBUG: '1', X: 'x' },
      });
      expect(code).toBe(1);
      const part = misplacedSecret.slice(-6);
      expect(workplace.leaks()).toEqual([]);
      expect(findLeaks([{ name: 'a part of it', value: part }], workplace.printed())).toEqual([]);
    }),
  );
});
