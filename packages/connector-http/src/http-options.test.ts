import { OptionsError } from '@expunge/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { jobsOptions } from '../test/jobs-vendor.ts';
import { jsonSchemaText } from '../test/json-schema-text.ts';
import { resultsOptions } from '../test/results-vendor.ts';
import { usersOptions } from '../test/users-vendor.ts';
import { httpOptionsShape, parseHttpOptions } from './http-options.ts';

const base = 'http://127.0.0.1:9';
const users = usersOptions(base);
const jobs = jobsOptions(base);
const results = resultsOptions(base);

function issuesOf(options: unknown): readonly string[] {
  try {
    parseHttpOptions(options);
  } catch (error) {
    if (OptionsError.isInstance(error)) return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw error;
  }
  return [];
}

/** A description in which the value at a place is another one; undefined takes it away. */
function changed(options: object, place: string, value: unknown): unknown {
  const copy = structuredClone(options) as Record<string, unknown>;
  const keys = place.split('.');
  const last = keys.pop() ?? '';
  const parent = keys.reduce(memberOf, copy);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return copy;
}

function memberOf(node: Record<string, unknown>, key: string): Record<string, unknown> {
  const member = node[key] ?? {};
  node[key] = member;
  return member as Record<string, unknown>;
}

const submitReply = (reply: object) => changed(users, 'submit.replies.2', reply);

