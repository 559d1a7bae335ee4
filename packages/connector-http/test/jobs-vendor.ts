import {
  asRecord,
  createVendorServer,
  type SandboxClock,
  type VendorReply,
  type VendorRequest,
} from '@expunge/vendor-sandbox';
import type { HttpOptions } from '../src/http-options.ts';

const apiKey = 'jobs-test-key';
const hourMs = 3_600_000;
// Beyond what a number holds: the last digit is lost where somebody reads it as one.
const firstJob = 9_007_199_254_740_993n;

interface Job {
  readonly people: readonly string[];
  readonly beginsAt: number;
  word: 'queued' | 'running' | 'done' | 'cancelled' | 'failed';
}

/** A vendor that deletes in jobs: `POST /jobs`, an hour until it begins, one more until it is done; cancels before. */
export async function startJobsVendor(clock: SandboxClock) {
  const people = new Set<string>();
  const jobs = new Map<string, Job>();

  function runDue(): void {
    for (const job of jobs.values()) {
      if (job.word === 'queued' && clock.now() >= job.beginsAt) job.word = 'running';
      if (job.word !== 'running' || clock.now() < job.beginsAt + hourMs) continue;
      job.word = 'done';
      for (const person of job.people) people.delete(person);
    }
  }

  function handle(request: VendorRequest): VendorReply {
    runDue();
    if (request.headers['x-api-key'] !== apiKey) return { status: 403, body: { message: 'key' } };
    const { method, path } = request;
    if (path === '/account') return { status: 200, body: { account: 'test' } };
    if (path === '/people') {
      const id = request.query.get('id') ?? '';
      return { status: 200, body: { people: people.has(id) ? [{ id }] : [] } };
    }
    if (path === '/jobs' && method === 'POST') return create(request);
    const [, id] = /^\/jobs\/(\d+)$/.exec(path) ?? [];
    if (id === undefined) return { status: 404, body: { message: 'no such path' } };
    const job = jobs.get(id);
    if (job === undefined) return { status: 404, body: { message: 'no such job' } };
    if (method === 'GET') return jobReply(200, id, job.word);
    if (method !== 'DELETE') return { status: 405, body: { message: 'method' } };
    if (job.word !== 'queued') return { status: 409, body: { message: 'too late' } };
    const act = () => {
      job.word = 'cancelled';
    };
    return { ...jobReply(200, id, 'cancelled'), act };
  }

  function create(request: VendorRequest): VendorReply {
    const list: unknown = asRecord(request.json())?.people;
    const ids = Array.isArray(list) ? list.map((entry) => asRecord(entry)?.id) : [];
    const texts = ids.filter((id) => typeof id === 'string');
    if (texts.length === 0 || texts.length < ids.length || texts.length > 3) {
      return { status: 400, body: { message: 'people' } };
    }
    const id = String(firstJob + BigInt(jobs.size));
    const act = () => {
      jobs.set(id, { people: texts, beginsAt: clock.now() + hourMs, word: 'queued' });
    };
    return { ...jobReply(202, id, 'queued'), act };
  }

  const server = await createVendorServer({ name: 'Jobs', clock, handle });
  return { ...server, people, jobs, runDue, apiKey };
}

function jobReply(status: number, id: string, word: string): VendorReply {
  return { status, headers: { 'content-type': 'application/json' }, body: `{"job":{"id":${id},"status":"${word}"}}` };
}

/** Its description. */
export function jobsOptions(baseUrl: string, key = apiKey) {
  return {
    vendor: 'jobs',
    operation: 'person',
    title: 'Jobs deletion',
    reach: 'person',
    erases: ['The person.'],
    leaves: ['Backups.'],
    baseUrl,
    values: { apiKey: key },
    headers: { 'X-Api-Key': '{apiKey}' },
    identifiers: [{ type: 'person', from: ['user_id'] }],
    completion: { type: 'polled', firstCheckAfterMs: 0, checkEveryMs: 1000, expectedWithinMs: 2 * hourMs },
    repeat: 'costly',
    limits: { submit: { maxTargets: 3, maxBytes: 3000 } },
    submit: {
      request: { method: 'POST', path: '/jobs', json: { people: { $each: { id: '{id}' } }, reason: 'request' } },
      replies: [{ status: 202, body: [{ at: '/job/status', equals: 'queued' }], means: 'accepted' }],
      receipt: { job: '/job/id' },
    },
    check: {
      request: { method: 'GET', path: '/jobs/{job}' },
      replies: [
        { status: 200, body: [{ at: '/job/id', sameAs: 'job' }], means: 'status' },
        { status: 404, body: [{ at: '/message', equals: 'no such job' }], means: 'lost' },
      ],
      status: {
        at: '/job/status',
        words: {
          queued: { state: 'pending', canCancel: true },
          running: { state: 'pending', canCancel: false },
          done: 'deleted',
          'partly done': 'partial',
          cancelled: 'cancelled',
          failed: { state: 'failed', canSubmitAgain: true },
        },
      },
    },
    cancel: {
      request: { method: 'DELETE', path: '/jobs/{job}' },
      replies: [
        {
          status: 200,
          body: [
            { at: '/job/id', sameAs: 'job' },
            { at: '/job/status', equals: 'cancelled' },
          ],
          means: 'cancelled',
        },
        { status: 409, body: [{ at: '/message', equals: 'too late' }], means: 'too-late' },
      ],
    },
    verify: {
      afterMs: 0,
      request: { method: 'GET', path: '/people', query: { id: '{id}' } },
      replies: [
        { status: 200, body: [{ at: '/people/0/id', sameAs: 'id' }], means: 'present' },
        { status: 200, body: [{ at: '/people', is: 'empty' }], means: 'absent' },
      ],
    },
    access: {
      request: { method: 'GET', path: '/account' },
      replies: [{ status: 200, body: [{ at: '/account', exists: true }], means: 'proven' }],
      proven: ['The key is good.'],
    },
  } satisfies HttpOptions;
}
