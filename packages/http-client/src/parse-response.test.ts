import { ConnectorError } from '@expunge/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseResponse } from './parse-response.ts';

const schema = z.object({
  results: z.record(z.string(), z.object({ status: z.number() })).optional(),
  open: z.object({ known: z.number().optional() }).catchall(z.number()).optional(),
  list: z.array(z.object({ taskId: z.string() })).nullish(),
  either: z.union([z.object({ left: z.number() }), z.object({ right: z.string() })]).optional(),
  picked: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('a'), size: z.number() }),
      z.object({ kind: z.literal('b') }),
    ])
    .optional(),
});

function read(text: string) {
  return parseResponse({ status: 200, headers: {}, text }, schema, { vendor: 'acme', what: 'the task' });
}

function errorOf(body: unknown): ConnectorError {
  try {
    read(typeof body === 'string' ? body : JSON.stringify(body));
  } catch (error) {
    if (ConnectorError.isInstance(error)) return error;
  }
  throw new Error('the answer was taken');
}

describe('parseResponse', () => {
  it('gives back what the schema reads, and drops the rest', () => {
    expect(read('{"list":[{"taskId":"1","more":2}],"other":3}')).toEqual({ list: [{ taskId: '1' }] });
  });

  it('refuses what is not JSON and what is of another shape', () => {
    for (const body of ['<html>', '{"list":', '', '[]', 'null', '7']) {
      expect(errorOf(body)).toMatchObject({
        code: 'response-unexpected',
        effect: 'in-doubt',
        httpStatus: 200,
        vendor: 'acme',
      });
    }
  });

  it.each<[string, unknown, string]>([
    ['in a list', { list: [{ taskId: 1 }] }, 'list.*.taskId'],
    ['of a list', { list: 'x' }, 'list'],
    ['in a record', { results: { ada: { status: 'x' } } }, 'results.*.status'],
    ['in a union', { either: { left: 'x', right: 1 } }, 'either'],
    ['in a member of a union', { picked: { kind: 'a', size: 'x' } }, 'picked.size'],
  ])('names the key that does not fit %s', (_name, body, key) => {
    expect(errorOf(body).message).toContain(`does not fit at ${key} `);
  });

  it('names the key that does not fit in a long list, without naming it for every entry', () => {
    const list = Array.from({ length: 40_000 }, () => ({}));
    const before = process.cpuUsage();
    expect(errorOf({ list }).message).toContain('does not fit at list.*.taskId ');
    // CPU time of this process, and not a clock.
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(2);
  });

  it('refuses an answer that holds more than is read, unless told that it may', () => {
    const list = Array.from({ length: 100_000 }, (_, task) => ({ taskId: `${task}` }));
    const text = JSON.stringify({ list });
    expect(errorOf(text)).toMatchObject({
      code: 'response-unexpected',
      message: 'The answer to the task holds more than is read of an answer (HTTP 200).',
    });
    const options = { vendor: 'acme', what: 'the task', maxValues: 1_000_000 };
    expect(parseResponse({ status: 200, headers: {}, text }, schema, options).list).toHaveLength(100_000);
  });

  it("never prints a value, or a key of the vendor's data", () => {
    const canary = fc.constantFrom('canary', 'Canary', 'canary_person', '123canary');
    fc.assert(
      fc.property(canary, canary, (key, value) => {
        for (const body of [
          { results: { [key]: value } },
          { open: { [key]: value } },
          { results: { [key]: { status: value } } },
          { list: [{ [key]: value }] },
          { picked: { kind: value } },
          { picked: { [key]: value } },
          value,
        ]) {
          expect(errorOf(body).message.toLowerCase()).not.toContain('canary');
        }
      }),
    );
  });
});
