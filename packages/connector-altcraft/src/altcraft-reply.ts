import { type HttpResponse, readJson } from '@expunge/http-client';
import { z } from 'zod';
import { readXml } from './altcraft-xml.ts';

/** Altcraft's envelope, in which every answer comes, refusals too. */
export interface AltcraftReply {
  /** 0: done. Anything else: refused. */
  readonly error: number;
  /** What was asked for. */
  readonly data: unknown;
  /** How many there are in all, in a list. */
  readonly totalCount: number | undefined;
}

const jsonSchema = z.object({
  error: z.number().int(),
  data: z.unknown().optional(),
  total_count: z.number().nullish(),
});

// In XML every number is text.
const numberText = z
  .string()
  .regex(/^-?\d{1,9}$/)
  .transform(Number);
const xmlSchema = z.object({
  error: numberText,
  data: z.unknown().optional(),
  total_count: numberText.nullish(),
});

/**
 * Reads the envelope, in whichever of Altcraft's two forms it came.
 *
 * @returns undefined where the answer is something else: a proxy's web page, half an answer.
 */
export function readReply(response: HttpResponse): AltcraftReply | undefined {
  const isXml = response.text.trimStart().startsWith('<');
  const reply = isXml ? xmlSchema.safeParse(readXml(response.text)) : jsonSchema.safeParse(readJson(response.text));
  if (!reply.success) return undefined;
  const { error, data, total_count } = reply.data;
  return { error, data, totalCount: total_count ?? undefined };
}
