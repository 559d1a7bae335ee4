import { expect, it, onTestFinished } from 'vitest';
import { startAcmeSandbox } from './acme-sandbox.ts';

it('lets in only who has the credentials', async () => {
  const sandbox = await startAcmeSandbox();
  onTestFinished(() => sandbox.close());
  expect((await fetch(sandbox.url)).status).toBe(401);
});

it('does what acme.md says', () => {
  throw new Error(
    'UNFINISHED: a test for each call and each refusal of the page, on the wire and in the memory (guide: The fake vendor)',
  );
});
