import { createCleverTapConnector } from '@expunge/connector-clevertap';
import { type CleverTapSandbox, startSandbox } from '@expunge/vendor-sandbox';
import { expect, it, onTestFinished } from 'vitest';
import { refusedByLimits } from './refused-by-limits.ts';

// CleverTap takes three calls at a time; the connector alone does not hold itself to that.
async function callAtOnce(clevertap: CleverTapSandbox, count: number): Promise<void> {
  const connector = createCleverTapConnector({ ...clevertap.credentials, baseUrl: clevertap.url });
  const calls = Array.from({ length: count }, (_, index) =>
    connector.submit([{ type: 'identity', value: `person-${index}` }]).catch(() => undefined),
  );
  await Promise.all(calls);
}

async function vendor(): Promise<CleverTapSandbox> {
  const { clevertap, close } = await startSandbox({ vendors: ['clevertap'], latencyMs: 1500 });
  onTestFinished(close);
  return clevertap;
}

it('finds calls that were over a limit', async () => {
  const clevertap = await vendor();
  await callAtOnce(clevertap, 5);
  expect(refusedByLimits(new Map([['clevertap', clevertap.requests]]))).toEqual([
    'clevertap: 2 calls were over its limits.',
  ]);
});

it('blames nobody for calls within it, and for a refusal on demand', async () => {
  const clevertap = await vendor();
  clevertap.faults.add({ fault: { type: 'status', status: 429, body: {} }, times: 1 });
  await callAtOnce(clevertap, 3);
  expect(clevertap.requests.map(({ status }) => status).filter((status) => status === 429)).toHaveLength(1);
  expect(refusedByLimits(new Map([['clevertap', clevertap.requests]]))).toEqual([]);
});
