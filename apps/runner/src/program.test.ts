import { expect, it } from 'vitest';
import { fakeEnvironment } from '../test/fake-environment.ts';
import { runProgram } from './program.ts';

it('says which deletions resume --retry-failed puts back in line', async () => {
  const processEnvironment = fakeEnvironment();
  expect(await runProgram(['resume', '--help'], '1.0.0', processEnvironment)).toBe(0);
  expect(processEnvironment.output.text.replaceAll(/\s+/g, ' ')).toContain(
    'first put deletions back in line that failed, are partly done or contradicted: all, or those of one request',
  );
});
