import {
  ConnectorError,
  type ConnectorErrorCode,
  checkOutcomeSchema,
  connectorIssues,
  type Receipt,
  receiptSchema,
  type SubmitOutcome,
  type Target,
} from '@expunge/core';
import { type Sandbox, startSandbox } from '@expunge/vendor-sandbox';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { timeoutForFault } from '../../../tools/timeout-for-fault.ts';
import { createSegmentConnector } from './segment-connector.ts';
import type { SegmentRegulationOptions } from './segment-options.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

let sandbox: Sandbox<'segment'>;
beforeEach(async () => {
  sandbox = await startSandbox({ vendors: ['segment'] });
});
afterEach(async () => {
  await sandbox.close();
});

function connect(options: Partial<SegmentRegulationOptions> = {}) {
  return createSegmentConnector({
    api: 'regulation',
    token: sandbox.segment.credentials.publicApiToken,
    baseUrl: sandbox.segment.url,
    regulationType: 'DELETE_INTERNAL',
    timeoutMs: 300_000,
    ...options,
  });
}

function userTargets(...values: string[]): Target[] {
  return values.map((value) => ({ type: 'userId', value }));
}

function receiptOf(outcome: SubmitOutcome | undefined): Receipt {
  if (outcome?.type !== 'accepted' || outcome.receipt === undefined) throw new Error('there is no receipt');
  return outcome.receipt;
}

async function submitOne(options: Partial<SegmentRegulationOptions>, userId: string): Promise<Receipt> {
  const [outcome] = await connect(options).submit(userTargets(userId));
  return receiptOf(outcome);
}

async function errorOf(call: Promise<unknown>): Promise<ConnectorError> {
  const result = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!ConnectorError.isInstance(result)) throw new Error('the call did not fail as a connector fails');
  return result;
}

function creates() {
  return sandbox.segment.requests.filter((request) => request.method === 'POST');
}

describe('what it says of itself', () => {
  it('keeps the contract for every type and scope', () => {
    for (const regulationType of ['DELETE_INTERNAL', 'SUPPRESS_WITH_DELETE', 'SUPPRESS_ONLY', 'UNSUPPRESS'] as const) {
      expect(connectorIssues(connect({ regulationType, allowUnsuppress: true }))).toEqual([]);
    }
    expect(connectorIssues(connect({ scope: { type: 'cloud-source', sourceId: 's', collection: 'c' } }))).toEqual([]);
  });

  it('states the documented limits, and takes others', () => {
    const { limits, repeat } = connect().capabilities;
    expect(limits.submit).toMatchObject({ maxTargets: 5_000, maxBytes: 4_000_000 });
    expect(limits.rates).toContainEqual({ kinds: ['submit'], calls: 600, perMs: 60_000 });
    expect(limits.targetsPerMonth).toBe(110_000);
    expect(repeat).toBe('costly');
    const lower = connect({ limits: { maxTargets: 3, targetsPerMonth: 7 } }).capabilities.limits;
    expect([lower.submit.maxTargets, lower.targetsPerMonth]).toEqual([3, 7]);
  });

  it('claims to erase a person only where the type deletes', () => {
    const of = (regulationType: SegmentRegulationOptions['regulationType']) =>
      connect({ regulationType, allowUnsuppress: true }).capabilities;
    expect(of('DELETE_ONLY')).toMatchObject({ reach: 'person', erases: [expect.any(String)] });
    for (const type of ['SUPPRESS_ONLY', 'UNSUPPRESS'] as const) {
      expect(of(type)).toMatchObject({
        reach: 'nothing',
        erases: [],
        title: expect.stringContaining('deletes nothing'),
      });
    }
  });

  it('cannot call a regulation back, and does not take a suppression for a proof', () => {
    expect(connect().cancel).toBeUndefined();
    expect(connect({ regulationType: 'SUPPRESS_ONLY' }).verify).toBeUndefined();
  });
});

describe('whom it addresses', () => {
  const subject = {
    identifiers: [
      { type: 'userId', value: 'U-1 ' },
      { type: 'email', value: 'ada@example.test' },
      { type: 'anonymousId', value: 'a-1' },
      { type: 'userId', value: 'u-2' },
      { type: 'userId', value: 'U-1 ' },
      { type: 'objectId', value: 'o-1' },
    ],
  };

  it('takes the identifiers of its subject type, each once, unchanged and in order', () => {
    expect(connect().targetsOf(subject)).toEqual(userTargets('U-1 ', 'u-2'));
    const ofObjects = connect({ scope: { type: 'cloud-source', sourceId: 'src_crm', collection: 'contacts' } });
    expect(ofObjects.targetsOf(subject)).toEqual([{ type: 'objectId', value: 'o-1' }]);
    const ofDevices = connect({
      regulationType: 'DELETE_ARCHIVE_ONLY',
      scope: { type: 'source', sourceId: 'src_web' },
      subjectType: 'ANONYMOUS_ID',
    });
    expect(ofDevices.targetsOf(subject)).toEqual([{ type: 'anonymousId', value: 'a-1' }]);
  });

  it('names nobody where the subject has no usable identifier', () => {
    expect(connect().targetsOf({ identifiers: [{ type: 'email', value: 'ada@example.test' }] })).toEqual([]);
  });
});

