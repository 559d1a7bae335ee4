import type { VendorReply, VendorRequest } from './kit/vendor-exchange.ts';
import type { SegmentLimits } from './segment-limits.ts';
import { readSegmentOrder, type SegmentScope } from './segment-order.ts';
import { pageOf } from './segment-page.ts';
import { type SegmentOrder, statusAt } from './segment-regulation.ts';
import {
  dataReply,
  errorReply,
  refusal,
  regulationDetail,
  regulationSummary,
  tooManyRequests,
} from './segment-replies.ts';
import { type SegmentSettings, type SegmentSource, segmentSandboxCredentials } from './segment-settings.ts';
import type { SegmentWorkspace } from './segment-workspace.ts';

const maxSubjects = 5000;
const maxBodyBytes = 4_000_000;
const keptMs = 90 * 86_400_000;
const mediaType = /^application\/(json|vnd\.segment\.v1(alpha|beta)?\+json)\b/;

/** The Public API as far as deletion and suppression go. */
export class SegmentPublicApi {
  private readonly settings: SegmentSettings;
  private readonly workspace: SegmentWorkspace;
  private readonly limits: SegmentLimits;

  constructor(settings: SegmentSettings, workspace: SegmentWorkspace, limits: SegmentLimits) {
    this.settings = settings;
    this.workspace = workspace;
    this.limits = limits;
  }

  /** Answers one call. */
  handle(request: VendorRequest): VendorReply {
    if (request.headers.authorization !== `Bearer ${segmentSandboxCredentials.publicApiToken}`) {
      return refusal(401, 'unauthorized', 'Unauthorized');
    }
    const [collection, ...rest] = request.path.split('/').slice(1).map(decoded);
    const route = `${request.method} ${collection ?? ''}/${rest.length}`;
    if (route === 'POST regulations/0') return this.create(request, 'workspace');
    if (route === 'POST regulations/2' && rest[0] === 'sources') return this.create(request, 'source', rest[1]);
    if (route === 'POST regulations/2' && rest[0] === 'cloudsources') {
      return this.create(request, 'cloud-source', rest[1]);
    }
    return this.limited() ?? this.read(request, route, rest);
  }

  private read(request: VendorRequest, route: string, [first, second]: readonly string[]): VendorReply {
    if (route === 'GET /0') {
      return dataReply({ workspace: { id: this.settings.workspaceId, name: 'Sandbox', slug: 'sandbox' } });
    }
    if (route === 'GET suppressions/0') return this.listSuppressions(request);
    if (route === 'GET regulations/0') return this.listRegulations(request, undefined);
    if (route === 'GET regulations/1') return this.getRegulation(first ?? '', request.at);
    if (route === 'GET regulations/2' && first === 'sources') {
      return this.hasSource(second) ? this.listRegulations(request, second) : notFound;
    }
    return notFound;
  }

  private create(request: VendorRequest, scope: SegmentScope, sourceId?: string): VendorReply {
    if (scope !== 'workspace' && !this.hasSource(sourceId, scope === 'source' ? 'event' : 'cloud')) return notFound;
    const { settings, limits, workspace } = this;
    const isTyped = mediaType.test(request.headers['content-type'] ?? '');
    if (!isTyped) return refusal(415, 'unsupported-media-type', 'The content type is not supported');
    if (Buffer.byteLength(request.body) > maxBodyBytes) return tooLarge;
    const checked = readSegmentOrder(request.json(), scope, settings.archiveDeletionEnabled);
    const order = 'order' in checked ? { ...checked.order, sourceId } : undefined;
    const waitMs = limits.creates.take(scope);
    const consumed = limits.creates.used(scope);
    if (waitMs > 0) return tooManyRequests(waitMs, consumed, order && this.quotaHeaders(order, consumed, request.at));
    if ('errors' in checked || order === undefined) return errorReply(422, 'errors' in checked ? checked.errors : []);
    if (order.subjectIds.length > maxSubjects) return tooLarge;
    if (settings.sameSubjects === 'conflict-409' && this.isInOpenRegulation(order, request.at)) return conflict;
    const used = workspace.usedSubjects(order);
    if (used + order.subjectIds.length > limits.subjectsPerMonth) {
      const headers = { ...this.quotaHeaders(order, consumed, request.at), 'x-ratelimit-remaining': '0' };
      return tooManyRequests(monthEnd(request.at) - request.at, consumed, headers);
    }
    return {
      ...dataReply(
        { regulateId: workspace.nextRegulationId() },
        this.quotaHeaders(order, consumed, request.at, order.subjectIds.length),
      ),
      act: () => workspace.create(order),
    };
  }

