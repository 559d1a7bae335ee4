import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRealClock, type Sandbox, startSandbox } from '@expunge/vendor-sandbox';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openWorkplace, type Workplace } from './expunge-process.ts';
import { sandboxConfig } from './sandbox-config.ts';

// The credentials work, and the account has none of the people: a test project instead of the one in use.

let sandbox: Sandbox<'clevertap' | 'altcraft'>;
let workplace: Workplace;

const people = Array.from({ length: 12 }, (_, index) => `person-${index}`);
const listOf = (ids: readonly string[]) =>
  `request_id,user_id,email\n${ids.map((id) => `R-${id},${id},${id}@example.com\n`).join('')}`;

beforeEach(async () => {
  sandbox = await startSandbox({
    vendors: ['clevertap', 'altcraft'],
    clock: createRealClock(),
    limits: 'off',
    settings: { clevertap: { deletionDelayMs: 0 } },
  });
  sandbox.altcraft.seed(people.map((id) => `${id}@example.com`));
  sandbox.clevertap.seed(['somebody-else']);
  workplace = openWorkplace();
  workplace.write('people.csv', listOf(people));
  const verify = { verify: 'before-and-after' };
  workplace.write(
    'expunge.config.json',
    sandboxConfig(sandbox, ['clevertap', 'altcraft'], { connectors: { clevertap: verify, altcraft: verify } }),
  );
});
afterEach(async () => {
  await workplace.close();
  await sandbox.close();
});

const none = /clevertap: none of 12 people was found there\. Is it the right account\?/;

it('is told to the operator while it runs, at the end, by status, by the report and by the exit code', async () => {
  const { code, output, messages } = await workplace.run(['delete', 'people.csv']);
  expect(messages).toMatch(/clevertap: none of 10 people was found there/);
  expect(output).toMatch(none);
  expect(output).toContain('Nobody was found at clevertap');
  expect(output).not.toMatch(/altcraft: none of/);
  expect(output).not.toContain('not observable');
  expect(code).toBe(2);
  expect((await workplace.run(['status'])).output).toMatch(none);
  await workplace.run(['report', '--output', 'report.html']);
  expect(readFileSync(join(workplace.folder, 'report.html'), 'utf8')).toMatch(none);
  await workplace.run(['report', '--output', 'report.json']);
  const report = JSON.parse(readFileSync(join(workplace.folder, 'report.json'), 'utf8'));
  expect(report.connectors).toMatchObject([
    { name: 'clevertap', noneFound: 12 },
    { name: 'altcraft', states: { deleted: 12 } },
  ]);
  expect(report.connectors[1]).not.toHaveProperty('noneFound');
  const onePerson = (await workplace.run(['status', 'R-person-3'])).output;
  expect(onePerson).toMatch(/clevertap.* accepted .*not found before/);
  expect(onePerson).not.toContain('not observable');
  await workplace.run(['report', '--request', 'R-person-3', '--output', 'one.html']);
  const record = readFileSync(join(workplace.folder, 'one.html'), 'utf8');
  expect(record).toContain('no record before, so that it can not show that one is gone');
  expect(record).not.toContain('not observable');
  expect(sandbox.clevertap.hasProfile('somebody-else')).toBe(true);
});

it('is not suspected where somebody of an earlier list was found, nor for a few people', async () => {
  sandbox.clevertap.seed([people[0] ?? '']);
  workplace.write('first.csv', listOf(people.slice(0, 1)));
  expect((await workplace.run(['delete', 'first.csv'])).code).toBe(0);
  const later = await workplace.run(['delete', 'people.csv']);
  expect(later.messages).not.toContain('right account');
  expect(later.output).not.toContain('right account');
  expect(later.code).toBe(0);
});

it('is suspected again where none of a hundred people is found: the account may have been changed', async () => {
  sandbox.clevertap.seed([people[0] ?? '']);
  workplace.write('first.csv', listOf(people.slice(0, 1)));
  expect((await workplace.run(['delete', 'first.csv'])).code).toBe(0);
  const strangers = Array.from({ length: 100 }, (_, index) => `stranger-${index}`);
  sandbox.altcraft.seed(strangers.map((id) => `${id}@example.com`));
  workplace.write('hundred.csv', listOf(strangers));
  const { code, output, messages } = await workplace.run(['delete', 'hundred.csv']);
  expect(messages).toContain('clevertap: none of 100 people was found there');
  expect(output).toContain('clevertap: none of 100 people was found there');
  expect(code).toBe(2);
});
