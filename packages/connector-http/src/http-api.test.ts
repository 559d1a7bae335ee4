import type { Target } from '@expunge/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jobsOptions } from '../test/jobs-vendor.ts';
import { usersOptions } from '../test/users-vendor.ts';
import { buildRequest, scopeOf } from './http-api.ts';
import { httpCapabilities } from './http-capabilities.ts';
import { type HttpOptions, parseHttpOptions } from './http-options.ts';
import type { RequestTemplate } from './request-schema.ts';

const users = parseHttpOptions(usersOptions('https://proxy.example.com/users'));
const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1 }),
  fc.string({ unit: 'binary-ascii', minLength: 1 }),
  fc.constantFrom(
    '.',
    '..',
    '%2e',
    '%2e%2e',
    '../..',
    '//evil.example',
    '@evil.example',
    '?x=1#y',
    '\\',
    '{id}',
    '\0',
    ' ',
  ),
);
const person = (value: string, type = 'user'): Target => ({ type, value });

function build(template: RequestTemplate, values: readonly string[], settings = users) {
  return buildRequest(
    template,
    settings,
    scopeOf(settings),
    values.map((value) => person(value)),
  );
}

describe('buildRequest', () => {
  it('puts a call together as it is described', () => {
    const settings = parseHttpOptions({
      ...usersOptions('https://api.example.com/'),
      values: { app: 'app 1', key: 'test-key' },
      headers: { 'X-Key': 'Key {key}' },
    });
    const template: RequestTemplate = {
      method: 'POST',
      path: '/{app}/users/{type}:{id}',
      query: { v: '2', '{type}': '{id}' },
      headers: { Accept: 'application/json' },
      json: { '{type}': '{id}', list: [1, true, null, '{app}'], braces: '{{}}' },
    };
    expect(build(template, ['a/b'], settings)).toEqual({
      method: 'POST',
      url: 'https://api.example.com/app%201/users/user:a%2Fb?v=2&user=a%2Fb',
      headers: {
        authorization: 'Bearer users-test-token',
        'content-type': 'application/json',
        'x-key': 'Key test-key',
        accept: 'application/json',
      },
      body: '{"user":"a/b","list":[1,true,null,"app 1"],"braces":"{}"}',
    });
  });

  it('goes to the host that the request names, and otherwise to the first', () => {
    const { baseUrl: _baseUrl, ...options } = usersOptions('http://127.0.0.1:1');
    const settings = parseHttpOptions({ ...options, hosts: ['api.example.com', 'read.example.com:8443'] });
    expect(build({ method: 'GET', path: '/{id}' }, ['1'], settings)?.url).toBe('https://api.example.com/1');
    const host = 'read.example.com:8443';
    expect(build({ method: 'GET', path: '/{id}', host }, ['1'], settings)?.url).toBe('https://read.example.com:8443/1');
    const proxied = parseHttpOptions({ ...options, hosts: [host], baseUrl: 'http://127.0.0.1:1' });
    expect(build({ method: 'GET', path: '/{id}', host }, ['1'], proxied)?.url).toBe('http://127.0.0.1:1/1');
  });

  it('writes basic credentials in UTF-8', () => {
    const settings = { ...users, auth: { type: 'basic', username: 'ada', password: 'pä:ss' } } as const;
    const { headers } = build({ method: 'GET', path: '/{id}' }, ['1'], settings) ?? {};
    expect(headers?.authorization).toBe(`Basic ${Buffer.from('ada:pä:ss').toString('base64')}`);
  });

  it('never reads what is put in as a template again', () => {
    const settings = parseHttpOptions({ ...usersOptions('https://api.example.com'), values: { key: '{id}{{' } });
    const template: RequestTemplate = { method: 'POST', path: '/', json: { id: '{id}', key: '{key}' } };
    expect(build(template, ['{key}'], settings)?.body).toBe('{"id":"{key}","key":"{id}{{"}');
  });

  it('lets no id change host, path, or query', () => {
    const template: RequestTemplate = { method: 'GET', path: '/v1/users/{id}/data', query: { q: '{id}', z: 'last' } };
    fc.assert(
      fc.property(anyText, (id) => {
        const request = build(template, [id]);
        if (request === undefined) {
          expect(['.', '..']).toContain(id);
          return;
        }
        const url = new URL(request.url);
        expect(url.origin).toBe('https://proxy.example.com');
        const parts = url.pathname.split('/');
        expect([...parts.slice(0, 4), ...parts.slice(5)]).toEqual(['', 'users', 'v1', 'users', 'data']);
        expect(decodeURIComponent(parts[4] ?? '')).toBe(id);
        expect([...url.searchParams]).toEqual([
          ['q', id],
          ['z', 'last'],
        ]);
        expect(url.hash).toBe('');
      }),
    );
  });

  it('lets no id change the shape of a JSON body', () => {
    const template: RequestTemplate = {
      method: 'POST',
      path: '/',
      json: { people: { $each: { who: '{id}', kind: '{type}', keep: false } }, n: 1 },
    };
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 1, maxLength: 5 }), (ids) => {
        const body: unknown = JSON.parse(build(template, ids)?.body ?? '');
        expect(body).toEqual({ people: ids.map((who) => ({ who, kind: 'user', keep: false })), n: 1 });
      }),
    );
  });

  it('lets no id change the shape of a form', () => {
    const template: RequestTemplate = {
      method: 'POST',
      path: '/',
      form: { first: 'x', id: { $each: '{id}' }, last: 'y' },
    };
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 1, maxLength: 5 }), (ids) => {
        const { body } = build(template, ids) ?? {};
        const expected = [['first', 'x'], ...ids.map((id) => ['id', id]), ['last', 'y']];
        expect([...new URLSearchParams(body)]).toEqual(expected);
      }),
    );
  });

  it('writes whole numbers with all their digits where the vendor wants numbers', () => {
    const settings = parseHttpOptions({
      ...usersOptions('https://api.example.com'),
      identifiers: [{ type: 'user', from: [], as: 'integer' }],
    });
    const template: RequestTemplate = { method: 'POST', path: '/', json: { ids: { $each: '{id}' } } };
    expect(build(template, ['9007199254740993', '0'], settings)?.body).toBe('{"ids":[9007199254740993,0]}');
  });
});

describe('the bytes that capabilities state', () => {
  it('are those of the body', () => {
    const options: HttpOptions = jobsOptions('https://api.example.com');
    const settings = parseHttpOptions(options);
    const { bytesPerCall = 0, bytesPerTarget = 0 } = httpCapabilities(settings).limits.submit;
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 1, maxLength: 3 }), (ids) => {
        const targets = ids.map((id) => person(id, 'person'));
        const { body = '' } = buildRequest(settings.submit.request, settings, scopeOf(settings), targets) ?? {};
        const stated = ids.reduce(
          (sum, id) => sum + Buffer.byteLength(JSON.stringify(id)) + bytesPerTarget,
          bytesPerCall,
        );
        expect(stated).toBe(Buffer.byteLength(body));
      }),
    );
  });
});
