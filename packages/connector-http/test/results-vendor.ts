import {
  asRecord,
  createVendorServer,
  type SandboxClock,
  type VendorReply,
  type VendorRequest,
} from '@expunge/vendor-sandbox';
import type { HttpOptions } from '../src/http-options.ts';

/** What a results vendor knows people by. */
export type PersonKey = 'ids' | 'mails';

/** A vendor that answers for each person of a batch, in an order of its own: `POST /purge {"ids": [...]}`. */
export async function startResultsVendor(clock: SandboxClock) {
  const people: Record<PersonKey, Set<string>> = { ids: new Set(), mails: new Set() };
  /** `foldsNames`: people are known, and named, in lower case. `namesKnown`: only those whom it knew are named. */
  const settings = { leavesOut: false, adds: false, foldsNames: false, namesKnown: false };

  function handle(request: VendorRequest): VendorReply {
    const body = asRecord(request.json()) ?? {};
    const key = Object.keys(body).find((name) => name === 'ids' || name === 'mails');
    const list: unknown = key === undefined ? undefined : body[key];
    if (request.path !== '/purge' || key === undefined || !Array.isArray(list)) return { status: 400, body: {} };
    const known = people[key];
    const names = list.map(String).map((who) => (settings.foldsNames ? who.toLowerCase() : who));
    const entries = names.map((who) => ({ who, what: known.has(who) ? 'purged' : 'unknown' }));
    const named = settings.namesKnown ? entries.filter(({ what }) => what === 'purged') : entries;
    const told = settings.leavesOut ? named.slice(1) : named.toReversed();
    const others = settings.adds ? [{ who: 'somebody-else', what: 'purged' }] : [];
    return {
      status: 200,
      body: { outcome: [...told, ...others] },
      act: () => {
        for (const who of names) known.delete(who);
      },
    };
  }

  const server = await createVendorServer({ name: 'Results', clock, handle });
  return { ...server, people, settings };
}

/** Its description. */
export function resultsOptions(baseUrl: string) {
  return {
    vendor: 'results',
    operation: 'person',
    title: 'Results deletion',
    reach: 'person',
    erases: ['The person.'],
    leaves: [],
    baseUrl,
    identifiers: [
      { type: 'ids', from: ['user_id'] },
      { type: 'mails', from: ['email'] },
    ],
    completion: { type: 'immediate' },
    repeat: 'harmless',
    limits: { submit: { maxTargets: 5, oneTypePerCall: true } },
    submit: {
      request: { method: 'POST', path: '/purge', json: { '{type}': { $each: '{id}' } } },
      replies: [{ status: 200, body: [{ at: '/outcome', is: 'list' }], means: 'results' }],
      results: [
        {
          at: '/outcome',
          id: '/who',
          replies: [
            { body: [{ at: '/what', equals: 'purged' }], means: 'deleted' },
            { body: [{ at: '/what', equals: 'unknown' }], means: 'absent' },
          ],
        },
      ],
    },
  } satisfies HttpOptions;
}
