import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

/** Reads all that a vendor can answer with 8 MiB, and prints the CPU seconds that each took. */
const program = String.raw`
  const { parseJson } = await import(process.argv[1]);
  const size = 8 * 1024 * 1024;
  const fill = (before, piece, after) => before + piece.repeat((size - before.length - after.length) / piece.length) + after;
  const answers = {
    numbers: () => fill('[', '1,', '1]'),
    objects: () => fill('{"results":[', '{},', '{}]}'),
    lists: () => fill('[', '[],', '[]]'),
    nesting: () => fill('', '[', ''),
    keys: () => '{' + Array.from({ length: size / 12 }, (_, key) => '"' + key.toString(36) + '":1').join(',') + '}',
    integers: () => fill('[', '99999999999999999,', '1]'),
    digits: () => fill('[', '9', ']'),
    text: () => fill('"', 'a', '"'),
    escapes: () => fill('"', '\\"', '"'),
    noEnd: () => fill('"', '\\"', ''),
    quotes: () => fill('', '"', ''),
    blanks: () => fill('[1', ' ', ']'),
    numbersBeforeBlanks: () => fill('[', '12345678901234567890 ', ']'),
    floats: () => fill('[', '1e9,', '1]'),
    waits: () => fill('{"errors":[', '{"data":{"msBeforeNext":1}},', '{}]}'),
  };
  const seconds = {};
  for (const [name, answer] of Object.entries(answers)) {
    const text = Buffer.from(answer()).toString();
    const before = process.cpuUsage();
    try { parseJson(text); } catch (error) { if (error.name !== 'JsonInvalidError') throw error; }
    seconds[name] = process.cpuUsage(before).user / 1e6;
  }
  console.log(JSON.stringify(seconds));
`;

it('reads or refuses 8 MiB of anything with little work and memory', () => {
  const module = new URL('./parse-json.ts', import.meta.url).href;
  // A process of its own: its CPU time is the work, and its heap has no room for millions of values.
  const node = ['--max-old-space-size=80', '--input-type=module', '--eval', program, module];
  const { stdout, stderr } = spawnSync(process.execPath, node, { encoding: 'utf8' });
  expect(stderr).toBe('');
  const seconds: Record<string, number> = JSON.parse(stdout);
  expect(Object.keys(seconds)).toHaveLength(15);
  // CPU seconds, not a clock. Typically 0.05 to 0.2; with a function that is called for every value, 5 to 12.
  expect(Object.entries(seconds).filter(([, spent]) => spent >= 2)).toEqual([]);
});
