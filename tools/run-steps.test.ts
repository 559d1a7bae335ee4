import { expect, it } from 'vitest';
import { runSteps } from './run-steps.ts';

/** Runs steps that end when they are told to, and notes what happens. */
function start(steps: readonly { readonly name: string; readonly after?: readonly string[] }[], atOnce: number) {
  const happened: string[] = [];
  const endings = new Map<string, () => void>();
  const done = runSteps(steps, {
    atOnce,
    run: ({ name }) =>
      new Promise<string>((resolve) => {
        happened.push(`begin ${name}`);
        endings.set(name, () => resolve(`end ${name}`));
      }),
    ended: (_step, end) => happened.push(end),
  });
  const end = async (name: string) => {
    endings.get(name)?.();
    await new Promise((resolve) => setImmediate(resolve));
    return happened.splice(0);
  };
  return { begun: happened.splice(0), end, done };
}

it('runs beside each other what can be, and tells of it in the order of the list', async () => {
  const { begun, end, done } = start(
    [{ name: 'build' }, { name: 'lint' }, { name: 'tests', after: ['build'] }, { name: 'types' }],
    2,
  );
  expect(begun).toEqual(['begin build', 'begin lint']);
  expect(await end('lint')).toEqual(['begin types']);
  expect(await end('build')).toEqual(['end build', 'end lint', 'begin tests']);
  expect(await end('types')).toEqual([]);
  expect(await end('tests')).toEqual(['end tests', 'end types']);
  await done;
});

it('does not wait for ever for what never ends', async () => {
  await expect(start([{ name: 'a', after: ['b'] }], 2).done).rejects.toThrow('Steps wait for each other');
});