describe('a deletion', () => {
  it('is accepted at once, done when Segment says so, and touches nobody else', async () => {
    sandbox.segment.seed(['ada', 'bert', 'carl']);
    const connector = connect();
    const outcomes = await connector.submit(userTargets('bert', 'ada'));
    expect(outcomes.map((outcome) => outcome.type)).toEqual(['accepted', 'accepted']);
    expect(receiptOf(outcomes[0])).toEqual(receiptOf(outcomes[1]));
    expect(sandbox.segment.hasData('ada')).toBe(true);
    expect(await connector.check?.(receiptOf(outcomes[0]), [])).toMatchObject({
      state: 'pending',
      vendorStatus: 'INITIALIZED',
    });
    sandbox.clock.advance(2 * hourMs);
    expect(await connector.check?.(receiptOf(outcomes[0]), [])).toMatchObject({
      state: 'pending',
      vendorStatus: 'RUNNING',
    });
    sandbox.clock.advance(3 * dayMs);
    const done = await connector.check?.(receiptOf(outcomes[0]), []);
    expect(done).toMatchObject({ state: 'deleted', vendorStatus: 'FINISHED', finishedAt: expect.any(String) });
    expect(checkOutcomeSchema.safeParse(done).success).toBe(true);
    expect(['ada', 'bert', 'carl'].map((id) => sandbox.segment.hasData(id))).toEqual([false, false, true]);
  });

  it('sends odd ids exactly as they are', async () => {
    const odd = ['Ünï "quoted" \\ 😀', ' spaced ', '0', 'null', '[object Object]'];
    sandbox.segment.seed([...odd, 'spaced']);
    await connect().submit(userTargets(...odd));
    expect(sandbox.segment.regulations()[0]?.subjectIds).toEqual(odd);
  });

  it('gives back a receipt without any identifier of a person', async () => {
    const receipt = await submitOne({}, 'canary-person');
    expect(receiptSchema.safeParse(receipt).success).toBe(true);
    expect(JSON.stringify(receipt)).not.toContain('canary');
  });

  it('reaches one source only where it is told so', async () => {
    sandbox.segment.seed([
      { userId: 'ada', sourceId: 'src_web' },
      { userId: 'ada', sourceId: 'src_crm' },
    ]);
    await submitOne({ scope: { type: 'source', sourceId: 'src_web' } }, 'ada');
    sandbox.clock.advance(3 * dayMs);
    expect(sandbox.segment.hasData('ada', 'src_web')).toBe(false);
    expect(sandbox.segment.hasData('ada', 'src_crm')).toBe(true);
  });

  it('deletes objects of a cloud source by object id', async () => {
    sandbox.segment.seedRecords([
      { sourceId: 'src_crm', collection: 'contacts', objectId: 'o-1' },
      { sourceId: 'src_crm', collection: 'contacts', objectId: 'o-2' },
    ]);
    const connector = connect({ scope: { type: 'cloud-source', sourceId: 'src_crm', collection: 'contacts' } });
    await connector.submit([{ type: 'objectId', value: 'o-1' }]);
    sandbox.clock.advance(3 * dayMs);
    expect(sandbox.segment.hasRecords('OBJECT_ID', 'o-1')).toBe(false);
    expect(sandbox.segment.hasRecords('OBJECT_ID', 'o-2')).toBe(true);
  });

  it('deletes anonymous messages of a source archive by anonymous id', async () => {
    sandbox.segment.seedRecords([
      { sourceId: 'src_web', anonymousId: 'a-1' },
      { sourceId: 'src_web', anonymousId: 'a-2' },
    ]);
    const connector = connect({
      regulationType: 'DELETE_ARCHIVE_ONLY',
      scope: { type: 'source', sourceId: 'src_web' },
      subjectType: 'ANONYMOUS_ID',
    });
    await connector.submit([{ type: 'anonymousId', value: 'a-1' }]);
    sandbox.clock.advance(3 * dayMs);
    expect(sandbox.segment.hasRecords('ANONYMOUS_ID', 'a-1')).toBe(false);
    expect(sandbox.segment.hasRecords('ANONYMOUS_ID', 'a-2')).toBe(true);
  });
});

