import type { HttpRequest } from '@expunge/http-client';
import { z } from 'zod';
import type { AcmeSettings } from './acme-options.ts';
import { unfinished } from './unfinished.ts';

// Every URL, header and field of Acme, as in acme.md. Requests are built as values, so that a test can look at them.

/** Asks Acme to delete these people. */
export function deletePeople(settings: AcmeSettings, ids: readonly string[]): HttpRequest {
  return unfinished(
    'the request that deletes: method, url, headers and body, every id encoded (guide: The vendor’s API)',
    settings,
    ids,
  );
}

/** Asks how a deletion stands. */
export function getDeletion(settings: AcmeSettings, job: string): HttpRequest {
  return unfinished(
    'the request for a deletion’s state; delete this if Acme tells none (guide: The vendor’s API)',
    settings,
    job,
  );
}

/** Reads one person. */
export function getPerson(settings: AcmeSettings, id: string): HttpRequest {
  return unfinished(
    'the request that reads one person; delete this if Acme shows none (guide: The vendor’s API)',
    settings,
    id,
  );
}

/** Reads something harmless, to see whether the credentials work. */
export function getAccess(settings: AcmeSettings): HttpRequest {
  return unfinished(
    'a request that only reads, and is refused with wrong credentials (guide: The vendor’s API)',
    settings,
  );
}

// UNFINISHED: describe the answer of success of each call, only the fields that you read. z.never() lets nothing pass (guide: The vendor’s API).
/** The answer to `deletePeople`. */
export const deletionTakenSchema = z.never();
/** The answer to `getDeletion`. */
export const deletionSchema = z.never();
/** The answer to `getPerson`. */
export const personSchema = z.never();
/** The answer to `getAccess`. */
export const accessSchema = z.never();
