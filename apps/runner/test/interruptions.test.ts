import { type Sandbox, startSandbox } from '@expunge/vendor-sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorkplace, type Workplace } from './expunge-process.ts';
import { sandboxConfig } from './sandbox-config.ts';

let sandbox: Sandbox<'clevertap' | 'altcraft'>;
let workplace: Workplace;

const people = Array.from({ length: 8 }, (_, index) => `leaver.${index}@example.com`);

beforeEach(async () => {
  sandbox = await startSandbox({ vendors: ['clevertap', 'altcraft'], limits: 'off' });
  sandbox.altcraft.seed([...people, 'stayer@example.com']);
  workplace = openWorkplace();
  workplace.write('people.csv', `email\n${people.join('\n')}\n`);
  workplace.write('expunge.config.json', sandboxConfig(sandbox, ['altcraft']));
});
afterEach(async () => {
  await workplace.close();
  await sandbox.close();
});

const stillThere = () => people.filter((email) => sandbox.altcraft.profileIdsOf(email).length > 0).length;
const deletions = () => sandbox.altcraft.requests.filter(({ path }) => path.includes('delete'));

async function untilDeletions(count: number): Promise<void> {
  await expect.poll(() => deletions().length).toBeGreaterThanOrEqual(count);
}

describe('an interrupted run', () => {
  it('that is killed in the middle of a call loses nothing: the next one finishes', async () => {
    // The fourth deletion is carried out, and its answer never comes.
    sandbox.altcraft.faults.add({ fault: { type: 'hang-after' }, path: /delete/, skip: 3 });
    const running = workplace.start(['delete', 'people.csv']);
    await untilDeletions(4);
    expect((await workplace.run(['status'])).code).toBe(0);
    const second = await workplace.run(['resume']);
    expect(second).toMatchObject({ code: 1, messages: expect.stringContaining('Another process works on the ledger') });
    running.child.kill('SIGKILL');
    expect((await running.ended).signal).toBe('SIGKILL');
    expect(stillThere()).toBe(4);

    const { code } = await workplace.run(['delete', 'people.csv', '--wait', '10m']);
    expect(stillThere()).toBe(0);
    // Altcraft's documents give no code for "no such profile": a second deletion of a person who is gone can only fail.
    expect([0, 2]).toContain(code);
    expect(sandbox.altcraft.profileIdsOf('stayer@example.com')).toHaveLength(1);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'by %s finishes the call in flight, commits it and says how to go on',
    async (signal) => {
      sandbox.altcraft.faults.add({ fault: { type: 'slow', chunkDelayMs: 20 }, path: /delete/, skip: 2, times: 1 });
      const running = workplace.start(['delete', 'people.csv']);
      await untilDeletions(3);
      running.child.kill(signal);
      const { code, output, messages } = await running.ended;
      expect(code).toBe(3);
      expect(messages).toContain('Stopping after the calls in flight');
      expect(output).toContain('Stopped.');
      expect(output).toContain('expunge resume');
      const sent = deletions().length;
      expect(sent).toBeLessThan(people.length);
      const status = JSON.parse((await workplace.run(['status', '--json'])).output);
      expect(status.connectors[0].states.deleted).toBe(sent);

      expect((await workplace.run(['resume'])).code).toBe(0);
      expect(stillThere()).toBe(0);
      expect(deletions()).toHaveLength(people.length);
    },
  );

  it('by a second signal ends at once, and loses nothing either', async () => {
    sandbox.altcraft.faults.add({ fault: { type: 'hang-before' }, path: /delete/, skip: 2 });
    const running = workplace.start(['delete', 'people.csv']);
    let messages = '';
    running.child.stderr?.on('data', (text: string) => {
      messages += text;
    });
    await untilDeletions(3);
    running.child.kill('SIGINT');
    await expect.poll(() => messages).toContain('Stopping');
    running.child.kill('SIGINT');
    expect((await running.ended).code).toBe(130);
    expect((await workplace.run(['resume', '--wait', '10m'])).code).toBe(0);
    expect(stillThere()).toBe(0);
  });
});
