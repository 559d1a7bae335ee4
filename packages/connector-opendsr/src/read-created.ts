import type { SubmitOutcome } from '@expunge/core';
import { type HttpResponse, parseResponse, readJson } from '@expunge/http-client';
import { z } from 'zod';
import { createdSchema, type NewRequest } from './opendsr-api.ts';
import { vendor } from './opendsr-call.ts';
import { contradiction } from './opendsr-error.ts';
import { expectSameRequest } from './opendsr-exchange.ts';
import type { WireIdentity } from './opendsr-identities.ts';

const dateTimeSchema = z.iso.datetime({ offset: true });

const echoSchema = z.object({
  subject_identities: z.union([
    z.array(z.object({ identity_type: z.string(), identity_value: z.string() })),
    z
      .record(z.string(), z.object({ value: z.string() }))
      .transform((byType) =>
        Object.entries(byType).map(([identity_type, { value }]) => ({ identity_type, identity_value: value })),
      ),
  ]),
});

/**
 * Reads the answer to a new request, after it was verified: it has to be about this request and these identities.
 *
 * @throws ConnectorError `answer-contradictory` where it is about others.
 */
export function readCreated(response: HttpResponse, request: NewRequest): SubmitOutcome {
  const created = parseResponse(response, createdSchema, { vendor, what: 'the new request' });
  expectSameRequest(created.subject_request_id, { id: request.id, what: 'the new request' });
  const echoed = readEcho(created.encoded_request ?? '');
  if (echoed !== undefined && !isSameSet(echoed, request.identities)) {
    throw contradiction('The processor says that it was asked to erase other identities than it was.');
  }
  // Some processors write times without a zone: which moment is meant is open then, and the forecast does without it.
  const expectedBy = dateTimeSchema.safeParse(created.expected_completion_time).data;
  const receipt = { subjectRequestId: request.id };
  return { type: 'accepted', receipt, ...(expectedBy === undefined ? {} : { expectedBy }) };
}

/** The identities in `encoded_request`. Undefined where it can't be read: what it looks like is not sure for every processor. */
function readEcho(encoded: string): readonly Pick<WireIdentity, 'identity_type' | 'identity_value'>[] | undefined {
  return echoSchema.safeParse(readJson(Buffer.from(encoded, 'base64').toString('utf8'))).data?.subject_identities;
}

function isSameSet(
  echoed: readonly Pick<WireIdentity, 'identity_type' | 'identity_value'>[],
  sent: readonly WireIdentity[],
): boolean {
  const texts = (identities: typeof echoed) =>
    new Set(identities.map(({ identity_type, identity_value }) => JSON.stringify([identity_type, identity_value])));
  const [theirs, ours] = [texts(echoed), texts(sent)];
  return theirs.size === ours.size && [...ours].every((text) => theirs.has(text));
}
