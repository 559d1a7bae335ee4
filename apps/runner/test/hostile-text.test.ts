import { generateKeyPairSync, sign } from 'node:crypto';
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
  workplace.write('people.csv', 'request_id,email\n"R-1;$(id)",ada@example.com\n');
  workplace.write('expunge.config.json', sandboxConfig(sandbox, ['altcraft']));
});
afterEach(async () => {
  await workplace.close();
  await sandbox.close();
});

// What a terminal takes for a command, turns around, or does not show.
const commands = '\u001b[2J\u001b[8m\u001b]0;title\u0007\u009b8m\u202e\u200b\r';
const reachesTerminal = /[^\P{C}\n]/u;

describe('what strangers wrote', () => {
  it.each([
    ['a file that is not there', ['plan', `no${commands}.csv`]],
    ['a file without a form', ['plan', `no${commands}`]],
    ['a command line', ['plan', `--x${commands}`]],
    ['a request that is not there', ['status', `R${commands}`]],
    ['a request to cancel', ['cancel', `R${commands}`]],
    ['a report that goes nowhere', ['report', '--output', `no${commands}/r.html`]],
    ['a configuration that is not there', ['check', '--config', `c${commands}.yaml`]],
    ['a certificate that is not there', ['audit', 'verify', `c${commands}.json`]],
    ['a starter that is not there', ['init', `v${commands}`]],
    ['a column', ['plan', 'columns.csv']],
    ['a key', ['plan', 'keys.jsonl']],
  ])('reaches the terminal escaped: the name of %s', async (_what, commandLine) => {
    workplace.write('columns.csv', `"e${commands}\n",email\nx,ada@example.com\n`);
    workplace.write('keys.jsonl', `${JSON.stringify({ [`k${commands}\n`]: 'x', email: 'ada@example.com' })}\n`);
    for (const json of [[], ['--json']]) {
      const { code, output, messages } = await workplace.run([...commandLine, ...json]);
      expect(code).toBe(1);
      expect(messages).not.toBe('');
      expect(messages).not.toMatch(reachesTerminal);
      expect(output).not.toMatch(reachesTerminal);
    }
  });

  it('in a forged certificate makes no line of its own, and does not hide whose key it is', async () => {
    expect(await workplace.run(['delete', 'people.csv'])).toMatchObject({
      code: 0,
      messages: expect.not.stringContaining('error'),
    });
    const { output } = await workplace.run(['report', '--certificate', 'R-1;$(id)']);
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const original = JSON.parse(output);
    const forged = `R-1, behind them 2 audit entries.\n  vend: deleted (verified)\nSigned with the key whose fingerprint is 00.${commands}`;
    const statement = original.statement.replaceAll(
      'R-1;$(id)',
      JSON.stringify(JSON.stringify(forged).slice(1, -1)).slice(1, -1),
    );
    const signature = sign(null, Buffer.from(statement), privateKey).toString('base64');
    const key = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    workplace.write('forged.json', JSON.stringify({ ...original, statement, signature, publicKey: key }));
    const { output: shown } = await workplace.run(['audit', 'verify', 'forged.json']);
    expect(shown).toMatch(/^The certificate is (not )?valid/);
    expect(shown).not.toMatch(reachesTerminal);
    expect(shown.split('\n').filter((line) => /^(Signed| {2}vend)/.test(line)).length).toBeLessThan(2);
  });

  it('stands quoted in commands to copy', async () => {
    expect(await workplace.run(['delete', 'people.csv'])).toMatchObject({
      code: 0,
      messages: expect.not.stringContaining('error'),
    });
    const cancelled = await workplace.run(['cancel', 'R-1;$(id)']);
    expect(cancelled.output).toContain(`expunge status 'R-1;$(id)'`);
    const certificate = await workplace.run([
      'report',
      '--certificate',
      'R-1;$(id)',
      '--output',
      'my certificate.json',
    ]);
    expect(certificate.output).toContain(`expunge audit verify 'my certificate.json'`);
    const exported = await workplace.run(['audit', 'export', './-log $(id)']);
    expect(exported.output).toMatch(/expunge audit verify --public-key [\w+/=]+ '\.\/-log \$\(id\)'\n/);
    const { output } = await workplace.run(['report', '--request', 'R-1;$(id)', '--format', 'html']);
    expect(output).toContain('expunge report --certificate &#39;R-1;$(id)&#39;');
    workplace.write('other.csv', 'email,Größe $(id)\nada@example.com,x\n');
    expect((await workplace.run(['plan', 'other.csv'])).messages).toContain(`--ignore-column 'Größe $(id)'`);
  });
});
