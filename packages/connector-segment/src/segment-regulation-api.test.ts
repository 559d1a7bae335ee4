import { parseOptions } from '@expunge/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SegmentRegulationSettings, segmentOptionsSchema } from './segment-options.ts';
import {
  buildCreateRegulation,
  buildGetRegulation,
  buildGetWorkspace,
  buildListRegulations,
  buildListSuppressions,
} from './segment-regulation-api.ts';
import { regulationCapabilities } from './segment-regulation-capabilities.ts';

function settingsOf(change: object = {}): SegmentRegulationSettings {
  const options = {
    api: 'regulation',
    token: 'test-token',
    region: 'us',
    regulationType: 'SUPPRESS_WITH_DELETE',
    ...change,
  };
  const settings = parseOptions('connector-segment', segmentOptionsSchema, options);
  if (settings.api !== 'regulation') throw new Error('not the options of regulations');
  return settings;
}

const cloudSource = { type: 'cloud-source', sourceId: 'src_9', collection: 'contacts' } as const;

describe('requests to the Public API', () => {
  it('creates a workspace regulation as documented', () => {
    const request = buildCreateRegulation(settingsOf(), ['u-1', 'u-2']);
    expect(request.method).toBe('POST');
    expect(request.url).toBe('https://api.segmentapis.com/regulations');
    expect(request.headers).toEqual({
      authorization: 'Bearer test-token',
      accept: 'application/json',
      'content-type': 'application/json',
    });
    expect(JSON.parse(request.body ?? '')).toEqual({
      regulationType: 'SUPPRESS_WITH_DELETE',
      subjectType: 'USER_ID',
      subjectIds: ['u-1', 'u-2'],
    });
  });

  it('creates a source regulation', () => {
    const request = buildCreateRegulation(settingsOf({ scope: { type: 'source', sourceId: 'src_9' }, region: 'eu' }), [
      'u-1',
    ]);
    expect(request.url).toBe('https://eu1.api.segmentapis.com/regulations/sources/src_9');
    expect(JSON.parse(request.body ?? '')).toMatchObject({ subjectType: 'USER_ID', subjectIds: ['u-1'] });
  });

  it('creates a cloud source regulation with its collection', () => {
    const request = buildCreateRegulation(settingsOf({ scope: cloudSource }), ['obj-9']);
    expect(request.url).toBe('https://api.segmentapis.com/regulations/cloudsources/src_9');
    expect(JSON.parse(request.body ?? '')).toMatchObject({ subjectType: 'OBJECT_ID', collection: 'contacts' });
  });

  it('takes a base URL with and without a slash at its end, and with a path', () => {
    for (const baseUrl of ['http://127.0.0.1:9/proxy', 'http://127.0.0.1:9/proxy///']) {
      expect(buildGetWorkspace(settingsOf({ baseUrl })).url).toBe('http://127.0.0.1:9/proxy/');
    }
  });

  it('asks for pages in the bracket form, percent-encoded', () => {
    const page = { count: 20, cursor: 'a+b/c=&d' };
    const url = new URL(buildListSuppressions(settingsOf(), page).url);
    expect(url.pathname).toBe('/suppressions');
    expect(url.search).not.toMatch(/[[\]]/);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      'pagination[count]': '20',
      'pagination[cursor]': 'a+b/c=&d',
    });
  });

  it('lists the regulations of the workspace, or of the source', () => {
    expect(buildListRegulations(settingsOf(), { count: 1 }).url).toContain('/regulations?pagination%5Bcount%5D=1');
    const ofSource = settingsOf({ scope: { type: 'source', sourceId: 'src_9' } });
    expect(buildListRegulations(ofSource, { count: 1 }).url).toContain(
      '/regulations/sources/src_9?pagination%5Bcount%5D=1',
    );
  });

  it('encodes a regulation id', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }).filter((id) => !/^\.+$/.test(id)),
        (id) => {
          const path = new URL(buildGetRegulation(settingsOf(), id).url).pathname;
          expect(decodeURIComponent(path.slice('/regulations/'.length))).toBe(id);
        },
      ),
    );
  });

  it('sends ids as they are', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1, unit: 'binary' })), (ids) => {
        const body: { subjectIds: string[] } = JSON.parse(buildCreateRegulation(settingsOf(), ids).body ?? '');
        expect(body.subjectIds).toEqual(ids);
      }),
    );
  });
});

describe('limits in bytes', () => {
  it('say exactly how long a body will be, never too little', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1, unit: 'binary' }), { minLength: 1 }),
        fc.constantFrom<object>({}, { scope: cloudSource }, { regulationType: 'DELETE_INTERNAL' }),
        (ids, change) => {
          const settings = settingsOf(change);
          const { bytesPerCall = 0, bytesPerTarget = 0 } = regulationCapabilities(settings).limits.submit;
          const planned = ids.reduce(
            (sum, id) => sum + Buffer.byteLength(JSON.stringify(id)) + bytesPerTarget,
            bytesPerCall,
          );
          const sent = Buffer.byteLength(buildCreateRegulation(settings, ids).body ?? '');
          // There is one comma fewer than ids.
          expect(planned - sent).toBe(1);
        },
      ),
    );
  });
});
