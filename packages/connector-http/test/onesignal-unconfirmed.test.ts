import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type OneSignalSettings, startSandbox } from '@expunge/vendor-sandbox';
import { expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { createHttpConnector } from '../src/index.ts';

// What OneSignal's documents leave open, with the description of the example: docs/vendors/onesignal.md.
const example = join(import.meta.dirname, '../../../examples/vendor-without-code/expunge.config.yaml');
const { options } = parse(readFileSync(example, 'utf8')).connectors.onesignal;
const target = (value: string) => ({ type: 'external_id', value });

async function open(settings: Partial<OneSignalSettings>, appId?: string) {
  const { onesignal, clock, close } = await startSandbox({ vendors: ['onesignal'], settings: { onesignal: settings } });
  onTestFinished(close);
  onesignal.seed(['ada']);
  const values = { appId: appId ?? onesignal.credentials.appId, apiKey: onesignal.credentials.apiKey };
  const connector = createHttpConnector({ ...options, values, baseUrl: onesignal.url });
  return { connector, onesignal, clock };
}

const otherApp = '00000000-0000-4000-8000-000000000001';

it('accepts a deletion with a body that names the user, and no more', async () => {
  const { connector, onesignal, clock } = await open({ deleteReply: 'accepted-202' });
  expect(await connector.submit([target('ada')])).toMatchObject([{ type: 'accepted' }]);
  clock.advance(3_600_000);
  expect(onesignal.hasUser('ada')).toBe(false);
});

it('is in doubt about a deletion that is answered without a body, though the user is deleted', async () => {
  const { connector, onesignal, clock } = await open({ deleteReply: 'ok-200' });
  await expect(connector.submit([target('ada')])).rejects.toMatchObject({
    code: 'response-unexpected',
    effect: 'in-doubt',
  });
  clock.advance(3_600_000);
  expect(onesignal.hasUser('ada')).toBe(false);
  expect(await connector.verify?.([target('ada')])).toMatchObject([{ type: 'absent' }]);
});

it('knows nobody by a 404 with a code', async () => {
  const { connector } = await open({ userNotFound: 'codes' });
  expect(await connector.submit([target('bob')])).toMatchObject([{ type: 'absent' }]);
});

it('takes a 404 without a code for no absence', async () => {
  const { connector } = await open({ userNotFound: 'texts' });
  await expect(connector.submit([target('bob')])).rejects.toMatchObject({ name: 'ConnectorError' });
  await expect(connector.verify?.([target('bob')])).rejects.toMatchObject({ name: 'ConnectorError' });
});

it.each(['unauthorized', 'not-found-texts'] as const)(
  'claims nothing of another app, whose key is answered with %s',
  async (appUnknown) => {
    const { connector, onesignal } = await open({ appUnknown }, otherApp);
    await expect(connector.submit([target('ada')])).rejects.toMatchObject({ name: 'ConnectorError' });
    await expect(connector.checkAccess()).rejects.toMatchObject({ name: 'ConnectorError' });
    expect(onesignal.hasUser('ada')).toBe(true);
  },
);

it.each([
  ['at once', 0, 'absent'],
  ['after two hours', 7_200_000, 'present'],
] as const)('reads what is there an hour after a deletion that is done %s', async (_when, deletionDelayMs, type) => {
  const { connector, clock } = await open({ deletionDelayMs });
  await connector.submit([target('ada')]);
  clock.advance(options.verify.afterMs);
  expect(await connector.verify?.([target('ada')])).toMatchObject([{ type }]);
});
