import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { fakeEnvironment } from '../../test/fake-environment.ts';
import { createContext } from './command-context.ts';
import { guard } from './guard.ts';

/** Runs the guard on a terminal at which this is typed. */
async function onTerminal(typed: string, valid: number, isStandardInput = false): Promise<string> {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const processEnvironment = fakeEnvironment({ input, isTerminal: true });
  const context = createContext(processEnvironment, {});
  input.end(typed);
  await guard(
    context,
    { valid, isStandardInput },
    { maxSubjects: 2, confirm: undefined, connectors: ['acme', 'umbrella'] },
  );
  return processEnvironment.messages.text;
}

describe('guard on a terminal', () => {
  it('asks, and goes on when the number is typed', async () => {
    const asked = await onTerminal('1,500\n', 1500);
    expect(asked).toContain('This deletes 1,500 people at acme, umbrella. There is no way back.');
  });

  it('does not ask for few people', async () => {
    expect(await onTerminal('', 2)).toBe('');
  });

  it.each(['yes\n', '150\n', ''])('takes %j for a no', async (typed) => {
    await expect(onTerminal(typed, 1500)).rejects.toThrow('Not confirmed. Nothing was sent.');
  });

  it('does not ask where the people themselves come in', async () => {
    await expect(onTerminal('1500\n', 1500, true)).rejects.toThrow('--confirm 1500');
  });
});
