import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createAltcraftConnector } from '@expunge/connector-altcraft';
import { createEngine } from '@expunge/engine';
import { openSqliteLedger } from '@expunge/engine/sqlite';
import { reportSchema } from '@expunge/report';
import { type Sandbox, startSandbox } from '@expunge/vendor-sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorkplace, type Workplace } from './expunge-process.ts';
import { sandboxConfig } from './sandbox-config.ts';

let sandbox: Sandbox<'altcraft'>;
let workplace: Workplace;

const people = ['ada', 'bob', 'cleo'].map((name) => `${name}@example.com`);
const list = `request_id,email\n${people.map((email, index) => `R-${index + 1},${email}`).join('\n')}\n`;

beforeEach(async () => {
  sandbox = await startSandbox({ vendors: ['altcraft'], limits: 'off' });
  sandbox.altcraft.seed(people);
  workplace = openWorkplace();
  workplace.write('people.csv', list);
  configure();
});
afterEach(async () => {
  await workplace.close();
  await sandbox.close();
});

function configure(top: object = {}): void {
  workplace.write('expunge.config.json', sandboxConfig(sandbox, ['altcraft'], { top }));
}

const ledgerPath = () => join(workplace.folder, 'expunge.db');

function changeLedger(sql: string): void {
  const database = new DatabaseSync(ledgerPath());
  database.exec(sql);
  database.close();
}

function queryLedger(sql: string): Record<string, unknown>[] {
  const database = new DatabaseSync(ledgerPath(), { readOnly: true });
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
}

const json = async (...line: string[]) => JSON.parse((await workplace.run([...line, '--json'])).output);
const entries = async (): Promise<Record<string, string>[]> =>
  (await json('audit', 'list')).entries.map(({ text }: { text: string }) => JSON.parse(text));

describe('expunge audit verify', () => {
  it('finds tables that were changed, and names the requests', async () => {
    expect((await workplace.run(['delete', 'people.csv'])).code).toBe(0);
    expect(await workplace.run(['audit', 'verify'])).toMatchObject({
      code: 0,
      output: expect.stringMatching(/log is intact.*signatures.*tables follow from it.*All encrypted pages open: 2/s),
    });
    changeLedger(`UPDATE tasks SET assurance = 'verified' WHERE id = 2`);
    expect(await workplace.run(['audit', 'verify'])).toMatchObject({
      code: 2,
      output: expect.stringMatching(/log is intact.*tables differ.*1 deletion not as the log says: R-2/s),
    });
    expect(await json('audit', 'verify')).toMatchObject({
      isIntact: false,
      differences: [{ kind: 'tasks', count: 1, requests: ['R-2'] }, { kind: 'counts' }],
    });
  });

  it('names a page that is damaged, and those on it; the run goes on with the others and says whom it set aside', async () => {
    configure({ wait: '1h' });
    expect((await workplace.run(['delete', 'people.csv', '--wait', '0s'])).code).toBe(3);
    const [page] = queryLedger(
      'SELECT page, lower(hex(ciphertext)) AS bytes FROM tasks JOIN encrypted_pages ON encrypted_pages.id = page',
    );
    const flipped = `${String(page?.bytes).slice(0, -2)}${String(page?.bytes).endsWith('00') ? '01' : '00'}`;
    changeLedger(`UPDATE encrypted_pages SET ciphertext = unhex('${flipped}') WHERE id = ${String(page?.page)};
      UPDATE tasks SET next_at = 1, not_before = 1`);
    expect(await workplace.run(['audit', 'verify'])).toMatchObject({
      code: 2,
      output: expect.stringContaining(
        `1 encrypted page damaged: ${String(page?.page)}. 3 requests on it: R-1, R-2, R-3.`,
      ),
    });
    workplace.write('more.csv', 'request_id,email\nR-9,dora@example.com\n');
    sandbox.altcraft.seed(['dora@example.com']);
    configure();
    const run = await workplace.run(['delete', 'more.csv']);
    expect(run).toMatchObject({ code: 0, output: expect.stringContaining('3 deletions set aside') });
    expect(sandbox.altcraft.profileIdsOf('dora@example.com')).toEqual([]);
    expect(await workplace.run(['status'])).toMatchObject({
      output: expect.stringMatching(/3 deletions set aside.*R-1, R-2, R-3/),
    });
    expect((await workplace.run(['status', 'R-1'])).output).toContain('to be reviewed');
    expect((await workplace.run(['report', '--json'])).code).toBe(0);
  });

  it('refuses an anchor that proves nothing', async () => {
    expect((await workplace.run(['delete', 'people.csv'])).code).toBe(0);
    const hash = 'ab'.repeat(32);
    for (const head of [`0:${hash}`, '0:', `01:${hash}`, `-1:${hash}`, `1:${hash.slice(1)}`, `1:${hash}0`, hash, '']) {
      const { code, messages } = await workplace.run(['audit', 'verify', '--head', head]);
      expect({ head, code }).toEqual({ head, code: 1 });
      expect(messages).toContain('expunge audit head');
    }
  });
});

