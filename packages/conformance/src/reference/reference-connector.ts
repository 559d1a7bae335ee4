import type {
  CallOptions,
  CheckOutcome,
  ConnectorCapabilities,
  DeletionConnector,
  Receipt,
  SubmitOutcome,
} from '@expunge/core';
import { callVendor, failure, type VendorAnswer, type VendorCall } from './call-vendor.ts';

/** Options of the connector that passes the suite. */
export interface ReferenceOptions {
  readonly baseUrl: string;
  readonly token: string;
  readonly timeoutMs?: number;
}

const hourMs = 3_600_000;

const capabilities: ConnectorCapabilities = {
  title: 'Reference deletion',
  reach: 'person',
  erases: ['The invented person.'],
  leaves: [],
  identifiers: [{ type: 'id', from: ['user_id'] }],
  completion: { type: 'polled', firstCheckAfterMs: hourMs, checkEveryMs: hourMs, expectedWithinMs: 2 * hourMs },
  readBack: { covers: 'person', identifiers: ['id'], afterMs: 0 },
  repeat: 'harmless',
  limits: {
    submit: { maxTargets: 5, maxBytes: 8000, bytesPerCall: 10, bytesPerTarget: 1 },
    verify: { maxTargets: 3 },
    rates: [],
    inFlight: [],
  },
};

/** A connector that keeps to the contract, for testing the suite with. */
export function createReferenceConnector({ baseUrl, token, timeoutMs = 20_000 }: ReferenceOptions): DeletionConnector {
  const call = (method: VendorCall['method'], path: string, options: CallOptions, body?: unknown) =>
    callVendor({ method, url: `${baseUrl}${path}`, token, timeoutMs, options, body });

  return {
    specVersion: 'v1',
    vendor: 'reference',
    operation: 'person',
    capabilities,

    targetsOf({ identifiers }) {
      const ids = new Set(identifiers.filter(({ type }) => type === 'id').map(({ value }) => value));
      return [...ids].map((value) => ({ type: 'id', value }));
    },

    async submit(targets, options = {}) {
      if (targets.length === 0) return [];
      if (targets.some(({ type }) => type !== 'id')) throw failure('request-rejected');
      const { maxTargets, maxBytes = 0 } = capabilities.limits.submit;
      const body = { ids: targets.map(({ value }) => value) };
      if (targets.length > maxTargets || Buffer.byteLength(JSON.stringify(body)) > maxBytes) {
        throw failure('request-too-large');
      }
      const { job, results } = fieldsOf(await call('POST', '/deletions', options, body));
      if (typeof job !== 'string' || job.length > 100 || !Array.isArray(results)) throw failure('response-unexpected');
      const stateById = new Map<unknown, unknown>(results.map(({ id, state }) => [id, state]));
      return targets.map(({ value }) => outcomeOf(stateById.get(value), job));
    },

    async check(receipt, targets, options = {}) {
      const { job, state, ids } = fieldsOf(await call('GET', `/deletions/${jobOf(receipt)}`, options));
      if (job !== receipt.job) throw failure('answer-contradictory');
      const isTakenOut = (id: string) => Array.isArray(ids) && !ids.includes(id);
      if (!targets.some(({ value }) => isTakenOut(value))) return stateOf(state);
      return targets.map(({ value }) => (isTakenOut(value) ? takenOut : stateOf(state)));
    },

    async verify(targets, options = {}) {
      if (targets.length > (capabilities.limits.verify?.maxTargets ?? 0)) throw failure('request-too-large');
      const outcomes = [];
      for (const { type, value } of targets) {
        if (type !== 'id' || value === '.' || value === '..') {
          outcomes.push({ type: 'unknown' as const, reason: 'A path cannot hold it.' });
          continue;
        }
        const answer = await call('GET', `/people/${encodeURIComponent(value)}`, options);
        const isAbsent = answer.status === 404 && errorOf(answer) === 'unknown';
        if (!isAbsent && fieldsOf(answer).id !== value) throw failure('response-unexpected');
        outcomes.push({ type: isAbsent ? ('absent' as const) : ('present' as const) });
      }
      return outcomes;
    },

    async cancel(receipt, _targets, options = {}) {
      const answer = await call('DELETE', `/deletions/${jobOf(receipt)}`, options);
      if (errorOf(answer) === 'too-late') return { type: 'too-late' };
      if (fieldsOf(answer).job !== receipt.job) throw failure('answer-contradictory');
      return { type: 'cancelled' };
    },

    async recover(targets, since, options = {}) {
      const { jobs } = fieldsOf(await call('GET', '/deletions', options));
      if (!Array.isArray(jobs)) throw failure('response-unexpected');
      const wanted = JSON.stringify(targets.map(({ value }) => value));
      const found = jobs.find(
        ({ ids, createdAtMs }) => JSON.stringify(ids) === wanted && createdAtMs >= Date.parse(since),
      );
      return found === undefined ? undefined : { job: found.job };
    },

    async checkAccess(options = {}) {
      fieldsOf(await call('GET', '/account', options));
      return { proven: ['The token can read the account.'], unproven: ['Whether it may delete.'] };
    },
  };
}

function jobOf({ job }: Receipt): string {
  if (typeof job !== 'string') throw failure('request-rejected');
  return job;
}

/** The fields of a success: the vendor's `ok` decides, not the HTTP status. */
function fieldsOf({ status, json }: VendorAnswer): Record<string, unknown> {
  if (typeof json === 'object' && json !== null && 'ok' in json) {
    if (json.ok === true && status === 200) return { ...json };
    if (json.ok === false) throw failure('request-rejected', status);
  }
  throw failure(status === 404 ? 'setup-wrong' : 'response-unexpected', status);
}

function errorOf({ json }: VendorAnswer): unknown {
  return typeof json === 'object' && json !== null && 'error' in json ? json.error : undefined;
}

function outcomeOf(state: unknown, job: string): SubmitOutcome {
  switch (state) {
    case 'queued':
      return { type: 'accepted', receipt: { job } };
    case 'unknown':
      return { type: 'absent', vendorStatus: 'unknown' };
    default:
      throw failure('response-unexpected');
  }
}

const takenOut: CheckOutcome = {
  state: 'unknown',
  vendorStatus: 'not-named',
  reason: 'The job no longer names this person, so its end says nothing about them.',
};

function stateOf(state: unknown): CheckOutcome {
  switch (state) {
    case 'waiting':
      return { state: 'pending', vendorStatus: state, canCancel: true };
    case 'running':
      return { state: 'pending', vendorStatus: state, canCancel: false };
    case 'done':
      return { state: 'deleted', vendorStatus: state };
    case 'cancelled':
      return { state: 'cancelled', vendorStatus: state };
    default:
      throw failure('response-unexpected');
  }
}
