import { createLazySchedule, type LazySchedule } from './kit/lazy-schedule.ts';
import type { SandboxClock } from './kit/sandbox-clock.ts';
import {
  deletesAtEnding,
  deletesData,
  naturalEnding,
  quotaCategory,
  type SegmentOrder,
  type SegmentRegulation,
  type SegmentSubjectType,
  suppresses,
} from './segment-regulation.ts';
import type { SegmentSettings } from './segment-settings.ts';

/** One piece of data that Segment stores: an event, or an object of a cloud source. */
export interface SegmentRecord {
  readonly sourceId: string;
  readonly userId?: string | undefined;
  readonly anonymousId?: string | undefined;
  readonly objectId?: string | undefined;
  readonly collection?: string | undefined;
}

/** One subject whose new data is dropped. */
export interface SegmentSuppression {
  readonly subjectType: SegmentSubjectType;
  readonly subjectId: string;
  /** Left out: in the whole workspace. */
  readonly sourceId?: string | undefined;
}

/** The fake's memory of stored data, regulations, suppressions and quota. What is due is done whenever it is looked at. */
export class SegmentWorkspace {
  private readonly recordsById = new Map<string, Set<SegmentRecord>>();
  private readonly suppressionsByKey = new Map<string, SegmentSuppression>();
  private readonly created: SegmentRegulation[] = [];
  private readonly schedule: LazySchedule;
  private readonly used = new Map<string, number>();
  private readonly settings: SegmentSettings;
  private readonly clock: SandboxClock;

  constructor(settings: SegmentSettings, clock: SandboxClock) {
    this.settings = settings;
    this.clock = clock;
    this.schedule = createLazySchedule(clock);
  }

  /** Stores data. */
  store(records: readonly SegmentRecord[]): void {
    this.schedule.runDue();
    for (const record of records) {
      for (const key of keysOf(record)) {
        const known = this.recordsById.get(key) ?? new Set();
        this.recordsById.set(key, known.add(record));
      }
    }
  }

  /** The data that carries an id. */
  recordsOf(subjectType: SegmentSubjectType, subjectId: string): readonly SegmentRecord[] {
    this.schedule.runDue();
    return [...(this.recordsById.get(`${subjectType} ${subjectId}`) ?? [])];
  }

  /** Everybody whose new data is dropped, oldest first. */
  suppressions(): readonly SegmentSuppression[] {
    this.schedule.runDue();
    return [...this.suppressionsByKey.values()];
  }

  /** Whether new data of a subject is dropped, in the whole workspace or in some source. */
  isSuppressed(subjectType: SegmentSubjectType, subjectId: string): boolean {
    this.schedule.runDue();
    const sourceIds = [undefined, ...this.settings.sources.map(({ id }) => id)];
    return sourceIds.some((sourceId) =>
      this.suppressionsByKey.has(suppressionKey({ subjectType, subjectId, sourceId })),
    );
  }

  /** Every regulation ever created, oldest first. */
  regulations(): readonly SegmentRegulation[] {
    this.schedule.runDue();
    return this.created;
  }

  /** Subjects used in the month of the clock, in the quota category of the regulation type. */
  usedSubjects(order: SegmentOrder): number {
    return this.used.get(this.quotaKey(order)) ?? 0;
  }

  /** The id that the next regulation will get. */
  nextRegulationId(): string {
    return `reg_${this.created.length + 1}`;
  }

  /** Creates a regulation. No de-duplication: the same order twice makes two and uses quota twice. */
  create(order: SegmentOrder): SegmentRegulation {
    this.schedule.runDue();
    const { settings } = this;
    const nowMs = this.clock.now();
    const sources = settings.sources.filter(({ id }) => order.sourceId === undefined || id === order.sourceId);
    const endsAfterMs = deletesData(order.regulationType) ? settings.finishesAfterMs : settings.suppressesAfterMs;
    const regulation: SegmentRegulation = {
      ...order,
      id: this.nextRegulationId(),
      createdAtMs: nowMs,
      runsAtMs: nowMs + Math.min(settings.beginsAfterMs, endsAfterMs),
      endsAtMs: nowMs + endsAfterMs,
      sources,
      ending: settings.ending ?? naturalEnding(order.regulationType, sources),
    };
    this.created.push(regulation);
    this.used.set(this.quotaKey(order), this.usedSubjects(order) + order.subjectIds.length);
    this.plan(regulation);
    return regulation;
  }

  private plan(regulation: SegmentRegulation): void {
    const { regulationType: type, ending, createdAtMs, endsAtMs } = regulation;
    if (ending.status === 'INVALID' || ending.status === 'NOT_SUPPORTED') return;
    const suppressedAtMs = Math.min(createdAtMs + this.settings.suppressesAfterMs, endsAtMs);
    if (suppresses(type)) this.schedule.plan(suppressedAtMs, () => this.suppress(regulation));
    if (type === 'UNSUPPRESS') this.schedule.plan(endsAtMs, () => this.unsuppress(regulation));
    if (deletesData(type) && deletesAtEnding(ending)) {
      this.schedule.plan(endsAtMs, () => this.erase(regulation));
    }
  }

  private erase({ subjectType, subjectIds, sourceId, collection }: SegmentRegulation): void {
    for (const subjectId of subjectIds) {
      for (const record of this.recordsById.get(`${subjectType} ${subjectId}`) ?? []) {
        const isMeant =
          (sourceId === undefined || record.sourceId === sourceId) &&
          (collection === undefined || record.collection === collection);
        if (isMeant) this.forget(record);
      }
    }
  }

  private quotaKey({ regulationType }: SegmentOrder): string {
    return `${new Date(this.clock.now()).toISOString().slice(0, 7)} ${quotaCategory(regulationType)}`;
  }

  private forget(record: SegmentRecord): void {
    for (const key of keysOf(record)) this.recordsById.get(key)?.delete(record);
  }

  private suppress({ subjectType, subjectIds, sourceId }: SegmentRegulation): void {
    for (const subjectId of subjectIds) {
      const suppression: SegmentSuppression = { subjectType, subjectId, sourceId };
      this.suppressionsByKey.set(suppressionKey(suppression), suppression);
    }
  }

  private unsuppress(regulation: SegmentRegulation): void {
    const { subjectType, subjectIds, sourceId } = regulation;
    const keyAt = (where: string | undefined, subjectId: string) =>
      suppressionKey({ subjectType, subjectId, sourceId: where });
    // A source cannot end what the workspace has ordered (docs/vendors/segment.md).
    if (sourceId !== undefined && subjectIds.some((id) => this.suppressionsByKey.has(keyAt(undefined, id)))) {
      regulation.ending = { status: 'FAILED', segmentDeleted: false };
      return;
    }
    const everywhere = [undefined, ...this.settings.sources.map(({ id }) => id)];
    for (const where of sourceId === undefined ? everywhere : [sourceId]) {
      for (const subjectId of subjectIds) this.suppressionsByKey.delete(keyAt(where, subjectId));
    }
  }
}

function keysOf({ userId, anonymousId, objectId }: SegmentRecord): string[] {
  return [
    ...(userId === undefined ? [] : [`USER_ID ${userId}`]),
    ...(anonymousId === undefined ? [] : [`ANONYMOUS_ID ${anonymousId}`]),
    ...(objectId === undefined ? [] : [`OBJECT_ID ${objectId}`]),
  ];
}

function suppressionKey({ subjectType, subjectId, sourceId }: SegmentSuppression): string {
  return JSON.stringify([subjectType, subjectId, sourceId ?? '']);
}