  private isInOpenRegulation({ regulationType, subjectIds }: SegmentOrder, nowMs: number): boolean {
    const open = this.knownRegulations(nowMs).filter((regulation) => nowMs < regulation.endsAtMs);
    return open.some(
      (regulation) =>
        regulation.regulationType === regulationType &&
        regulation.subjectIds.some((subjectId) => subjectIds.includes(subjectId)),
    );
  }

  private getRegulation(id: string, nowMs: number): VendorReply {
    const regulation = this.knownRegulations(nowMs).find((known) => known.id === id);
    if (regulation === undefined) return notFound;
    return dataReply({ regulation: regulationDetail(regulation, this.settings.workspaceId, nowMs) });
  }

  private listRegulations({ query, at }: VendorRequest, sourceId: string | undefined): VendorReply {
    // Which encoding the server wants for this filter is not known; refusing it keeps clients from leaning on one.
    if ([...query.keys()].some((name) => name.startsWith('regulationTypes'))) {
      return errorReply(422, [
        { type: 'input-validation', message: '"regulationTypes" is not valid', field: 'regulationTypes' },
      ]);
    }
    const status = query.get('status');
    const matching = this.knownRegulations(at).filter(
      (regulation) => regulation.sourceId === sourceId && (status === null || statusAt(regulation, at) === status),
    );
    const page = pageOf(matching, query);
    if ('errors' in page) return errorReply(422, page.errors);
    const regulations = page.items.map((regulation) => regulationSummary(regulation, at));
    // The list of a source carries no pagination object (docs/vendors/segment.md).
    return dataReply(sourceId === undefined ? { regulations, pagination: page.pagination } : { regulations });
  }

  private listSuppressions({ query }: VendorRequest): VendorReply {
    const page = pageOf(this.workspace.suppressions(), query);
    if ('errors' in page) return errorReply(422, page.errors);
    const suppressed = page.items.map(({ subjectType, subjectId }) => ({ subjectType, subjectIds: [subjectId] }));
    return dataReply({ suppressed, pagination: page.pagination });
  }

  private knownRegulations(nowMs: number) {
    return this.workspace.regulations().filter(({ createdAtMs }) => nowMs - createdAtMs < keptMs);
  }

  private hasSource(sourceId: string | undefined, kind?: SegmentSource['kind']): boolean {
    return this.settings.sources.some(
      (source) => source.id === sourceId && (kind === undefined || source.kind === kind),
    );
  }

  private limited(): VendorReply | undefined {
    const waitMs = this.limits.otherCalls.take('all');
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `${Math.ceil(waitMs / 1000)}` };
    return waitMs === 0 ? undefined : tooManyRequests(waitMs, this.limits.otherCalls.used('all'), headers);
  }

  /** On create calls, remaining and reset speak of the monthly quota, and reset is a date. */
  private quotaHeaders(order: SegmentOrder, consumed: number, nowMs: number, taken = 0): Record<string, string> {
    const left = this.limits.subjectsPerMonth - this.workspace.usedSubjects(order) - taken;
    return {
      'x-ratelimit-consumed': `${consumed}`,
      'x-ratelimit-remaining': `${Number.isFinite(left) ? left : this.settings.subjectsPerMonth}`,
      'x-ratelimit-reset': new Date(monthEnd(nowMs)).toUTCString(),
    };
  }
}

const notFound = refusal(404, 'not-found', 'Not found');
const conflict = refusal(409, 'conflict', 'There is an open regulation');
const tooLarge = refusal(413, 'payload-too-large', 'The payload is too large');

function monthEnd(nowMs: number): number {
  const now = new Date(nowMs);
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1) - 1000;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
