import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { OptionsError, parseOptions } from './options-error.ts';

const optionsSchema = z.discriminatedUnion('api', [
  z.strictObject({
    api: z.literal('task'),
    token: z.string().min(8).max(64),
    region: z.enum(['us', 'eu']),
    baseUrl: z.url().optional(),
    expiresAt: z.iso.datetime().optional(),
    retries: z.number().int().min(0).max(9).optional(),
    field: z.union([z.strictObject({ name: z.string(), kind: z.enum(['text', 'number']) }), z.string()]).optional(),
    id: z.union([z.string(), z.number()]).optional(),
    size: z
      .union([z.literal('small'), z.array(z.number())], { error: 'must be small, or a list of numbers' })
      .optional(),
    limits: z.strictObject({ maxTargets: z.number().optional() }).optional(),
    hosts: z.array(z.strictObject({ name: z.string() })).optional(),
    tags: z.record(z.string().regex(/^[a-z]+$/), z.number()).optional(),
  }),
  z.strictObject({ api: z.literal('profile') }),
]);

const good = { api: 'task', token: 'test-token', region: 'eu' };

function errorOf(options: unknown): OptionsError {
  try {
    parseOptions('connector-acme', optionsSchema, options);
  } catch (error) {
    if (OptionsError.isInstance(error)) return error;
  }
  throw new Error('the options were taken');
}

function pathsOf(options: unknown): string[] {
  return errorOf(options).issues.map((issue) => issue.path.join('.'));
}

describe('parseOptions', () => {
  it('gives back checked options', () => {
    expect(parseOptions('connector-acme', optionsSchema, good)).toEqual(good);
  });

  it.each<[string, unknown, string[]]>([
    ['a misspelt key', { ...good, regoin: 'eu' }, ['regoin']],
    ['a misspelt key deep down', { ...good, limits: { maxTragets: 1 } }, ['limits.maxTragets']],
    ['a key in a list', { ...good, hosts: [{ name: 'a' }, { nmae: 'b' }] }, ['hosts.1.name', 'hosts.1.nmae']],
    [
      'a key of a union that was meant',
      { ...good, field: { name: 'a', kind: 'date', x: 1 } },
      ['field.kind', 'field.x'],
    ],
    ['a union of which none was meant', { ...good, id: true }, ['id']],
    ['several keys at once', { api: 'task', token: 'short', region: 'mars', extra: 1 }, ['token', 'region', 'extra']],
    ['no choice of api', {}, ['api']],
    ['no object', 'nonsense', ['']],
    ['nothing', undefined, ['']],
  ])('names %s', (_name, options, paths) => {
    expect(pathsOf(options)).toEqual(paths);
    for (const path of paths) expect(errorOf(options).message).toContain(path);
  });

  it('says which connector and what to do', () => {
    const { message } = errorOf({ ...good, regoin: 'eu' });
    expect(message).toBe('Wrong options for connector-acme: regoin: is not an option; check the spelling');
    expect(errorOf({ api: 'other' }).message).toContain("'task' | 'profile'");
  });

  it('says which forms there are, where the schema does', () => {
    expect(errorOf({ ...good, size: 'big' }).message).toContain('size: must be small, or a list of numbers');
    expect(errorOf({ ...good, size: true }).message).toContain('size: must be small, or a list of numbers');
    expect(pathsOf({ ...good, size: ['x'] })).toEqual(['size.0']);
    expect(errorOf({ ...good, id: true }).message).toContain('id: has none of the forms');
  });

  it('says why a name in a map is none', () => {
    expect(errorOf({ ...good, tags: { A: 1 } }).message).toContain('tags.A: Invalid string: must match pattern');
  });

  it.each<[string, unknown, string]>([
    ['a key', { api: 'task', region: 'eu' }, 'token: is missing'],
    ['a key with a list of words', { api: 'task', token: 'test-token' }, "region: is missing; it must be 'us' | 'eu'"],
    ['the choice of api', {}, "api: is missing; it must be 'task' | 'profile'"],
    ['a key deep down', { ...good, hosts: [{}] }, 'hosts.0.name: is missing'],
    [
      'keys of a form that was meant',
      { ...good, field: {} },
      "field.name: is missing; field.kind: is missing; it must be 'text' | 'number'",
    ],
    ['everything', undefined, 'there are none'],
  ])('says that %s is missing', (_name, options, message) => {
    expect(errorOf(options).message).toBe(`Wrong options for connector-acme: ${message}`);
  });

  it('does not call missing what has the wrong type', () => {
    expect(errorOf({ ...good, token: null }).message).toContain('expected string, received null');
  });

  it('never says a value: it may be a secret', () => {
    const canary = fc.constantFrom('canary', 'canary with space', 'canary://x', 'canarycanary'.repeat(20));
    const values = fc.record({
      api: fc.constantFrom('task', 'profile', 'canary'),
      token: fc.oneof(canary, fc.constant(['canary'])),
      region: canary,
      baseUrl: canary,
      expiresAt: canary,
      retries: fc.oneof(canary, fc.constant(77_777)),
      field: fc.oneof(canary, fc.record({ name: fc.constant(1), kind: canary })),
      id: fc.constant({ canary: 'canary' }),
      limits: canary,
      hosts: fc.array(canary, { minLength: 1 }),
    });
    fc.assert(
      fc.property(values, (options) => {
        const error = errorOf(options);
        expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/canary|77777/);
        expect(error.cause).toBeUndefined();
      }),
    );
  });
});

describe('OptionsError', () => {
  it('is recognised across two installed copies of this package', async () => {
    const otherCopy: typeof import('./options-error.ts') = await import(
      /* @vite-ignore */ `./options-error.ts?${'copy'}`
    );
    expect(otherCopy.OptionsError).not.toBe(OptionsError);
    expect(OptionsError.isInstance(new otherCopy.OptionsError('connector-acme', []))).toBe(true);
    for (const other of [new Error('x'), undefined, null, 'OptionsError', { name: 'OptionsError' }]) {
      expect(OptionsError.isInstance(other)).toBe(false);
    }
  });
});