describe('how it ends', () => {
  it('is partial with its parts where one destination cannot delete, though Segment says FAILED', async () => {
    sandbox.segment.settings.sources = [
      {
        id: 'src_web',
        kind: 'event',
        destinations: [
          { id: 'dst_1', name: 'Amplitude', ends: 'FINISHED' },
          { id: 'dst_2', name: 'Old Tool', ends: 'NOT_SUPPORTED' },
        ],
      },
    ];
    sandbox.segment.seed(['ada']);
    const receipt = await submitOne({ regulationType: 'DELETE_ONLY' }, 'ada');
    sandbox.clock.advance(3 * dayMs);
    expect(await connect({ regulationType: 'DELETE_ONLY' }).check?.(receipt, [])).toEqual({
      state: 'partial',
      vendorStatus: 'FAILED',
      parts: [
        { name: 'Amplitude (source src_web)', state: 'deleted', vendorStatus: 'FINISHED' },
        { name: 'Old Tool (source src_web)', state: 'not-supported', vendorStatus: 'NOT_SUPPORTED' },
      ],
    });
    expect(sandbox.segment.hasData('ada')).toBe(false);
  });

  it.each([
    ['PARTIAL_SUCCESS', 'partial'],
    ['NOT_SUPPORTED', 'failed'],
    ['INVALID', 'failed'],
  ] as const)('%s is %s', async (status, state) => {
    sandbox.segment.settings.ending = { status };
    const receipt = await submitOne({}, 'ada');
    sandbox.clock.advance(3 * dayMs);
    expect(await connect().check?.(receipt, [])).toMatchObject({ state, vendorStatus: status });
  });

  it('FAILED with nothing forwarded and nobody else named is failed', async () => {
    sandbox.segment.settings.ending = { status: 'FAILED', segmentDeleted: false };
    sandbox.segment.seed(['ada']);
    const receipt = await submitOne({}, 'ada');
    sandbox.clock.advance(3 * dayMs);
    expect(await connect().check?.(receipt, [])).toMatchObject({ state: 'failed', canSubmitAgain: true });
    expect(sandbox.segment.hasData('ada')).toBe(true);
  });

  it('is lost when Segment no longer knows it, and only when Segment itself says so', async () => {
    const receipt = await submitOne({}, 'ada');
    sandbox.segment.faults.add({ fault: { type: 'status', status: 404, body: '<html>no such page</html>' } });
    expect((await errorOf(Promise.resolve(connect().check?.(receipt, [])))).code).toBe('setup-wrong');
    sandbox.clock.advance(120 * dayMs);
    expect(await connect().check?.(receipt, [])).toEqual({ state: 'lost', vendorStatus: '404' });
  });

  it('is not known by a word that is not documented, by another regulation, or by a foreign receipt', async () => {
    const receipt = await submitOne({}, 'ada');
    const answer = (id: unknown, overallStatus: string) => {
      const body = { data: { regulation: { id, workspaceId: 'ws_1', overallStatus, streamStatus: [] } } };
      sandbox.segment.faults.add({ fault: { type: 'status', status: 200, body } });
      return Promise.resolve(connect().check?.(receipt, []));
    };
    expect(await answer(receipt.regulateId, 'COMPLETED')).toMatchObject({ state: 'unknown' });
    expect((await errorOf(answer('reg_other', 'FINISHED'))).code).toBe('answer-contradictory');
    expect((await errorOf(Promise.resolve(connect().check?.({ taskId: '1' }, [])))).code).toBe('request-rejected');
  });

  it('is judged by the type that was submitted, also after the configuration has changed', async () => {
    sandbox.segment.settings.ending = { status: 'FAILED', segmentDeleted: false };
    const receipt = await submitOne({ regulationType: 'DELETE_INTERNAL' }, 'ada');
    sandbox.clock.advance(3 * dayMs);
    expect(await connect({ regulationType: 'DELETE_ONLY' }).check?.(receipt, [])).toMatchObject({ state: 'failed' });
  });

  it.each(['.', '..', 'reg\u001b[31m', 'x'.repeat(257)])(
    'is not asked about by what is no id: %j',
    async (regulateId) => {
      const fault = { type: 'status', status: 200, body: { data: { regulateId } } } as const;
      sandbox.segment.faults.add({ fault });
      expect(await errorOf(connect().submit(userTargets('ada')))).toMatchObject({
        code: 'response-unexpected',
        effect: 'in-doubt',
      });
      const receipt = { regulateId, regulationType: 'DELETE_ONLY' };
      const before = sandbox.segment.requests.length;
      const asked = Promise.resolve(connect().check?.(receipt, userTargets('ada')));
      expect(await errorOf(asked)).toMatchObject({ code: 'request-rejected' });
      expect(sandbox.segment.requests).toHaveLength(before);
    },
  );
});

