import type { VendorReply, VendorRequest } from './kit/vendor-exchange.ts';
import type { PersonState, VendorMemory } from './kit/vendor-memory.ts';
import { createVendorServer, type VendorServer } from './kit/vendor-server.ts';
import { createSegmentLimits } from './segment-limits.ts';
import { externalIdsOf, parseSegmentPerson, type SegmentPerson } from './segment-people.ts';
import { SegmentProfileApi } from './segment-profile-api.ts';
import { SegmentPublicApi } from './segment-public-api.ts';
import { type SegmentRegulation, type SegmentStatus, type SegmentSubjectType, statusAt } from './segment-regulation.ts';
import { defaultSegmentSettings, type SegmentSettings, segmentSandboxCredentials } from './segment-settings.ts';
import { SegmentSpace } from './segment-space.ts';
import { type SegmentRecord, SegmentWorkspace } from './segment-workspace.ts';
import type { VendorOptions } from './vendor-options.ts';

/** A regulation as a test sees it. */
export interface SegmentRegulationState extends SegmentRegulation {
  /** How it stands by the sandbox's clock. */
  readonly status: SegmentStatus;
}

/** A fake Segment: Public API and Profile API of one workspace on one port, and the questions a test asks its memory. */
export interface SegmentSandbox extends VendorServer, VendorMemory {
  readonly credentials: typeof segmentSandboxCredentials;
  /** May be changed at any time, except the limits, which are read once at the start. */
  readonly settings: SegmentSettings;
  /** Stores people: their events, and a profile with their identifiers. */
  seed(people: readonly (string | SegmentPerson)[] | readonly unknown[]): number;
  /** Stores objects of cloud sources, or events of devices whose person is unknown. */
  seedRecords(records: readonly SegmentRecord[]): void;
  /** Whether Segment still stores data that carries this user id; where told, in this source. */
  hasData(userId: string, sourceId?: string): boolean;
  /** Whether Segment still stores data that carries an id of another kind. */
  hasRecords(subjectType: SegmentSubjectType, subjectId: string): boolean;
  /** Whether new data of this user id is dropped. */
  isSuppressed(userId: string): boolean;
  /** Whether an identifier is still on the profile of exactly this user id. */
  hasExternalId(userId: string, type: string, id: string): boolean;
  /** Every regulation ever created, oldest first. */
  regulations(): readonly SegmentRegulationState[];
}

/** What a fake Segment is started with. */
export interface SegmentSandboxOptions extends VendorOptions {
  /** What differs from the default workspace. */
  readonly settings?: Partial<SegmentSettings>;
}

/** Starts a fake Segment (docs/vendors/segment.md). */
export async function startSegmentSandbox(options: SegmentSandboxOptions): Promise<SegmentSandbox> {
  const { clock } = options;
  const settings: SegmentSettings = { ...defaultSegmentSettings(), ...options.settings };
  const workspace = new SegmentWorkspace(settings, clock);
  const space = new SegmentSpace();
  const limits = createSegmentLimits(settings, options);
  const publicApi = new SegmentPublicApi(settings, workspace, limits);
  const profileApi = new SegmentProfileApi(settings, space, limits);

  function remember(person: SegmentPerson): void {
    const sourceId = person.sourceId ?? settings.sources[0]?.id ?? 'src_web';
    const { userId, anonymousId } = person;
    if (person.hasEvents !== false) workspace.store([{ sourceId, userId, anonymousId }]);
    space.addProfile(externalIdsOf(person), clock.now());
  }

  const hasRecords = (subjectType: SegmentSubjectType, subjectId: string) =>
    workspace.recordsOf(subjectType, subjectId).length > 0;

  const stateOf = (id: string): PersonState => ({
    id,
    hasProfile: space.externalIdsOf(id) !== undefined,
    hasEvents: hasRecords('USER_ID', id),
    isSuppressed: workspace.isSuppressed('USER_ID', id),
    externalIds: space.externalIdsOf(id)?.map((externalId) => `${externalId.type}:${externalId.id}`) ?? [],
  });

  const memory: VendorMemory = {
    seed(people) {
      for (const person of people.map(parseSegmentPerson)) remember(person);
      return people.length;
    },
    lookup: (ids) => ids.map(stateOf),
    count: () => ({ profiles: space.size, regulations: workspace.regulations().length }),
  };

  function handle(request: VendorRequest): VendorReply {
    const reply = request.path.startsWith('/v1/spaces/') ? profileApi.handle(request) : publicApi.handle(request);
    // Dates in other headers are read against this one, so it has to be of the same clock.
    return { ...reply, headers: { date: new Date(request.at).toUTCString(), ...reply.headers } };
  }

  const server = await createVendorServer({ ...options, name: 'Segment', handle, memory, routeOf });
  return {
    ...server,
    ...memory,
    credentials: segmentSandboxCredentials,
    settings,
    seedRecords: (records) => workspace.store(records),
    hasData: (userId, sourceId) =>
      workspace.recordsOf('USER_ID', userId).some((record) => sourceId === undefined || record.sourceId === sourceId),
    hasRecords,
    isSuppressed: (userId) => workspace.isSuppressed('USER_ID', userId),
    hasExternalId: (userId, type, id) =>
      space.externalIdsOf(userId)?.some((known) => known.type === type && known.id === id) ?? false,
    regulations: () =>
      workspace.regulations().map((regulation) => ({ ...regulation, status: statusAt(regulation, clock.now()) })),
  };
}

function routeOf(path: string): string {
  return path
    .replace(/\/profiles\/.*(\/external_ids)/, '/profiles/{id}$1')
    .replace(/^\/regulations\/reg_\d+$/, '/regulations/{id}');
}
