import { fitsJson, type ReplyRule } from './match-reply.ts';

/** What gateways, proxies and web frameworks answer at an address that they do not know. */
const gatewayBodies: readonly unknown[] = [
  {},
  [],
  null,
  '',
  'Not Found',
  'not found',
  '404 page not found',
  'default backend - 404',
  { message: 'Not Found' },
  { message: 'not found' },
  { error: 'Not Found' },
  { error: 'not_found' },
  { detail: 'Not Found' },
  { message: 'no Route matched with those values' },
  { statusCode: 404, message: 'Cannot GET /', error: 'Not Found' },
  { statusCode: 404, message: 'Resource not found' },
  { timestamp: '2026-01-05T10:00:00Z', status: 404, error: 'Not Found', path: '/' },
  { code: 404, message: 'Not Found' },
  { code: 404, error: 'Not Found' },
  { error: { code: 404, message: 'Not Found', status: 'NOT_FOUND' } },
  { errors: [{ status: 404, message: 'Not Found' }] },
];

/**
 * Whether a rule takes an answer for "not there" that a wrong address gives too: a 4xx without a body, or with one that any
 * gateway sends. Such an answer means something only from the vendor's own service.
 */
export function isBareAbsence({ status, body, means }: ReplyRule & { readonly means: string }): boolean {
  if ((means !== 'absent' && means !== 'lost') || [status].flat().every((each) => each < 400)) return false;
  return body === 'empty' || body === 'any' || gatewayBodies.some((answer) => fitsJson(answer, body, new Map()));
}
