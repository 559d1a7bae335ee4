import type { BatchLimit, ConnectorCapabilities, ReadBack } from '@expunge/core';
import { buildRequest, scopeOf } from './http-api.ts';
import type { HttpSettings } from './http-options.ts';

/** What the vendor's deletion does, leaves behind and is limited to, as its description says. */
export function httpCapabilities(settings: HttpSettings): ConnectorCapabilities {
  const { title, reach, erases, leaves, completion, repeat, credentialsExpireAt, limits, verify } = settings;
  const { rates, inFlight, targetsPerMonth } = limits;
  return {
    title,
    reach,
    erases,
    leaves,
    identifiers: settings.identifiers.map(({ type, from }) => ({ type, from })),
    completion,
    repeat,
    ...(verify === undefined ? {} : { readBack: readBackOf(settings, verify) }),
    ...(credentialsExpireAt === undefined ? {} : { credentialsExpireAt }),
    limits: {
      submit: submitLimit(settings),
      ...(verify === undefined ? {} : { verify: { maxTargets: 1 } }),
      rates,
      inFlight,
      ...(targetsPerMonth === undefined ? {} : { targetsPerMonth }),
    },
  };
}

function readBackOf(
  { reach, identifiers }: HttpSettings,
  { afterMs, covers }: NonNullable<HttpSettings['verify']>,
): ReadBack {
  return {
    covers: covers ?? (reach === 'identifier' ? 'identifier' : 'profile'),
    identifiers: identifiers.map(({ type }) => type),
    afterMs,
  };
}

function submitLimit(settings: HttpSettings): BatchLimit {
  const { maxTargets, maxBytes, oneTypePerCall } = settings.limits.submit;
  const limit = { maxTargets, ...(oneTypePerCall ? { oneTypePerCall } : {}) };
  if (maxBytes === undefined) return limit;
  // Measured on bodies for one and for two targets whose ids are one letter long, which JSON writes in three bytes.
  const one = bodyBytes(settings, 1);
  const bytesPerTarget = maxTargets === 1 ? 0 : Math.max(0, bodyBytes(settings, 2) - one - 3);
  return { ...limit, maxBytes, bytesPerCall: Math.max(0, one - bytesPerTarget - 3), bytesPerTarget };
}

function bodyBytes(settings: HttpSettings, count: number): number {
  const types = settings.identifiers.map(({ type }) => type).sort((one, other) => other.length - one.length);
  const target = { type: types[0] ?? '', value: '1' };
  const targets = Array.from({ length: count }, () => target);
  return Buffer.byteLength(buildRequest(settings.submit.request, settings, scopeOf(settings), targets)?.body ?? '');
}
