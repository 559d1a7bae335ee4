import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import { type Sandbox, startSandbox } from '@expunge/vendor-sandbox';
import { expect, it, onTestFinished } from 'vitest';

type Vendors = Sandbox<'clevertap' | 'altcraft'>;
type Line = Readonly<Record<string, unknown>>;

const everybody = ['ada', 'bob', 'eve'];
const emailOf = (name: string) => `${name}@example.com`;

async function startVendors(): Promise<Vendors> {
  const sandbox = await startSandbox({ vendors: ['clevertap', 'altcraft'] });
  onTestFinished(() => sandbox.close());
  sandbox.clevertap.seed(everybody);
  sandbox.altcraft.seed(everybody.map((name) => ({ email: emailOf(name) })));
  return sandbox;
}

/** Whom the vendors will know no more. */
function gone({ clevertap, altcraft }: Vendors) {
  return {
    clevertap: everybody.filter((name) => clevertap.isQueued(name)),
    altcraft: everybody.filter((name) => altcraft.profileIdsOf(emailOf(name)).length === 0),
  };
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

  static async start({ clevertap, altcraft }: Vendors, ledger: string): Promise<Service> {
    const env = {
      LEDGER: ledger,
      CLEVERTAP_URL: clevertap.url,
      CLEVERTAP_ACCOUNT_ID: clevertap.credentials.accountId,
      CLEVERTAP_PASSCODE: clevertap.credentials.passcode,
      ALTCRAFT_URL: altcraft.url,
      ALTCRAFT_TOKEN: altcraft.credentials.token,
      ALTCRAFT_DATABASE: String(altcraft.credentials.databaseId),
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
  const vendors = await startVendors();
  const ledger = temporaryLedger();
  const first = await Service.start(vendors, ledger);
  await first.untilSettled();
  expect(await first.ask('ada')).toMatchObject({ accepted: 1 });
  await first.untilSettled();
  expect(gone(vendors)).toEqual({ clevertap: ['ada'], altcraft: ['ada'] });
  expect(await first.outcomes('ada')).toEqual({ clevertap: 'accepted', altcraft: 'deleted' });
  expect(await first.end('SIGTERM')).toBe(0);

  const second = await Service.start(vendors, ledger);
  await second.untilSettled();
  const callsBefore = vendors.clevertap.requests.length + vendors.altcraft.requests.length;
  expect(await second.ask('ada')).toMatchObject({ accepted: 0, known: 1, knownSettled: 1 });
  expect(await second.outcomes('ada')).toEqual({ clevertap: 'accepted', altcraft: 'deleted' });
  await second.untilSettled();
  expect(vendors.clevertap.requests.length + vendors.altcraft.requests.length).toBe(callsBefore);
  expect(await second.end('SIGTERM')).toBe(0);
});

it('goes on where a kill in the middle of a call has left it', async () => {
  const vendors = await startVendors();
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
  expect(gone(vendors)).toEqual({ clevertap: ['bob'], altcraft: ['bob'] });
  expect(await second.end('SIGTERM')).toBe(0);
});
