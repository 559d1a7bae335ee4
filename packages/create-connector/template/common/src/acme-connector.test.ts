import { OptionsError } from '@expunge/core';
import { expect, it } from 'vitest';
import { createAcmeConnector } from './acme-connector.ts';
import { unfinished } from './unfinished.ts';

// What is special to Acme. What holds for every connector is asked by the conformance suite.

it('takes every refusal in acme.md for what it is', () => {
  unfinished('a test for each row of the table of refusals, by a fault of the fake vendor (guide: Conformance)');
});

it('takes every state in acme.md for what it is', () => {
  unfinished(
    'a test for each documented state and for an unknown one; delete it if there are none (guide: Conformance)',
  );
});

it('names every wrong option, and no value', () => {
  try {
    createAcmeConnector({ apiKey: 'secret\n', baseUrl: 'acme', ...{ retries: 3 } });
    expect.unreachable();
  } catch (error) {
    const issues = OptionsError.isInstance(error) ? error.issues : [];
    expect(issues.map(({ path }) => path.join('.'))).toEqual(['apiKey', 'baseUrl', 'retries']);
    expect(`${error}`).not.toContain('secret');
  }
});