describe('suppression', () => {
  it('is read back from the list, and deletes nothing', async () => {
    sandbox.segment.seed(['ada', 'bert']);
    const connector = connect({ regulationType: 'SUPPRESS_ONLY' });
    expect(await connector.readSuppressions(userTargets('ada'))).toEqual([{ type: 'not-listed' }]);
    await connector.submit(userTargets('ada'));
    sandbox.clock.advance(3 * dayMs);
    expect(await connector.readSuppressions(userTargets('bert', 'ada'))).toEqual([
      { type: 'not-listed' },
      { type: 'listed' },
    ]);
    expect(sandbox.segment.isSuppressed('ada')).toBe(true);
    expect(sandbox.segment.hasData('ada')).toBe(true);
  });

  it('comes with the deletion where the type says so', async () => {
    sandbox.segment.seed(['ada']);
    await submitOne({ regulationType: 'SUPPRESS_WITH_DELETE_INTERNAL' }, 'ada');
    sandbox.clock.advance(3 * dayMs);
    expect([sandbox.segment.isSuppressed('ada'), sandbox.segment.hasData('ada')]).toEqual([true, false]);
  });

  it('is ended by UNSUPPRESS', async () => {
    await submitOne({ regulationType: 'SUPPRESS_ONLY' }, 'ada');
    sandbox.clock.advance(3 * dayMs);
    await submitOne({ regulationType: 'UNSUPPRESS', allowUnsuppress: true }, 'ada');
    sandbox.clock.advance(3 * dayMs);
    expect(sandbox.segment.isSuppressed('ada')).toBe(false);
  });

  it('is looked for on every page', async () => {
    const page = (subjectIds: string[], next?: string) => ({
      fault: {
        type: 'status' as const,
        status: 200,
        body: { data: { suppressed: [{ subjectType: 'USER_ID', subjectIds }], pagination: { current: 'x', next } } },
      },
    });
    sandbox.segment.faults.add(page(['bert'], 'c+2'));
    sandbox.segment.faults.add(page(['ada']));
    const connector = connect({ regulationType: 'SUPPRESS_ONLY' });
    expect(await connector.readSuppressions(userTargets('ada', 'carl'))).toEqual([
      { type: 'listed' },
      { type: 'not-listed' },
    ]);
    const queries = sandbox.segment.requests.map((request) =>
      new URLSearchParams(request.query).get('pagination[cursor]'),
    );
    expect(queries).toEqual([null, 'c+2']);
  });

  it('is unknown where the list goes round in circles, and of another kind of id', async () => {
    const body = {
      data: {
        suppressed: [{ subjectType: 'OBJECT_ID', subjectIds: ['ada'] }],
        pagination: { current: 'a', next: 'a' },
      },
    };
    sandbox.segment.faults.add({ fault: { type: 'status', status: 200, body }, times: Number.POSITIVE_INFINITY });
    expect(await connect({ regulationType: 'SUPPRESS_ONLY' }).readSuppressions(userTargets('ada'))).toEqual([
      { type: 'unknown' },
    ]);
  });
});

