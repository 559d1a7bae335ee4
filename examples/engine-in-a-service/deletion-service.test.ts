import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import { type Sandbox, startSandbox } from '@expunge/vendor-sandbox';
import { expect, it, onTestFinished } from 'vitest';

type Vendors = Sandbox<'clevertap' | 'altcraft' | 'mixpanel'>;
type Line = Readonly<Record<string, unknown>>;

const everybody = ['ada', 'bob', 'eve'];
const emailOf = (name: string) => `${name}@example.com`;

const dayMs = 86_400_000;
const atOnce = { stagingAfterMs: 0, startedAfterMs: 0, successAfterMs: 0 };

/** Starts the vendors. Mixpanel takes three days for a task unless told otherwise; the days pass when a test says so. */
async function startVendors(taskTimes?: typeof atOnce): Promise<Vendors> {
  const settings = taskTimes === undefined ? {} : { mixpanel: { taskTimes } };
  const sandbox = await startSandbox({ vendors: ['clevertap', 'altcraft', 'mixpanel'], limits: 'off', settings });
  onTestFinished(() => sandbox.close());
  sandbox.clevertap.seed(everybody);
  sandbox.altcraft.seed(everybody.map((name) => ({ email: emailOf(name) })));
  sandbox.mixpanel.seed(everybody);
  return sandbox;
}

/** Whom the vendors will know no more. */
function gone({ clevertap, altcraft, mixpanel }: Vendors) {
  return {
    clevertap: everybody.filter((name) => clevertap.isQueued(name)),
    altcraft: everybody.filter((name) => altcraft.profileIdsOf(emailOf(name)).length === 0),
    mixpanel: everybody.filter((name) => !mixpanel.hasProfile(name) && !mixpanel.hasEvents(name)),
  };
}

function calls({ clevertap, altcraft, mixpanel }: Vendors): number {
  return clevertap.requests.length + altcraft.requests.length + mixpanel.requests.length;
}

