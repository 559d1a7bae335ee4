import {
  asRecord,
  createManualClock,
  createVendorServer,
  type SandboxClock,
  type VendorReply,
  type VendorRequest,
  type VendorServer,
} from '@expunge/vendor-sandbox';

/** A job of the invented vendor: deletes all its people two hours after it was made, unless it was cancelled before. */
interface Job {
  readonly name: string;
  readonly ids: readonly string[];
  readonly createdAtMs: number;
  isCancelled: boolean;
  isDone: boolean;
}

/** An invented vendor with every trait that the suite asks about: batches, a delay, jobs, read-back, refusals with HTTP 200. */
export interface ReferenceVendor extends VendorServer {
  readonly clock: SandboxClock;
  add(id: string): void;
  has(id: string): boolean;
}

export const referenceToken = 'reference-test-token';
const hourMs = 3_600_000;
const maxIds = 5;

/** Starts the vendor. A hundred lines: about what a fake vendor of your own takes. */
export async function startReferenceVendor(): Promise<ReferenceVendor> {
  const clock = createManualClock();
  const people = new Set<string>();
  const jobs: Job[] = [];

  function handle(request: VendorRequest): VendorReply {
    runDue();
    if (request.headers.authorization !== `Bearer ${referenceToken}`) return refusal('token', 401);
    const [collection = '', name, ...rest] = request.path.split('/').slice(1).map(decodeURIComponent);
    if (rest.length > 0) return refusal('address', 404);
    const route = `${request.method} ${collection}${name === undefined ? '' : '/:name'}`;
    switch (route) {
      case 'GET account':
        return success({});
      case 'GET people/:name':
        return people.has(name ?? '') ? success({ id: name }) : refusal('unknown', 404);
      case 'POST deletions':
        return createJob(asRecord(request.json())?.ids);
      case 'GET deletions':
        return success({ jobs: jobs.map(({ name: job, ids, createdAtMs }) => ({ job, ids, createdAtMs })) });
      case 'GET deletions/:name':
        return withJob(name, (job) => success({ job: job.name, state: stateOf(job), ids: job.ids }));
      case 'DELETE deletions/:name':
        return withJob(name, cancel);
      default:
        return refusal('address', 404);
    }
  }

  function createJob(ids: unknown): VendorReply {
    if (!Array.isArray(ids) || ids.length === 0 || !ids.every((id) => typeof id === 'string'))
      return refusal('ids', 400);
    if (ids.length > maxIds) return refusal('too-many', 413);
    const name = `job-${jobs.length + 1}`;
    // Sorted, so that a connector has to match results by id.
    const results = [...new Set(ids)].sort().map((id) => ({ id, state: people.has(id) ? 'queued' : 'unknown' }));
    const job: Job = { name, ids, createdAtMs: clock.now(), isCancelled: false, isDone: false };
    return { ...success({ job: name, results }), act: () => jobs.push(job) };
  }

  function cancel(job: Job): VendorReply {
    if (stateOf(job) !== 'waiting') return refusal('too-late', 200);
    const act = () => {
      job.isCancelled = true;
    };
    return { ...success({ job: job.name }), act };
  }

  function withJob(name: string | undefined, answer: (job: Job) => VendorReply): VendorReply {
    const job = jobs.find((known) => known.name === name);
    return job === undefined ? refusal('unknown', 404) : answer(job);
  }

  function stateOf(job: Job): string {
    if (job.isCancelled) return 'cancelled';
    const ageMs = clock.now() - job.createdAtMs;
    return ageMs < hourMs ? 'waiting' : ageMs < 2 * hourMs ? 'running' : 'done';
  }

  function runDue(): void {
    for (const job of jobs) {
      if (job.isDone || stateOf(job) !== 'done') continue;
      job.isDone = true;
      for (const id of job.ids) people.delete(id);
    }
  }

  const server = await createVendorServer({ name: 'reference', clock, handle });
  return {
    ...server,
    clock,
    add: (id) => {
      people.add(id);
    },
    has: (id) => {
      runDue();
      return people.has(id);
    },
  };
}

function success(fields: object): VendorReply {
  return { status: 200, body: { ok: true, ...fields } };
}

function refusal(error: string, status: number): VendorReply {
  return { status, body: { ok: false, error } };
}