describe('what is never sent', () => {
  it('is nothing', async () => {
    expect(await connect().submit([])).toEqual([]);
    expect(sandbox.segment.requests).toHaveLength(0);
  });

  it.each<[string, Partial<SegmentRegulationOptions>, Target[], ConnectorErrorCode]>([
    [
      'more ids than a regulation takes',
      {},
      userTargets(...Array.from({ length: 5_001 }, (_, n) => `u${n}`)),
      'request-too-large',
    ],
    ['more ids than the options allow', { limits: { maxTargets: 1 } }, userTargets('a', 'b'), 'request-too-large'],
    [
      'more bytes than a regulation takes',
      {},
      userTargets(...Array.from({ length: 1_000 }, (_, n) => `${n}`.padEnd(4_000, 'é'))),
      'request-too-large',
    ],
    [
      'another type of target among good ones: the caller splits the call',
      {},
      [...userTargets('ada'), { type: 'email', value: 'ada@example.test' }],
      'request-rejected',
    ],
  ])('%s', async (_name, options, targets, code) => {
    expect(await errorOf(connect(options).submit(targets))).toMatchObject({ code, effect: 'nothing' });
    expect(sandbox.segment.requests).toHaveLength(0);
  });

  it('is a target of another type by itself: it is rejected for good, and holds nobody up', async () => {
    const targets = [
      { type: 'email', value: 'ada@example.test' },
      { type: 'anonymousId', value: 'a-1' },
    ];
    const rejected = { type: 'rejected', reason: 'unsupported', message: expect.any(String) };
    expect(await connect().submit(targets)).toEqual([rejected, rejected]);
    expect(await connect().recover?.([...userTargets('ada'), ...targets], '2026-01-05T10:00:00.000Z')).toBeUndefined();
    expect(await errorOf(connect().readSuppressions(targets))).toMatchObject({ code: 'request-rejected' });
    expect(sandbox.segment.requests).toHaveLength(0);
  });

  it('is a full batch that obeys the limits: it goes through', async () => {
    const targets = userTargets(...Array.from({ length: 5_000 }, (_, n) => `${n}`.padEnd(700, 'x')));
    expect(await connect().submit(targets)).toHaveLength(5_000);
    expect(sandbox.segment.regulations()[0]?.subjectIds).toHaveLength(5_000);
  });
});

describe('outcomes', () => {
  it('are one per target, in order, and equal ids are sent once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 9 }), async (ids) => {
        const outcomes = await connect().submit(userTargets(...ids));
        expect(outcomes).toHaveLength(ids.length);
        expect(sandbox.segment.regulations().at(-1)?.subjectIds).toEqual([...new Set(ids)]);
      }),
      { numRuns: 20 },
    );
  });
});