describe('the options of connector-http', () => {
  it.each([
    ['users', users],
    ['jobs', jobs],
    ['results', results],
  ])('take the description of the vendor %s', (_name, options) => {
    expect(issuesOf(options)).toEqual([]);
  });

  it('are plain data', () => {
    for (const options of [users, jobs, results]) expect(JSON.parse(JSON.stringify(options))).toEqual(options);
  });

  it('have safe defaults', () => {
    expect(parseHttpOptions(users)).toMatchObject({
      timeoutMs: 30_000,
      values: {},
      headers: {},
      limits: { submit: { maxTargets: 1, oneTypePerCall: false }, rates: [], inFlight: [{ calls: 4 }] },
      submit: { missing: 'response-unexpected' },
    });
  });

  it.each([
    'vendor',
    'operation',
    'title',
    'reach',
    'erases',
    'leaves',
    'identifiers',
    'completion',
    'repeat',
    'submit',
    'submit.request',
    'submit.request.method',
    'submit.request.path',
    'submit.replies',
    'submit.replies.0.status',
    'submit.replies.0.body',
    'submit.replies.0.means',
    'verify.afterMs',
    'access.proven',
  ])('name a missing %s', (place) => {
    expect(issuesOf(changed(users, place, undefined)).join()).toContain(`${place}: `);
  });

  it.each<[string, unknown]>([
    ['regoin', 'eu'],
    ['submit.request.metod', 'GET'],
    ['submit.replies.0.mean', 'deleted'],
    ['submit.replies.0.body.0.equal', 1],
    ['limits.submit.maxTarget', 1],
    ['verify.after', 1],
  ])('name the unknown key %s', (place, value) => {
    expect(issuesOf(changed(users, place, value)).join()).toContain(`${place}: is not an option`);
  });

  it.each<[string, string, unknown, string]>([
    ['a word for repeat that there is not', 'repeat', 'maybe', 'repeat: '],
    [
      'a meaning that there is not',
      'submit.replies.0.means',
      'success',
      "means: Invalid discriminator value. Expected 'deleted'",
    ],
    [
      'a body rule that there is not',
      'submit.replies.0.body',
      'whatever',
      'body: must be a list of conditions, or empty',
    ],
    ['no conditions', 'submit.replies.0.body', [], 'submit.replies.0.body: '],
    [
      'two tests in a condition',
      'submit.replies.0.body.0.exists',
      true,
      'exactly one of equals, oneOf, exists, is, startsWith and sameAs',
    ],
    ['no test in a condition', 'submit.replies.0.body.0.sameAs', undefined, 'exactly one of'],
    ['a path that is no JSON pointer', 'submit.replies.0.body.0.at', 'user.id', 'must be a JSON pointer'],
    ['a status that is no number', 'submit.replies.0.status', '2xx', 'must be an HTTP status'],
    ['a path with a query', 'submit.request.path', '/v1/users?id={id}', 'must be a path'],
    ['a path without a slash', 'submit.request.path', 'v1/{id}', 'must be a path'],
    ['a path with an empty part', 'submit.request.path', '/v1//{id}', 'must be a path'],
    ['a path upwards', 'submit.request.path', '/v1/../{id}', 'must not have a part that is only dots'],
    ['an encoded path upwards', 'submit.request.path', '/v1/%2E%2e/{id}', 'must not have a part that is only dots'],
    ['a path to another host', 'submit.request.path', '//evil.example/{id}', 'must be a path'],
    ['a brace without a name', 'submit.request.query', { q: '{' }, 'has a brace without a name'],
    ['a host with a placeholder', 'hosts', ['{id}.example.com'], 'must be a bare host name'],
    ['a host with a path', 'hosts', ['example.com/x'], 'must be a bare host name'],
    ['a base URL with credentials', 'baseUrl', 'https://a:b@example.com', 'must be an http or https URL'],
    ['the header that names the host', 'headers', { Host: 'evil.example' }, 'can’t be set'],
    ['a token with a line break', 'auth.token', 'test\n', 'check for a line break at its end'],
    ['a word that reports can’t print', 'submit.replies.1.vendorStatus', 'not found!', 'must be a plain word'],
  ])('refuse %s', (_what, place, value, message) => {
    expect(issuesOf(changed(users, place, value)).join()).toContain(message);
  });

  it.each<[string, unknown, string]>([
    ['no place to call', changed(users, 'baseUrl', undefined), 'hosts: is missing'],
    [
      'a host that is not allowed',
      changed(users, 'submit.request.host', 'api.example.com'),
      'host: is not one of hosts',
    ],
    ['polled without a status request', changed(jobs, 'check', undefined), 'check: is missing; completion is polled'],
    [
      'a status request that is never used',
      changed(jobs, 'completion', { type: 'unknowable' }),
      'completion.type: is unknowable',
    ],
    [
      'polled without a receipt',
      changed(jobs, 'submit.receipt', undefined),
      'submit.receipt: is missing; check and cancel',
    ],
    [
      'a receipt for nothing',
      changed(users, 'submit.receipt', { job: '/job' }),
      'submit.receipt: is kept for check or cancel',
    ],
    [
      'immediate, and never deleted',
      changed(users, 'submit.replies', [{ status: 200, body: 'any', means: 'request-rejected' }]),
      'no rule that means deleted',
    ],
    [
      'immediate, and accepted',
      submitReply({ status: 202, body: 'any', means: 'accepted' }),
      'a rule that means accepted',
    ],
    ['later, and deleted', changed(users, 'completion', { type: 'unknowable' }), 'a rule that means deleted'],
    ['words without an end', changed(jobs, 'check.status.words', { queued: 'pending' }), 'no word that means deleted'],
    ['a failure that does not say what to do', changed(jobs, 'check.status.words.failed', 'failed'), 'canSubmitAgain'],
    ['a read-back that never says absent', changed(users, 'verify.replies.1', undefined), 'verify.replies'],
    ['a read-back of nobody', changed(users, 'verify.request.path', '/v1/users'), 'verify.request: never says whom'],
    ['a deletion of nobody', changed(users, 'submit.request.path', '/v1/users'), 'submit.request: never says whom'],
    ['a question about no job', changed(jobs, 'check.request.path', '/jobs'), 'never says which submission'],
    [
      'a placeholder that there is not',
      changed(users, 'submit.request.query', { q: '{email}' }),
      'submit.request.query.q: {email} stands for nothing; known here are {id}, {type}',
    ],
    [
      'the receipt before there is one',
      changed(jobs, 'submit.request.query', { q: '{job}' }),
      '{job} stands for nothing',
    ],
    [
      'a person in the check of the credentials',
      changed(users, 'access.request.path', '/v1/{id}'),
      '{id} stands for nothing',
    ],
    [
      'an id in a header',
      changed(users, 'submit.request.headers', { 'x-who': '{id}' }),
      '{id} may not stand in a header',
    ],
    ['an id in a name', changed(users, 'submit.request.query', { '{id}': 'x' }), 'may not be part of a name'],
    [
      'an id inside a longer text',
      changed(jobs, 'verify.request.query', { filter: "id eq '{id}'" }),
      'must stand alone',
    ],
    [
      'an id inside a longer JSON text',
      changed(jobs, 'submit.request.json', { $each: 'user:{id}' }),
      'must stand alone',
    ],
    [
      'an id among quotes in a path',
      changed(users, 'submit.request.path', "/Users('{id}')"),
      'may stand in a part of the path with',
    ],
    ['one id for several targets', changed(jobs, 'submit.request.json', { person: '{id}' }), 'put it under $each'],
    [
      'one type for several targets',
      changed(results, 'limits.submit.oneTypePerCall', undefined),
      '{type} differs between the targets',
    ],
    [
      'an unquoted placeholder',
      changed(jobs, 'submit.request.json', { people: { $each: { id: { id: null } } } }),
      "write '{id}' in quotes",
    ],
    ['results that nobody reads', changed(results, 'submit.results', undefined), 'submit.results: is missing'],
    [
      'results that no rule means',
      changed(users, 'submit.results', results.submit.results),
      'submit.results: is never read',
    ],
    [
      'results of several types by id alone',
      changed(
        changed(results, 'submit.request.json', { $each: '{id}' }) as object,
        'limits.submit.oneTypePerCall',
        false,
      ),
      'which several types may share',
    ],
    ['absent by any answer', changed(users, 'submit.replies.1.body', 'any'), 'would pass for "nobody there"'],
    [
      'absent by any answer to a read-back',
      changed(users, 'verify.replies.1.body', 'any'),
      'would pass for "nobody there"',
    ],
    ['absent by trouble', changed(users, 'submit.replies.1.status', 503), 'tells nothing about a person'],
    ['absent by a redirect', changed(users, 'submit.replies.1.status', [404, 302]), 'tells nothing about a person'],
    [
      'a rule behind one that takes everything',
      changed(users, 'submit.replies.0', { status: [200, 404], body: 'any', means: 'request-rejected' }),
      'submit.replies.1: is never reached',
    ],
    [
      'deleted by a refusal',
      changed(users, 'submit.replies.0.status', 404),
      'is no success, and the rule means deleted',
    ],
    [
      'a refusal of all for one',
      changed(jobs, 'submit.replies.1', {
        status: 400,
        body: 'any',
        means: 'rejected',
        reason: 'refused',
        message: 'No.',
      }),
      'for the sake of one',
    ],
    ['two bodies', changed(jobs, 'submit.request.form', { a: 'b' }), 'stands beside json'],
    ['a body with GET', changed(users, 'verify.request.json', { id: '{id}' }), 'is GET, which has no body'],
    [
      'bytes of a body that there is not',
      changed(users, 'limits.submit', { maxBytes: 100 }),
      'maxBytes: bounds the body',
    ],
    ['a value that is the target’s', changed(users, 'values', { id: 'x' }), '{id} is the target'],
    ['a receipt that is a value', changed(jobs, 'submit.receipt', { apiKey: '/job/id' }), 'is taken already'],
    [
      'an identifier twice',
      changed(users, 'identifiers.1', { type: 'user', from: [] }),
      'identifiers.1.type: stands there twice',
    ],
    ['auth and its header', changed(users, 'headers', { Authorization: 'x' }), 'stands beside auth'],
    ['a header with an unknown value', changed(users, 'headers', { 'x-key': '{key}' }), '{key} is not one of values'],
    [
      'a secret with a line break in a header',
      changed(jobs, 'values.apiKey', 'test-key\n'),
      'headers.X-Api-Key: must be printable ASCII',
    ],
    [
      'a value that turns the path upwards',
      changed(changed(users, 'values', { app: '..' }) as object, 'submit.request.path', '/{app}/{id}'),
      'makes another URL',
    ],
    [
      'a condition about nothing',
      changed(users, 'submit.replies.0.body.0.sameAs', 'email'),
      'sameAs: names nothing; known here are id, type',
    ],
    [
      'a condition about one of many',
      changed(jobs, 'submit.replies.0.body', [{ at: '/x', sameAs: 'id' }]),
      'sameAs: names nothing',
    ],
    [
      'any text for a success',
      changed(users, 'submit.replies.0.body', [{ at: '', is: 'text' }]),
      'submit.replies.0.body: takes any text for deleted',
    ],
    [
      'a case that is ignored of nothing',
      changed(users, 'submit.replies.0.body', [{ at: '/a', equals: 1, ignoreCase: true }]),
      'ignoreCase: stands beside sameAs only',
    ],
  ])('refuse %s', (_what, options, message) => {
    expect(issuesOf(options).join('\n')).toContain(message);
  });

  it('say everything that is wrong at once', () => {
    const wrong = changed(
      changed(jobs, 'submit.receipt', undefined) as object,
      'verify.request.path',
      '/people/{mail}',
    );
    expect(issuesOf(changed(wrong as object, 'check.status.words', { queued: 'pending' }))).toHaveLength(7);
  });

  it('never repeat a secret', () => {
    const text = issuesOf(changed(jobs, 'values.apiKey', 'secret-of-the-test\n')).join();
    expect(text).not.toBe('');
    expect(text).not.toContain('secret-of-the-test');
  });
});

describe('the JSON schema of the options', () => {
  it('is the one that is published, for editors', async () => {
    const schema = z.toJSONSchema(httpOptionsShape, { io: 'input', reused: 'ref' });
    await expect(jsonSchemaText(schema)).toMatchFileSnapshot('../http-options.schema.json');
  });
});
