import { type ConnectorError, submitOutcomeSchema } from '@expunge/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readConflict } from './mixpanel-gdpr-conflict.ts';

function target(value: string) {
  return { type: 'distinct_id', value };
}

function conflict(ids: unknown, tasks: unknown) {
  const error = { conflicting_distinct_ids: ids, conflicting_task_ids: tasks, error: 'vendor text about ada' };
  return { status: 409, headers: {}, text: JSON.stringify({ status: 'error', error }) };
}

function foreign(...taskIds: string[]) {
  return { type: 'accepted', receipt: { taskIds, ours: false } };
}

const deferred = { type: 'deferred', reason: 'conflict' };
const deferredLong = { ...deferred, retryAfterMs: 21_600_000 };
const people = [target('ada'), target('grace'), target('mary')];

function read(ids: unknown, tasks: unknown, targets = people) {
  return readConflict(conflict(ids, tasks), targets);
}

describe('readConflict', () => {
  it('gives the conflicting targets the other task, and defers the rest', () => {
    expect(read(['grace'], ['7'])).toEqual([deferred, foreign('7'), deferred]);
  });

  it('lists all tasks where several are named, since nothing says whose is whose', () => {
    expect(read(['mary', 'ada'], ['7', '8', '7'])).toEqual([foreign('7', '8'), deferred, foreign('7', '8')]);
  });

  it('gives all targets a receipt where all conflict', () => {
    expect(read(['ada', 'grace', 'mary'], ['7'])).toEqual([foreign('7'), foreign('7'), foreign('7')]);
  });

  it('compares ids as strings and keeps the digits of a task', () => {
    const text =
      '{"status":"error","error":{"conflicting_distinct_ids":[13793],"conflicting_task_ids":[1700000000000000001]}}';
    const outcomes = readConflict({ status: 409, headers: {}, text }, [target('13793'), target('ada')]);
    expect(outcomes).toEqual([foreign('1700000000000000001'), deferred]);
  });

  it('defers the conflicting targets for long where no task is named', () => {
    expect(read(['grace'], [])).toEqual([deferred, deferredLong, deferred]);
    expect(read(['grace'], undefined)).toEqual([deferred, deferredLong, deferred]);
    expect(read(['grace'], [{ no: 'id' }, '7'])).toEqual([deferred, deferredLong, deferred]);
  });

  it.each([
    ['none is named', conflict([], ['7'])],
    ['only others are named', conflict(['somebody-else'], ['7'])],
    ['the ids are unreadable', conflict('grace', ['7'])],
    ['the error is a text', { status: 409, headers: {}, text: '{"status":"error","error":"conflict with ada"}' }],
    ['it is no JSON', { status: 409, headers: {}, text: '<html>ada</html>' }],
    ['it is empty', { status: 409, headers: {}, text: '' }],
  ])('refuses the whole call, so that a smaller one may tell: %s', (_case, response) => {
    expect(() => readConflict(response, people)).toThrow(
      expect.objectContaining<Partial<ConnectorError>>({ code: 'request-rejected', httpStatus: 409 }),
    );
    expect(() => readConflict(response, people)).not.toThrow(/ada/);
  });

  it('knows whom a call for one target is about', () => {
    const lone = [target('ada')];
    expect(read(['ada'], ['7'], lone)).toEqual([foreign('7')]);
    expect(read([], ['7'], lone)).toEqual([foreign('7')]);
    expect(read(undefined, ['7'], lone)).toEqual([foreign('7')]);
    expect(read([], [], lone)).toEqual([deferredLong]);
    // The task of somebody else must never answer for this target.
    expect(read(['somebody-else'], ['7'], lone)).toEqual([deferredLong]);
    expect(readConflict({ status: 409, headers: {}, text: '' }, lone)).toEqual([deferredLong]);
  });

  it('answers for every target, in order, and gives receipts to none but the conflicting', () => {
    const ids = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(ids, fc.infiniteStream(fc.boolean()), (values, coin) => {
        const named = values.filter(() => coin.next().value);
        fc.pre(named.length > 0);
        const outcomes = read(named, ['7'], values.map(target));
        expect(outcomes).toEqual(values.map((value) => (named.includes(value) ? foreign('7') : deferred)));
        for (const outcome of outcomes) submitOutcomeSchema.parse(outcome);
      }),
    );
  });
});