describe('a reply that was lost', () => {
  const started = '2026-01-05T10:00:00.000Z';

  it.each(['reset-after', 'truncated'] as const)('after Segment acted (%s) is found again', async (type) => {
    sandbox.segment.seed(['ada', 'bert']);
    const connector = connect();
    sandbox.segment.faults.add({ fault: { type } });
    const error = await errorOf(connector.submit(userTargets('ada', 'bert')));
    expect(error).toMatchObject({ code: 'connection-lost', effect: 'in-doubt', isRetryable: true });
    const receipt = await connector.recover?.(userTargets('bert', 'ada'), started);
    expect(receipt).toEqual({ regulateId: sandbox.segment.regulations()[0]?.id, regulationType: 'DELETE_INTERNAL' });
    expect(creates()).toHaveLength(1);
  });

  it('before Segment acted is known not to exist', async () => {
    sandbox.segment.faults.add({ fault: { type: 'reset-before' } });
    expect(await errorOf(connect().submit(userTargets('ada')))).toMatchObject({
      code: 'connection-lost',
      effect: 'in-doubt',
    });
    expect(await connect().recover?.(userTargets('ada'), started)).toBeUndefined();
    expect(sandbox.segment.regulations()).toHaveLength(0);
  });

  it('is not mistaken for another regulation', async () => {
    await submitOne({}, 'ada');
    await submitOne({ regulationType: 'SUPPRESS_ONLY' }, 'bert');
    await connect().submit(userTargets('ada', 'carl'));
    const recover = (ids: string[], since = started) => connect().recover?.(userTargets(...ids), since);
    expect(await recover(['bert'])).toBeUndefined();
    expect(await recover(['carl'])).toBeUndefined();
    expect(await recover(['ada', 'carl', 'dora'])).toBeUndefined();
    expect(await recover(['ada'])).toBeDefined();
    expect(await recover(['ada'], '2026-01-05T10:04:59.000Z')).toBeDefined();
    expect(await recover(['ada'], '2026-01-05T10:05:01.000Z')).toBeUndefined();
    expect(await recover(['ada'], '2026-01-05T12:00:00.000+02:00')).toBeDefined();
  });

  it('is not mistaken for one about another kind of id', async () => {
    await connect({ subjectType: 'OBJECT_ID' }).submit([{ type: 'objectId', value: 'ada' }]);
    expect(sandbox.segment.regulations()).toHaveLength(1);
    expect(await connect().recover?.(userTargets('ada'), started)).toBeUndefined();
  });

  it('is looked for on every page of the workspace', async () => {
    for (let n = 0; n < 230; n += 1) await submitOne({}, `u-${n}`);
    const wanted = ['u-0', 'u-115', 'u-229'];
    for (const id of wanted) expect(await connect().recover?.(userTargets(id), started)).toBeDefined();
    expect(await connect().recover?.(userTargets('u-230'), started)).toBeUndefined();
  });

  it('is looked for in the list of the source', async () => {
    const connector = connect({ scope: { type: 'source', sourceId: 'src_web' } });
    await connector.submit(userTargets('ada'));
    expect(await connector.recover?.(userTargets('ada'), started)).toBeDefined();
    expect(await connector.recover?.(userTargets('bert'), started)).toBeUndefined();
  });

  it('is looked for among up to a thousand of the source, whose list has no second page', async () => {
    const scope = { type: 'source', sourceId: 'src_web' } as const;
    for (let n = 0; n < 130; n += 1) await submitOne({ scope }, `u-${n}`);
    const recover = (id: string) => connect({ scope }).recover?.(userTargets(id), started);
    for (const id of ['u-0', 'u-129']) expect(await recover(id)).toBeDefined();
    expect(await recover('u-130')).toBeUndefined();
  });

  it('is found in a full list of the source, and stays open where it is not in it', async () => {
    const regulations = Array.from({ length: 1_000 }, (_, n) => ({
      id: `reg_${n}`,
      subjectType: 'USER_ID',
      subjects: [`u-${n}`],
      createdAt: started,
      regulationType: 'DELETE_INTERNAL',
    }));
    const body = { data: { regulations } };
    sandbox.segment.faults.add({ fault: { type: 'status', status: 200, body }, times: 2 });
    const connector = connect({ scope: { type: 'source', sourceId: 'src_web' } });
    expect(await connector.recover?.(userTargets('u-999'), started)).toMatchObject({ regulateId: 'reg_999' });
    const error = await errorOf(Promise.resolve(connector.recover?.(userTargets('u-1000'), started)));
    expect(error.code).toBe('response-unexpected');
    expect(error.message).toContain('whether it exists is open');
  });

  it('stays open where the list cannot be read to its end', async () => {
    const regulations = Array.from({ length: 100 }, (_, n) => ({
      id: `reg_${n}`,
      subjectType: 'USER_ID',
      subjects: ['somebody'],
      createdAt: started,
      regulationType: 'DELETE_INTERNAL',
    }));
    const open = { status: 200, type: 'status' as const };
    sandbox.segment.faults.add({ fault: { ...open, body: { data: { regulations } } } });
    expect(await errorOf(Promise.resolve(connect().recover?.(userTargets('ada'), started)))).toMatchObject({
      code: 'response-unexpected',
    });
    const circle = { data: { regulations: [], pagination: { current: 'a', next: 'a' } } };
    sandbox.segment.faults.add({ fault: { ...open, body: circle }, times: Number.POSITIVE_INFINITY });
    expect(await errorOf(Promise.resolve(connect().recover?.(userTargets('ada'), started)))).toMatchObject({
      code: 'response-unexpected',
    });
  });

  it('is not denied because a time cannot be read', async () => {
    await submitOne({}, 'ada');
    expect(await errorOf(Promise.resolve(connect().recover?.(userTargets('ada'), 'yesterday')))).toMatchObject({
      code: 'request-rejected',
    });
    const regulation = { id: 'reg_1', subjectType: 'USER_ID', subjects: ['ada'], regulationType: 'DELETE_INTERNAL' };
    const body = { data: { regulations: [{ ...regulation, createdAt: 'yesterday' }], pagination: { current: 'a' } } };
    sandbox.segment.faults.add({ fault: { type: 'status', status: 200, body } });
    expect(await errorOf(Promise.resolve(connect().recover?.(userTargets('ada'), started)))).toMatchObject({
      code: 'response-unexpected',
    });
  });

  it('cannot be looked for at a cloud source, for which no list is documented', () => {
    expect(connect({ scope: { type: 'cloud-source', sourceId: 's', collection: 'c' } }).recover).toBeUndefined();
  });
});

