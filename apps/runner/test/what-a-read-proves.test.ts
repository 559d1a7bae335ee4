import { createMixpanelConnector } from '@expunge/connector-mixpanel';
import { type Sandbox, startSandbox } from '@expunge/vendor-sandbox';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openWorkplace, type Workplace } from './expunge-process.ts';
import { sandboxConfig } from './sandbox-config.ts';

// A vendor claims what it has not done, and our own read, which sees a part of it, finds nothing any more.

let sandbox: Sandbox<'mixpanel' | 'clevertap'>;
let workplace: Workplace;

beforeEach(async () => {
  sandbox = await startSandbox({
    vendors: ['mixpanel', 'clevertap'],
    limits: 'off',
    settings: {
      mixpanel: { tasksLie: true, taskTimes: { stagingAfterMs: 0, startedAfterMs: 0, successAfterMs: 0 } },
      clevertap: { deletionDelayMs: 0, guidDeletion: 'device' },
    },
  });
  workplace = openWorkplace();
});
afterEach(async () => {
  await workplace.close();
  await sandbox.close();
});

async function tasksOf(requestId: string): Promise<Record<string, unknown>[]> {
  return JSON.parse((await workplace.run(['status', requestId, '--json'])).output).tasks;
}

it('is no more than the profile: the events of a person are there, and the task that lied is confirmed and not verified', async () => {
  sandbox.mixpanel.seed(['ada']);
  const { url, credentials } = sandbox.mixpanel;
  workplace.write(
    'expunge.config.json',
    sandboxConfig(sandbox, ['mixpanel-gdpr'], {
      connectors: {
        'mixpanel-gdpr': {
          verify: 'before-and-after',
          options: {
            api: 'gdpr',
            baseUrl: url,
            projectToken: { env: 'MIXPANEL_PROJECT_TOKEN' },
            oauthToken: { env: 'MIXPANEL_OAUTH_TOKEN' },
            serviceAccount: credentials.serviceAccount,
            projectId: credentials.projectId,
            timing: { firstCheckAfterMs: 1000, checkEveryMs: 100, readBackAfterMs: 0 },
          },
        },
      },
    }),
  );
  workplace.write('people.csv', 'request_id,user_id\nR-ada,ada\n');
  expect((await workplace.run(['delete', 'people.csv', '--wait', '0s'])).code).toBe(3);
  // Another hand removes the profile, once the task with the person is made.
  const other = createMixpanelConnector({ api: 'profile', baseUrl: url, projectToken: credentials.projectToken });
  await other.submit([{ type: 'distinct_id', value: 'ada' }]);
  const { output } = await workplace.run(['resume', '--wait', '60s']);
  expect(sandbox.mixpanel.hasProfile('ada')).toBe(false);
  expect(sandbox.mixpanel.hasEvents('ada')).toBe(true);
  expect(await tasksOf('R-ada')).toContainEqual(
    expect.objectContaining({
      connector: 'mixpanel-gdpr',
      state: 'deleted',
      assurance: 'confirmed',
      vendorStatus: 'SUCCESS',
      readBefore: 'present',
      reason: 'read-covers-less',
    }),
  );
  expect(output).toContain('does not cover all that is to be erased');
});

it('is no more than one device of a person who has several', async () => {
  sandbox.clevertap.seed([
    { identity: 'ada', guids: ['ctid-ada-1', 'ctid-ada-2'] },
    { identity: 'bob', guids: ['ctid-bob'] },
  ]);
  workplace.write(
    'expunge.config.json',
    sandboxConfig(sandbox, ['clevertap'], {
      connectors: { clevertap: { verify: 'before-and-after', identifiers: { guid: ['device_id'] } } },
    }),
  );
  workplace.write('people.csv', 'request_id,device_id\nR-ada,ctid-ada-1\nR-bob,ctid-bob\n');
  const { output } = await workplace.run(['delete', 'people.csv', '--wait', '60s']);
  expect(sandbox.clevertap.hasProfile('ada')).toBe(true);
  expect(await tasksOf('R-ada')).toMatchObject([{ state: 'accepted', assurance: 'accepted', readBefore: 'present' }]);
  expect(sandbox.clevertap.hasProfile('bob')).toBe(false);
  expect(await tasksOf('R-bob')).toMatchObject([{ state: 'deleted', assurance: 'verified' }]);
  expect(output).toContain('does not cover all that is to be erased');
});
