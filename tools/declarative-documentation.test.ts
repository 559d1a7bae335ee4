import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../apps/runner/src/config/read-config.ts';
import { parseHttpOptions } from '../packages/connector-http/src/http-options.ts';
import { formOptions } from '../packages/connector-http/test/form-vendor.ts';
import { jobsOptions } from '../packages/connector-http/test/jobs-vendor.ts';
import { resultsOptions } from '../packages/connector-http/test/results-vendor.ts';
import { wordsOptions } from '../packages/connector-http/test/words-vendor.ts';

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs/declarative-connector.md'), 'utf8');
const schema: unknown = JSON.parse(
  readFileSync(join(root, 'packages/connector-http/http-options.schema.json'), 'utf8'),
);

describe('the page about vendors without code', () => {
  const blocks = [...page.matchAll(/\[([^\]]+\.yaml)\]\([^)]+\):\n\n```yaml\n([^`]*)```/g)];

  it('begins with a configuration that works', () => {
    expect(blocks[0]?.[1]).toBe('examples/vendor-without-code/expunge.config.yaml');
    expect(page.match(/```yaml/g)).toHaveLength(blocks.length);
  });

  it.each(blocks.map(([, path = '', text]) => [path, text]))('shows %s as it is', (path = '', text) => {
    expect(text).toBe(readFileSync(join(root, path), 'utf8'));
  });

  it('names every key of the schema in its tables, and no other', () => {
    const section = page.slice(page.indexOf('## Every key'), page.indexOf('## Traps'));
    const documented = [...section.matchAll(/^\| `([\w.[\]$]+)` \|/gm)].map(([, key]) => key);
    const calls = ['submit', 'check', 'verify', 'cancel', 'access'];
    const keys = leavesOf([...new Set(keysOf(schema).map(documentedAs))]);
    expect(documented.filter((key) => !calls.includes(key ?? '')).toSorted()).toEqual(keys.toSorted());
    expect(new Set(documented).size).toBe(documented.length);
  });

  it('names every word of the schema', () => {
    for (const word of wordsOf(schema)) expect(page, word).toMatch(new RegExp(`\`${word}\``));
  });
});

describe('the shapes that the page shows', () => {
  // The fixtures are what the conformance suite runs against fake vendors.
  it.each([
    ['described-jobs', { ...jobsOptions('http://127.0.0.1:1'), values: { apiKey: { env: 'JOBS_API_KEY' } } }],
    [
      'described-words',
      { ...wordsOptions('http://127.0.0.1:1'), auth: { type: 'bearer', token: { env: 'WORDS_TOKEN' } } },
    ],
    ['described-results', resultsOptions('http://127.0.0.1:1')],
    [
      'described-forms',
      {
        ...formOptions('http://127.0.0.1:1'),
        auth: { type: 'basic', username: 'tester', password: { env: 'FORM_PASSWORD' } },
      },
    ],
  ])('%s is what was held to the suite', async (name, { baseUrl: _baseUrl, ...expected }) => {
    const { hosts, ...options } = await optionsIn(`docs/examples/${name}.yaml`);
    expect(options).toEqual(expected);
    const secret = { values: { apiKey: 'x' }, auth: { type: 'bearer', token: 'x' } };
    expect(() => parseHttpOptions({ ...options, hosts, ...secret })).not.toThrow();
  });
});

async function optionsIn(path: string): Promise<Record<string, unknown>> {
  const { value } = await readConfig(join(root, path));
  const { connectors } = value as { connectors: Record<string, { options: Record<string, unknown> }> };
  return Object.values(connectors)[0]?.options ?? {};
}

/** The keys of a JSON schema, with the keys above them. */
function keysOf(node: unknown, path = '', seen: readonly string[] = []): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const { $ref, properties, items, additionalProperties, ...rest } = node as Record<string, unknown>;
  if (typeof $ref === 'string') {
    return seen.includes($ref) ? [] : keysOf(definition($ref), path, [...seen, $ref]);
  }
  const own = Object.entries(properties ?? {}).flatMap(([key, inner]) => {
    const at = path === '' ? key : `${path}.${key}`;
    return [at, ...keysOf(inner, at, seen)];
  });
  const others = ['anyOf', 'oneOf', 'allOf'].flatMap((name) =>
    Array.isArray(rest[name]) ? (rest[name] as unknown[]) : [],
  );
  return [
    ...own,
    ...keysOf(items, `${path}[]`, seen),
    ...keysOf(additionalProperties, path, seen),
    ...others.flatMap((inner) => keysOf(inner, path, seen)),
  ];
}

/** A key as the page calls it: what several calls have in common stands there once. */
function documentedAs(key: string): string {
  return key
    .replace(/^\w+\.request\./, 'request.')
    .replace(/^.*\.body\[\]\./, 'condition.')
    .replace(/^.*replies\[\]\./, 'reply.');
}

/** Without the keys that only hold others; a text or a list of one's own may hold others and stand for itself. */
function leavesOf(keys: readonly string[]): string[] {
  const forThemselves = ['check.status.words', 'request.query', 'request.form'];
  return keys.filter(
    (key) =>
      forThemselves.includes(key) || !keys.some((other) => other.startsWith(`${key}.`) || other.startsWith(`${key}[]`)),
  );
}

function wordsOf(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const { enum: words, const: word, ...rest } = node as Record<string, unknown>;
  const own = [...(Array.isArray(words) ? words : []), word].filter((each) => typeof each === 'string');
  // Core's own words for law, codes and such do not stand in these options.
  return [...new Set([...own, ...Object.values(rest).flatMap(wordsOf)])];
}

function definition(reference: string): unknown {
  const { $defs = {} } = schema as { $defs?: Record<string, unknown> };
  return $defs[reference.replace('#/$defs/', '')];
}