describe('a conflict, whose meaning is not documented', () => {
  beforeEach(() => {
    sandbox.segment.seed(['ada', 'bert', 'cleo']);
    sandbox.segment.settings.sameSubjects = 'conflict-409';
  });

  it('leads to the open regulation that Segment lists for the person: Segment is deleting', async () => {
    const first = await submitOne({}, 'ada');
    expect(await connect().submit(userTargets('ada'))).toEqual([{ type: 'accepted', receipt: first }]);
    expect(creates()).toHaveLength(2);
    sandbox.clock.advance(2 * dayMs);
    expect(await connect().check?.(first, userTargets('ada'))).toMatchObject({ state: 'deleted' });
    expect(sandbox.segment.hasData('ada')).toBe(false);
  });

  it('leads those there who are in one, also in several, and takes the others later', async () => {
    const ada = await submitOne({}, 'ada');
    const bert = await submitOne({}, 'bert');
    expect(await connect().submit(userTargets('ada', 'cleo', 'bert'))).toEqual([
      { type: 'accepted', receipt: ada },
      { type: 'deferred', reason: 'conflict' },
      { type: 'accepted', receipt: bert },
    ]);
    expect(await connect().submit(userTargets('cleo'))).toMatchObject([{ type: 'accepted' }]);
  });

  it.each([
    ['of another type', { regulationType: 'SUPPRESS_ONLY' } as const],
    ['of the past', {}],
  ])('does not lead to a regulation %s', async (what, options) => {
    await submitOne(options, 'ada');
    if (what === 'of the past') sandbox.clock.advance(3 * dayMs);
    sandbox.segment.faults.add({
      fault: { type: 'status', status: 409, body: { errors: [{ type: 'RequestError' }] } },
    });
    expect(await connect().submit(userTargets('ada'))).toEqual([
      { type: 'deferred', reason: 'conflict', retryAfterMs: 6 * hourMs },
    ]);
  });

  it('that nothing explains is refused for several people, so that a smaller call may tell', async () => {
    sandbox.segment.faults.add({
      fault: { type: 'status', status: 409, body: { errors: [{ type: 'RequestError' }] } },
    });
    expect(await errorOf(connect().submit(userTargets('ada', 'bert')))).toMatchObject({
      code: 'request-rejected',
      effect: 'nothing',
      vendorStatus: 'RequestError',
    });
  });

  it('is waited out where the list cannot be read, or is not documented', async () => {
    const later = [{ type: 'deferred', reason: 'conflict', retryAfterMs: 6 * hourMs }];
    sandbox.segment.faults.add({
      fault: { type: 'status', status: 409, body: { errors: [{ type: 'RequestError' }] } },
    });
    sandbox.segment.faults.add({ fault: { type: 'status', status: 503 } });
    expect(await connect().submit(userTargets('ada'))).toEqual(later);
    const scope = { type: 'cloud-source', sourceId: 'src_crm', collection: 'contacts' } as const;
    sandbox.segment.faults.add({
      fault: { type: 'status', status: 409, body: { errors: [{ type: 'RequestError' }] } },
    });
    expect(await connect({ scope }).submit([{ type: 'objectId', value: 'o-1' }])).toEqual(later);
  });
});

