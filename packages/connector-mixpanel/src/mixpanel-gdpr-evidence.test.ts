import { readCoversReach } from '@expunge/core';
import { startSandbox } from '@expunge/vendor-sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  check,
  codeOf,
  connectGdpr,
  connectProfile,
  dayMs,
  type MixpanelOnly,
  people,
  reader,
  remaining,
  secondMs,
  submitAll,
  submitOne,
  targets,
  taskIds,
} from '../test/sandbox-account.ts';

// What counts as evidence of a deletion, and what only looks like it.

const done = { state: 'deleted', vendorStatus: 'SUCCESS' };

let sandbox: MixpanelOnly;

beforeEach(async () => {
  sandbox = await startSandbox({ vendors: ['mixpanel'] });
  sandbox.mixpanel.seed(people);
});

afterEach(() => sandbox.close());

describe('a read of profiles', () => {
  it('does not prove the erasure of events: the task lied, and another hand removed the profile', async () => {
    sandbox.mixpanel.settings.tasksLie = true;
    const gdpr = connectGdpr(sandbox, reader);
    const [before] = (await gdpr.verify?.(targets('ada'))) ?? [];
    expect(before).toEqual({ type: 'present' });
    const receipt = await submitOne(sandbox, 'ada');
    await connectProfile(sandbox).submit(targets('ada'));
    sandbox.clock.advance(30 * dayMs);
    expect(await check(sandbox, receipt)).toEqual(done);
    expect(await gdpr.verify?.(targets('ada'))).toEqual([{ type: 'absent' }]);
    expect(sandbox.mixpanel.hasEvents('ada')).toBe(true);
    expect(readCoversReach(gdpr.capabilities, 'distinct_id', { type: 'present' })).toBe(false);
  });

  it('proves the deletion of a profile', () => {
    const { capabilities } = connectProfile(sandbox, reader);
    expect(readCoversReach(capabilities, 'distinct_id', { type: 'present' })).toBe(true);
  });
});

describe('the status of a task', () => {
  it.each(['another-task', 'other-people'] as const)('is not believed where it is about %s', async (statusIsAbout) => {
    const receipt = await submitOne(sandbox, 'ada');
    sandbox.clock.advance(30 * dayMs);
    sandbox.mixpanel.settings.statusIsAbout = statusIsAbout;
    expect(await codeOf(check(sandbox, receipt))).toBe('answer-contradictory');
  });

  it.each(['task 7 of another project', 'https://example.com/tasks/7', '', 17])(
    'is not believed where it names something that is no id of a task: %j',
    async (trackingId) => {
      const receipt = await submitOne(sandbox, 'ada');
      const body = { status: 'ok', results: { status: 'SUCCESS', tracking_id: trackingId, distinct_ids: ['ada'] } };
      sandbox.mixpanel.faults.add({ fault: { type: 'status', status: 200, body } });
      expect(await codeOf(check(sandbox, receipt, 'ada'))).toBe('answer-contradictory');
    },
  );

  it('may name nobody: then the task itself is all that is compared', async () => {
    sandbox.mixpanel.settings.statusNamesPeople = false;
    const receipt = await submitOne(sandbox, 'ada');
    sandbox.clock.advance(30 * dayMs);
    expect(await check(sandbox, receipt, 'ada')).toEqual(done);
  });

  it('says nothing about somebody who was taken out of the task', async () => {
    const [receipt = {}] = await submitAll(sandbox, 'ada', 'grace');
    sandbox.mixpanel.takeOutOfTask(taskIds(sandbox)[0] ?? '', 'ada');
    sandbox.clock.advance(30 * dayMs);
    expect(await check(sandbox, receipt, 'ada', 'grace')).toEqual([
      { state: 'unknown', vendorStatus: 'not-named', reason: expect.any(String) },
      done,
    ]);
    expect(remaining(sandbox)).toEqual(['ada', 'mary']);
  });
});

describe("somebody else's task, as a conflict names it", () => {
  it('is no evidence where it is about other people: the person gets a task of their own', async () => {
    await submitOne(sandbox, 'grace');
    sandbox.clock.advance(30 * dayMs);
    sandbox.mixpanel.settings.conflictNames = 'a-finished-task';
    const receipt = await submitOne(sandbox, 'ada');
    expect(await check(sandbox, receipt, 'ada')).toEqual({
      state: 'failed',
      vendorStatus: 'SUCCESS',
      canSubmitAgain: true,
    });
    expect(remaining(sandbox)).toEqual(['ada', 'mary']);
  });

  it('is no evidence where it names nobody', async () => {
    await submitOne(sandbox, 'ada');
    const receipt = await submitOne(sandbox, 'ada');
    sandbox.mixpanel.settings.statusNamesPeople = false;
    sandbox.clock.advance(30 * dayMs);
    expect(await check(sandbox, receipt, 'ada')).toEqual({
      state: 'failed',
      vendorStatus: 'SUCCESS',
      canSubmitAgain: true,
    });
  });

  it('is evidence where it names the person, such as the task whose answer was lost', async () => {
    await submitOne(sandbox, 'ada');
    const receipt = await submitOne(sandbox, 'ada');
    expect(receipt).toEqual({ taskIds: taskIds(sandbox), ours: false });
    sandbox.clock.advance(30 * dayMs);
    expect(await check(sandbox, receipt, 'ada')).toEqual(done);
    expect(remaining(sandbox)).toEqual(['grace', 'mary']);
  });

  it.each(['FAILURE', 'REVOKED', 'NOT_FOUND'] as const)(
    'that ends with %s leaves ours to be submitted',
    async (word) => {
      await submitOne(sandbox, 'ada');
      const receipt = await submitOne(sandbox, 'ada');
      sandbox.mixpanel.forceTaskStatus(taskIds(sandbox)[0] ?? '', word);
      expect(await check(sandbox, receipt, 'ada')).toEqual({
        state: 'failed',
        vendorStatus: word,
        canSubmitAgain: true,
      });
    },
  );

  it('is waited for while it is open, and cannot be cancelled by us', async () => {
    await submitOne(sandbox, 'ada');
    const receipt = await submitOne(sandbox, 'ada');
    expect(await check(sandbox, receipt, 'ada')).toEqual({
      state: 'pending',
      vendorStatus: 'PENDING',
      canCancel: false,
    });
  });
});

it('says that a task is done that names an id which nobody has, where that fails no task', async () => {
  const [receipt = {}] = await submitAll(sandbox, 'ada', 'nobody-has-this');
  sandbox.clock.advance(30 * dayMs);
  expect(await check(sandbox, receipt)).toEqual(done);
  expect(remaining(sandbox)).toEqual(['grace', 'mary']);
});

it('says of a task that failed that one of its targets may have failed it for all', async () => {
  sandbox.mixpanel.settings.unknownIdsFailTask = true;
  const [receipt = {}] = await submitAll(sandbox, 'ada', 'nobody-has-this');
  sandbox.clock.advance(30 * dayMs);
  const failed = { state: 'failed', vendorStatus: 'FAILURE', canSubmitAgain: true, canBisect: true };
  expect(await check(sandbox, receipt)).toEqual(failed);
  // The half without the culprit goes through.
  sandbox.clock.advance(secondMs);
  const half = await submitOne(sandbox, 'ada');
  sandbox.clock.advance(30 * dayMs + secondMs);
  expect(await check(sandbox, half)).toEqual(done);
  expect(remaining(sandbox)).toEqual(['grace', 'mary']);
});
