import { expect, it } from 'vitest';
import { fakeSurroundings } from '../test/fake-surroundings.ts';
import { runProgram } from './program.ts';

it('says which deletions resume --retry-failed puts back in line', async () => {
  const surroundings = fakeSurroundings();
  expect(await runProgram(['resume', '--help'], '1.0.0', surroundings)).toBe(0);
  expect(surroundings.output.text.replaceAll(/\s+/g, ' ')).toContain(
    'first put deletions back in line that failed, are partly done or contradicted: all, or those of one request',
  );
});