describe('expunge audit export', () => {
  it('writes a log that is checked elsewhere with the public key alone, and names nobody', async () => {
    expect((await workplace.run(['delete', 'people.csv'])).code).toBe(0);
    expect((await workplace.run(['audit', 'export', 'audit.jsonl'])).code).toBe(0);
    expect((await workplace.run(['audit', 'export', 'audit.jsonl'])).code).toBe(1);
    const { head, publicKey } = await json('audit', 'head');
    const text = readFileSync(join(workplace.folder, 'audit.jsonl'), 'utf8');
    expect(statSync(join(workplace.folder, 'audit.jsonl')).mode & 0o777).toBe(0o600);
    // Three letters alone stand in a hash by chance.
    for (const secret of [...people, 'example.com', '@']) expect(text).not.toContain(secret);
    const elsewhere = openWorkplace();
    try {
      const path = join(elsewhere.folder, 'audit.jsonl');
      copyFileSync(join(workplace.folder, 'audit.jsonl'), path);
      const verify = (...more: string[]) => elsewhere.run(['audit', 'verify', 'audit.jsonl', ...more]);
      expect(await verify('--public-key', publicKey, '--head', head)).toMatchObject({
        code: 0,
        output: expect.stringMatching(/log is intact.*pages were not checked/s),
      });
      expect((await verify()).output).toContain(publicKey);
      expect(await verify('--public-key', `${publicKey.slice(0, -8)}AAAAAAA=`)).toMatchObject({ code: 2 });
      const lines = text.trimEnd().split('\n');
      const changes: Record<string, readonly string[]> = {
        'another outcome': lines.map((line) => line.replace('confirmed', 'verified ')),
        'the last line is missing': lines.slice(0, -1),
        'a line is missing': lines.toSpliced(2, 1),
        'no signatures': lines.map((line, index) => (index === 0 ? line : line.replace(/,"signature":"[^"]*"/, ''))),
        'another beginning': lines.with(0, (lines[0] ?? '').replace('"signedFrom":1', '"signedFrom":9')),
        'a line that is none': lines.with(3, '{}'),
        'the header alone': lines.slice(0, 1),
      };
      for (const [what, changed] of Object.entries(changes)) {
        writeFileSync(path, `${changed.join('\n')}\n`);
        const { code, output } = await verify('--public-key', publicKey);
        expect({ what, code }).toEqual({ what, code: 2 });
        expect(output).toContain('broken');
      }
    } finally {
      await elsewhere.close();
    }
  });
});

describe('an import', () => {
  it('that is killed is known, and the same command completes it', async () => {
    const count = 30_000;
    const rows = Array.from({ length: count }, (_, index) => `K-${index},k${index}@example.com`);
    workplace.write('many.csv', `request_id,email\n${rows.join('\n')}\n`);
    // Nothing is sent: it is about who came in.
    configure({ wait: '30d', guard: { maxSubjects: count } });
    const running = workplace.start(['delete', 'many.csv', '--wait', '0s']);
    const cameInSoFar = () =>
      existsSync(ledgerPath()) && queryLedger(`SELECT 1 FROM sqlite_master WHERE name = 'imports'`).length > 0
        ? Number(queryLedger('SELECT requests FROM imports')[0]?.requests ?? 0)
        : 0;
    await expect.poll(cameInSoFar, { interval: 5 }).toBeGreaterThan(0);
    running.child.kill('SIGKILL');
    await running.ended;
    const cameIn = Number(queryLedger('SELECT count(*) AS requests FROM requests')[0]?.requests);
    expect(cameIn).toBeLessThan(count);
    for (const command of ['status', 'resume', 'report'] as const) {
      const more = { status: [], resume: ['--wait', '0s'], report: ['--output', 'report.html'] }[command];
      const { code, output, messages } = await workplace.run([command, ...more]);
      expect({ command, code }).toEqual({ command, code: 3 });
      expect(output + messages).toMatch(new RegExp(`cut off: ${cameIn.toLocaleString('en')} requests came in`));
    }
    expect((await json('status')).cutOffImports).toMatchObject([{ importId: 1, requests: cameIn }]);
    expect((await workplace.run(['delete', 'many.csv', '--wait', '0s'])).code).toBe(3);
    expect(await json('status')).toMatchObject({ requests: { total: count }, cutOffImports: [] });
    expect((await workplace.run(['status'])).code).toBe(0);
    expect((await workplace.run(['audit', 'verify'])).code).toBe(0);
  });

  /** What a kill leaves behind where only some of a list are in the ledger, and all of these are deleted. */
  async function cutOffAndSettled() {
    const ledger = await openSqliteLedger({ path: ledgerPath() });
    const connector = createAltcraftConnector({
      baseUrl: sandbox.altcraft.url,
      token: 'sandbox-token',
      databaseId: 1,
    });
    const engine = createEngine({ ledger, connectors: [{ name: 'altcraft', connector }] });
    async function* broken() {
      for (const [index, value] of people.entries()) {
        if (index === 2) throw new Error('killed');
        const identifiers = [{ type: 'email', value }];
        yield {
          id: `R-${index + 1}`,
          subject: { identifiers },
          law: 'gdpr',
          receivedAt: new Date().toISOString(),
        } as const;
      }
    }
    const source = createHash('sha256').update(list).digest('hex');
    await expect(engine.accept(broken(), { source })).rejects.toThrow('killed');
    await engine.run();
    await ledger.close();
  }

  it('that was cut off is no settled ledger, in no command', async () => {
    await cutOffAndSettled();
    expect(await workplace.run(['resume'])).toMatchObject({
      code: 3,
      output: expect.stringMatching(/an import was cut off.*Next: import 1 .*Run the same command/s),
    });
    expect(await json('resume')).toMatchObject({ exitCode: 3, result: 'cut-off', cutOffImports: [{ importId: 1 }] });
    expect((await workplace.run(['status'])).code).toBe(3);
    const report = await workplace.run(['report', '--json']);
    expect(report).toMatchObject({ code: 3, messages: expect.stringContaining('The report is not whole') });
    expect(reportSchema.parse(JSON.parse(report.output)).cutOffImports).toMatchObject([{ importId: 1, requests: 0 }]);
    expect((await workplace.run(['report', '--output', 'report.html'])).code).toBe(3);
    const html = readFileSync(join(workplace.folder, 'report.html'), 'utf8');
    expect(html).toMatch(/verdict bad.*Import 1 of .* was cut off/);
    expect((await workplace.run(['delete', 'people.csv'])).code).toBe(0);
    for (const command of ['resume', 'status'] as const) expect((await workplace.run([command])).code).toBe(0);
    expect(people.filter((email) => sandbox.altcraft.profileIdsOf(email).length > 0)).toEqual([]);
  });

  it('can be closed by a person, whose name stands in the log', async () => {
    await cutOffAndSettled();
    expect((await workplace.run(['ledger', 'close-import', 'x'])).code).toBe(1);
    expect((await workplace.run(['ledger', 'close-import', '7'])).code).toBe(1);
    expect((await workplace.run(['ledger', 'close-import', '1', '--actor', 'lin'])).code).toBe(0);
    expect((await workplace.run(['status'])).code).toBe(0);
    expect((await entries()).at(-1)).toMatchObject({ type: 'import-ended', isClosed: true, actor: 'lin' });
  });
});

describe('who gives a command', () => {
  it('is named by --actor, by EXPUNGE_ACTOR, or by the system; what the engine does is its own', async () => {
    configure({ wait: '1h' });
    await workplace.run(['delete', 'people.csv', '--wait', '0s', '--actor', 'ann'], {
      environment: { EXPUNGE_ACTOR: 'ben' },
    });
    await workplace.run(['cancel', 'R-1'], { environment: { EXPUNGE_ACTOR: 'ben' } });
    await workplace.run(['hold', 'add', 'email=eve@example.com', '--reason', 'litigation']);
    const log = await entries();
    const actorOf = (type: string) => [
      ...new Set(log.filter((entry) => entry.type === type).map(({ actor }) => actor)),
    ];
    expect(actorOf('accepted')).toEqual(['ann']);
    expect(actorOf('cancel-requested')).toEqual(['ben']);
    const [system] = actorOf('hold-added');
    expect(system).toMatch(/^[^@]+$/);
    expect(['ann', 'ben', 'expunge', '']).not.toContain(system);
  });

  it('is refused where the name can not be printed', async () => {
    for (const actor of ['\u001b[31mroot', 'a\u202eb', 'x'.repeat(201), '']) {
      const add = await workplace.run(['hold', 'add', 'email=eve@example.com', '--reason', 'x', '--actor', actor]);
      expect({ actor, code: add.code }).toEqual({ actor, code: 1 });
      expect(add.messages).toContain('--actor');
    }
    expect((await workplace.run(['hold', 'add', 'email=eve@example.com', '--reason', 'a\u0007'])).code).toBe(1);
  });
});

it('refuses a request id that can not be kept and printed as it is, with its line', async () => {
  const ids = [
    '\u001b]0;title\u0007',
    'fine',
    'abc\u202edcba',
    'a\u0000b',
    '\ud800x',
    'a\b\bb',
    '\u009b31m',
    '\u2066iso',
  ];
  workplace.write(
    'ids.jsonl',
    ids.map((id, index) => JSON.stringify({ request_id: id, email: `p${index}@example.com` })).join('\n'),
  );
  const { code, messages } = await workplace.run(['delete', 'ids.jsonl']);
  expect(code).toBe(1);
  for (const [index, id] of ids.entries()) {
    const line = new RegExp(`line ${index + 1}: request_id: `);
    if (id === 'fine') expect(messages).not.toMatch(line);
    else expect(messages).toMatch(line);
  }
  expect(messages).toContain('Nothing was sent');
  expect(existsSync(ledgerPath())).toBe(false);
});
