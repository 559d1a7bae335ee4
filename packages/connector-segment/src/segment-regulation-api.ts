import type { HttpRequest } from '@expunge/http-client';
import { z } from 'zod';
import type { SegmentRegulationSettings, SubjectType } from './segment-options.ts';

const hosts = { us: 'https://api.segmentapis.com', eu: 'https://eu1.api.segmentapis.com' } as const;

/** Which subject type a configured connector sends: the chosen one, or what the scope implies. */
export function subjectTypeOf(settings: SegmentRegulationSettings): SubjectType {
  return settings.subjectType ?? (settings.scope.type === 'cloud-source' ? 'OBJECT_ID' : 'USER_ID');
}

/** `POST /regulations`, or its sibling for a source or a cloud source. */
export function buildCreateRegulation(settings: SegmentRegulationSettings, subjectIds: readonly string[]): HttpRequest {
  const { scope } = settings;
  return {
    method: 'POST',
    url: urlOf(settings, createPath(scope)),
    headers: { ...headersOf(settings), 'content-type': 'application/json' },
    body: JSON.stringify({
      regulationType: settings.regulationType,
      subjectType: subjectTypeOf(settings),
      subjectIds,
      ...(scope.type === 'cloud-source' ? { collection: scope.collection } : {}),
    }),
  };
}

/** `GET /regulations/{regulateId}`. */
export function buildGetRegulation(settings: SegmentRegulationSettings, regulateId: string): HttpRequest {
  return get(settings, `/regulations/${encodeURIComponent(regulateId)}`);
}

/** `GET /regulations` or `GET /regulations/sources/{sourceId}`: one page of the last 90 days. */
export function buildListRegulations(settings: SegmentRegulationSettings, page: Page): HttpRequest {
  // The filter by type is left out: Segment's two SDKs encode it differently (docs/vendors/segment.md).
  const path = settings.scope.type === 'source' ? `/regulations/sources/${settings.scope.sourceId}` : '/regulations';
  return get(settings, path, page);
}

/** `GET /suppressions`: one page of whom the workspace suppresses. */
export function buildListSuppressions(settings: SegmentRegulationSettings, page: Page): HttpRequest {
  return get(settings, '/suppressions', page);
}

/** `GET /`: the workspace that the token belongs to. */
export function buildGetWorkspace(settings: SegmentRegulationSettings): HttpRequest {
  return get(settings, '/');
}

/** Which part of a list is wanted. */
export interface Page {
  /** Entries of the page, 1 to 1,000. */
  readonly count: number;
  /** Where the page begins, as the page before said. Opaque. */
  readonly cursor?: string | undefined;
}

function get(settings: SegmentRegulationSettings, path: string, page?: Page): HttpRequest {
  return { method: 'GET', url: urlOf(settings, path) + queryOf(page), headers: headersOf(settings) };
}

function createPath(scope: SegmentRegulationSettings['scope']): string {
  switch (scope.type) {
    case 'workspace':
      return '/regulations';
    case 'source':
      return `/regulations/sources/${scope.sourceId}`;
    case 'cloud-source':
      return `/regulations/cloudsources/${scope.sourceId}`;
  }
}

function queryOf(page: Page | undefined): string {
  if (page === undefined) return '';
  const query = new URLSearchParams({ 'pagination[count]': String(page.count) });
  if (page.cursor !== undefined) query.set('pagination[cursor]', page.cursor);
  return `?${query}`;
}

function urlOf(settings: SegmentRegulationSettings, path: string): string {
  return `${settings.baseUrl ?? hosts[settings.region ?? 'us']}${path}`;
}

function headersOf(settings: SegmentRegulationSettings): Record<string, string> {
  return { authorization: `Bearer ${settings.token}`, accept: 'application/json' };
}

const paginationSchema = z.object({ next: z.string().nullish() }).nullish();

/** A regulation's id. It becomes a part of a path, where dots alone would ask about something else than a regulation. */
export const regulationIdSchema = z
  .string()
  .min(1)
  .max(256)
  .regex(/^(?!\.+$)\P{Cc}+$/u, 'is no id');

/** The answer to all three create calls. */
export const createdSchema = z.object({ data: z.object({ regulateId: regulationIdSchema }) });

/** One regulation, with how every destination of every source stands. */
export const regulationSchema = z.object({
  data: z.object({
    regulation: z.object({
      id: z.string(),
      overallStatus: z.string(),
      finishedAt: z.string().nullish(),
      streamStatus: z
        .array(
          z.object({
            id: z.string(),
            destinationStatus: z.array(z.object({ name: z.string(), id: z.string(), status: z.string() })).nullish(),
          }),
        )
        .nullish(),
    }),
  }),
});

/** A regulation as `GET /regulations/{regulateId}` tells it. */
export type Regulation = z.infer<typeof regulationSchema>['data']['regulation'];

/** A page of regulations. The list of a source has no `pagination`. */
export const regulationListSchema = z.object({
  data: z.object({
    regulations: z.array(
      z.object({
        id: regulationIdSchema,
        subjectType: z.string(),
        subjects: z.array(z.string()),
        createdAt: z.string().refine((time) => !Number.isNaN(Date.parse(time)), 'is no time'),
        regulationType: z.string(),
        status: z.string().nullish(),
      }),
    ),
    pagination: paginationSchema,
  }),
});

/** A regulation as lists tell it. */
export type ListedRegulation = z.infer<typeof regulationListSchema>['data']['regulations'][number];

/** A page of suppressed subjects. */
export const suppressionListSchema = z.object({
  data: z.object({
    suppressed: z.array(z.object({ subjectType: z.string(), subjectIds: z.array(z.string()) })),
    pagination: paginationSchema,
  }),
});

/** Any success: only its envelope. */
export const anyDataSchema = z.object({ data: z.record(z.string(), z.unknown()) });