describe('failures', () => {
  const json = (errors: object[]) => ({ errors });
  it.each<[string, { status: number; headers?: Record<string, string>; body?: unknown }, object]>([
    ['401', { status: 401 }, { code: 'credentials-rejected' }],
    ['404', { status: 404 }, { code: 'setup-wrong' }],
    ['413', { status: 413 }, { code: 'request-too-large' }],
    [
      '422',
      { status: 422, body: json([{ type: 'input-validation' }]) },
      { code: 'request-rejected', vendorStatus: 'input-validation' },
    ],
    [
      'a type of error that is not documented',
      { status: 422, body: json([{ type: 'canary-person' }]) },
      { vendorStatus: undefined },
    ],
    ['500', { status: 500 }, { code: 'vendor-unavailable', effect: 'in-doubt' }],
    ['503', { status: 503 }, { code: 'vendor-unavailable', effect: 'in-doubt' }],
    ['302', { status: 302, headers: { location: '/elsewhere' } }, { code: 'response-unexpected' }],
    ['201', { status: 201, body: { data: { regulateId: 'reg_1' } } }, { code: 'response-unexpected' }],
    ['200 without an id', { status: 200, body: { data: {} } }, { code: 'response-unexpected', effect: 'in-doubt' }],
    ['200 with an error', { status: 200, body: json([{ type: 'RequestError' }]) }, { code: 'response-unexpected' }],
    [
      '429 with Retry-After',
      { status: 429, headers: { 'retry-after': '7' } },
      { code: 'rate-limited', retryAfterMs: 7_000 },
    ],
    [
      '429 with msBeforeNext',
      { status: 429, body: json([{ type: 'RequestError', data: { msBeforeNext: 42_000 } }]) },
      { code: 'rate-limited', retryAfterMs: 42_000, vendorStatus: 'RequestError' },
    ],
    [
      '429 with a numeric reset',
      { status: 429, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '30' } },
      { code: 'rate-limited', retryAfterMs: 30_000 },
    ],
    [
      '429 with a spent month',
      {
        status: 429,
        headers: {
          date: 'Mon, 05 Jan 2026 10:00:00 GMT',
          'x-ratelimit-remaining': '0',
          'x-ratelimit-reset': 'Sat, 31 Jan 2026 10:00:00 GMT',
        },
        body: json([{ type: 'RequestError', data: { msBeforeNext: 1_000 } }]),
      },
      { code: 'quota-spent', retryAfterMs: 26 * dayMs },
    ],
    [
      '429 of the minute while the month has room',
      {
        status: 429,
        headers: { 'x-ratelimit-remaining': '5000', 'x-ratelimit-reset': 'Sat, 31 Jan 2026 23:59:59 GMT' },
        body: json([{ type: 'RequestError' }]),
      },
      { code: 'rate-limited', retryAfterMs: undefined },
    ],
  ])('%s', async (_name, answer, expected) => {
    sandbox.segment.faults.add({ fault: { type: 'status', ...answer } });
    const error = await errorOf(connect().submit(userTargets('ada')));
    expect(error).toMatchObject(expected);
    expect(sandbox.segment.regulations()).toHaveLength(0);
  });

  it.each(['html', 'enormous', 'truncated', 'hang-before', 'hang-after'] as const)(
    '%s is never a success',
    async (type) => {
      sandbox.segment.faults.add({ fault: type === 'enormous' ? { type, bytes: 20_000_000 } : { type } });
      const timeoutMs = timeoutForFault({ type });
      expect(await errorOf(connect({ timeoutMs }).submit(userTargets('ada')))).toMatchObject({ effect: 'in-doubt' });
    },
  );

  it('a refused port means that nothing happened', async () => {
    const error = await errorOf(connect({ baseUrl: 'http://127.0.0.1:1' }).submit(userTargets('ada')));
    expect(error).toMatchObject({ code: 'connection-failed', effect: 'nothing' });
  });

  it('a spent month and too many creates are refused by the vendor and told apart', async () => {
    const connector = connect();
    const batch = (from: number) => userTargets(...Array.from({ length: 5_000 }, (_, n) => `u-${from + n}`));
    for (let from = 0; from < 110_000; from += 5_000) await connector.submit(batch(from));
    expect((await errorOf(connector.submit(userTargets('one-more')))).code).toBe('quota-spent');
  });

  it('never carries a person, a token or an address', async () => {
    const token = 'canary-token';
    const errors = [
      await errorOf(connect({ token }).submit(userTargets('canary-person'))),
      await errorOf(connect({ baseUrl: 'http://127.0.0.1:1/canary' }).submit(userTargets('canary-person'))),
    ];
    sandbox.segment.faults.add({
      fault: { type: 'status', status: 422, body: json([{ type: 'x', message: 'canary-person' }]) },
    });
    errors.push(await errorOf(connect().submit(userTargets('canary-person'))));
    for (const error of errors)
      expect(`${error.message}${error.stack}${JSON.stringify(error)}`).not.toContain('canary');
  });

  it('an abort before sending sends nothing, one after it is in doubt', async () => {
    expect(await errorOf(connect().submit(userTargets('ada'), { signal: AbortSignal.abort() }))).toMatchObject({
      code: 'not-sent',
    });
    expect(sandbox.segment.requests).toHaveLength(0);
    sandbox.segment.faults.add({ fault: { type: 'hang-after' } });
    const abort = new AbortController();
    const call = errorOf(connect().submit(userTargets('ada'), { signal: abort.signal }));
    await expect.poll(() => sandbox.segment.regulations().length).toBe(1);
    abort.abort();
    expect(await call).toMatchObject({ code: 'aborted', effect: 'in-doubt' });
  });
});

describe('access', () => {
  it('is proven without touching data, and says what stays open', async () => {
    sandbox.segment.seed(['ada']);
    const report = await connect().checkAccess();
    expect(report.proven).toHaveLength(2);
    expect(report.unproven).toHaveLength(1);
    expect(sandbox.segment.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /',
      'GET /suppressions',
    ]);
    expect(sandbox.segment.hasData('ada')).toBe(true);
    const ofSource = await connect({ scope: { type: 'source', sourceId: 'src_web' } }).checkAccess();
    expect(ofSource.unproven).toHaveLength(2);
  });

  it('is refused for a wrong token', async () => {
    expect(await errorOf(connect({ token: 'wrong-token' }).checkAccess())).toMatchObject({
      code: 'credentials-rejected',
    });
  });

  it('lacks a permission where the token is good and the area is closed', async () => {
    sandbox.segment.faults.add({ fault: { type: 'status', status: 401 }, path: /suppressions/ });
    expect(await errorOf(connect().checkAccess())).toMatchObject({ code: 'permission-missing' });
  });

  it('is not proven by a web page', async () => {
    sandbox.segment.faults.add({ fault: { type: 'html' } });
    expect(await errorOf(connect().checkAccess())).toMatchObject({ code: 'response-unexpected' });
  });
});