function temporaryLedger(): string {
  const folder = mkdtempSync(join(tmpdir(), 'expunge-service-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'ledger.db');
}

class Service {
  readonly process: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  url = '';

  private constructor(child: ChildProcess, lines: AsyncIterator<string>) {
    this.process = child;
    this.#lines = lines;
  }

  static async start({ clevertap, altcraft, mixpanel }: Vendors, ledger: string, firstCheckMs = 1): Promise<Service> {
    const env = {
      LEDGER: ledger,
      CLEVERTAP_URL: clevertap.url,
      CLEVERTAP_ACCOUNT_ID: clevertap.credentials.accountId,
      CLEVERTAP_PASSCODE: clevertap.credentials.passcode,
      ALTCRAFT_URL: altcraft.url,
      ALTCRAFT_TOKEN: altcraft.credentials.token,
      ALTCRAFT_DATABASE: String(altcraft.credentials.databaseId),
      MIXPANEL_URL: mixpanel.url,
      MIXPANEL_PROJECT_TOKEN: mixpanel.credentials.projectToken,
      MIXPANEL_OAUTH_TOKEN: mixpanel.credentials.oauthToken,
      MIXPANEL_FIRST_CHECK_MS: String(firstCheckMs),
    };
    const script = join(import.meta.dirname, 'deletion-service.ts');
    const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    const service = new Service(child, createInterface(child.stdout)[Symbol.asyncIterator]());
    service.url = String((await service.next()).url);
    return service;
  }

  /** The next line that it prints. */
  async next(): Promise<Line> {
    const { done, value } = await this.#lines.next();
    if (done === true) throw new Error('The service has ended.');
    return JSON.parse(value);
  }

  async untilSettled(): Promise<void> {
    while ((await this.next()).isSettled !== true);
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<unknown> {
    const ended = once(this.process, 'exit');
    this.process.kill(signal);
    const [exitCode] = await ended;
    return exitCode;
  }

  async ask(name: string): Promise<Line> {
    const body = JSON.stringify({
      id: `request-${name}`,
      subject: {
        identifiers: [
          { type: 'user_id', value: name },
          { type: 'email', value: emailOf(name) },
        ],
      },
      law: 'gdpr',
      receivedAt: '2026-01-05T10:00:00.000Z',
    });
    const response = await fetch(`${this.url}/deletions`, { method: 'POST', body });
    return (await response.json()) as Line;
  }

  async outcomes(name: string): Promise<unknown> {
    const response = await fetch(`${this.url}/deletions/request-${name}`);
    const { tasks } = (await response.json()) as { tasks: readonly Line[] };
    return Object.fromEntries(tasks.map(({ connector, state }) => [connector, state]));
  }
}

it('deletes whom it is asked to, ends in good order, and does nothing twice after a restart', async () => {
  const vendors = await startVendors(atOnce);
  const ledger = temporaryLedger();
  const first = await Service.start(vendors, ledger);
  await first.untilSettled();
  expect(await first.ask('ada')).toMatchObject({ accepted: 1 });
  await first.untilSettled();
  expect(gone(vendors)).toEqual({ clevertap: ['ada'], altcraft: ['ada'], mixpanel: ['ada'] });
  const outcomes = { clevertap: 'accepted', altcraft: 'deleted', mixpanel: 'deleted' };
  expect(await first.outcomes('ada')).toEqual(outcomes);
  expect(await first.end('SIGTERM')).toBe(0);

  const second = await Service.start(vendors, ledger);
  await second.untilSettled();
  const callsBefore = calls(vendors);
  expect(await second.ask('ada')).toMatchObject({ accepted: 0, known: 1, knownSettled: 1 });
  expect(await second.outcomes('ada')).toEqual(outcomes);
  await second.untilSettled();
  expect(calls(vendors)).toBe(callsBefore);
  expect(await second.end('SIGTERM')).toBe(0);
});

it('asks about a deletion that the process before it has begun, and does not begin it again', async () => {
  const vendors = await startVendors();
  const ledger = temporaryLedger();
  const first = await Service.start(vendors, ledger, 2500);
  await first.untilSettled();
  await first.ask('ada');
  expect(await first.next()).toMatchObject({ isSettled: false });
  expect(await first.outcomes('ada')).toMatchObject({ altcraft: 'deleted', mixpanel: 'waiting' });
  expect(await first.end('SIGTERM')).toBe(0);
  expect(gone(vendors).mixpanel).toEqual([]);

  vendors.clock.advance(4 * dayMs);
  const second = await Service.start(vendors, ledger);
  await second.untilSettled();
  expect(gone(vendors).mixpanel).toEqual(['ada']);
  expect(await second.outcomes('ada')).toMatchObject({ mixpanel: 'deleted' });
  expect(vendors.mixpanel.tasks).toHaveLength(1);
  expect(await second.end('SIGTERM')).toBe(0);
});

it('lets a call in flight end when it is told to stop, and knows of it afterwards', async () => {
  const vendors = await startVendors(atOnce);
  const ledger = temporaryLedger();
  vendors.clevertap.faults.add({ fault: { type: 'slow', chunkDelayMs: 5 } });
  const first = await Service.start(vendors, ledger);
  await first.untilSettled();
  await first.ask('eve');
  while (!vendors.clevertap.requests.some(({ fault }) => fault === 'slow')) await setImmediate();
  expect(await first.end('SIGTERM')).toBe(0);

  const second = await Service.start(vendors, ledger);
  await second.untilSettled();
  expect(await second.outcomes('eve')).toMatchObject({ clevertap: 'accepted' });
  expect(gone(vendors)).toEqual({ clevertap: ['eve'], altcraft: ['eve'], mixpanel: ['eve'] });
  expect(vendors.clevertap.requests).toHaveLength(1);
  expect(await second.end('SIGTERM')).toBe(0);
});

it('refuses what is no request, and goes on', async () => {
  const vendors = await startVendors(atOnce);
  const service = await Service.start(vendors, temporaryLedger());
  const answerTo = async (path: string, body?: string) => {
    const options = body === undefined ? {} : { method: 'POST', body };
    const response = await fetch(`${service.url}${path}`, options);
    return { status: response.status, text: await response.text() };
  };
  for (const body of ['canary', 'null', '{"id":"canary"}', '{"subject":{"identifiers":[]}}']) {
    const { status, text } = await answerTo('/deletions', body);
    expect(status).toBe(400);
    expect(text).not.toContain('canary');
  }
  expect(await answerTo('/deletions/%E0%A4%A')).toMatchObject({ status: 400 });
  expect(await answerTo('/deletions/unknown')).toMatchObject({ status: 404 });
  await service.ask('ada');
  await service.untilSettled();
  expect(await service.end('SIGTERM')).toBe(0);
});

it('goes on where a kill in the middle of a call has left it', async () => {
  const vendors = await startVendors(atOnce);
  const ledger = temporaryLedger();
  vendors.clevertap.faults.add({ fault: { type: 'hang-before' } });
  const first = await Service.start(vendors, ledger);
  await first.untilSettled();
  await first.ask('bob');
  while (!vendors.clevertap.requests.some(({ fault }) => fault === 'hang-before')) await setImmediate();
  await first.end('SIGKILL');
  expect(gone(vendors).clevertap).toEqual([]);

  const second = await Service.start(vendors, ledger);
  await second.untilSettled();
  expect(gone(vendors)).toEqual({ clevertap: ['bob'], altcraft: ['bob'], mixpanel: ['bob'] });
  expect(await second.end('SIGTERM')).toBe(0);
});
