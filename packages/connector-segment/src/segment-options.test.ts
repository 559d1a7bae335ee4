import { OptionsError } from '@expunge/core';
import { describe, expect, it } from 'vitest';
import { createSegmentConnector } from './segment-connector.ts';
import type { SegmentOptions } from './segment-options.ts';

const regulation = { api: 'regulation', token: 'test-token', region: 'us', regulationType: 'DELETE_ONLY' };
const identifier = {
  api: 'identifier',
  token: 'test-token',
  region: 'us',
  spaceId: 'spa_1',
  identifierTypes: ['email'],
};

/** Options as a configuration file would hold them: of no type until they are checked. */
function asWritten(options: object): SegmentOptions {
  return JSON.parse(JSON.stringify(options));
}

/** The keys that the options are refused for. Empty: they are taken. */
function wrongKeys(options: Record<string, unknown>): string[] {
  try {
    createSegmentConnector(asWritten(options));
    return [];
  } catch (error) {
    if (!OptionsError.isInstance(error)) throw error;
    return [...new Set(error.issues.map((issue) => issue.path.join('.')))].sort();
  }
}

describe('options of regulations', () => {
  it.each<[string, Record<string, unknown>, string[]]>([
    ['complete', {}, []],
    ['no api', { api: undefined }, ['api']],
    ['an unknown api', { api: 'profile' }, ['api']],
    ['a misspelt key', { regoin: 'us' }, ['regoin']],
    ['no region and no baseUrl', { region: undefined }, ['region']],
    ['baseUrl instead of region', { region: undefined, baseUrl: 'http://127.0.0.1:9/' }, []],
    ['an unknown region', { region: 'in' }, ['region']],
    ['baseUrl of another protocol', { baseUrl: 'file:///tmp' }, ['baseUrl']],
    ['baseUrl with credentials', { baseUrl: 'https://a:b@vendor.test' }, ['baseUrl']],
    ['baseUrl with a query', { baseUrl: 'https://vendor.test/?a=1' }, ['baseUrl']],
    ['no regulation type', { regulationType: undefined }, ['regulationType']],
    ['no token', { token: '' }, ['token']],
    ['a token with a line break', { token: 'test\ntoken' }, ['token']],
    ['UNSUPPRESS unguarded', { regulationType: 'UNSUPPRESS' }, ['allowUnsuppress']],
    ['UNSUPPRESS wanted', { regulationType: 'UNSUPPRESS', allowUnsuppress: true }, []],
    ['UNSUPPRESS half wanted', { regulationType: 'UNSUPPRESS', allowUnsuppress: false }, ['allowUnsuppress']],
    ['archive only on a workspace', { regulationType: 'DELETE_ARCHIVE_ONLY' }, ['regulationType']],
    ['a source without id', { scope: { type: 'source' } }, ['scope.sourceId']],
    ['a source id that climbs the path', { scope: { type: 'source', sourceId: '..' } }, ['scope.sourceId']],
    ['a source id with a slash', { scope: { type: 'source', sourceId: 'a/b' } }, ['scope.sourceId']],
    ['a cloud source without collection', { scope: { type: 'cloud-source', sourceId: 's1' } }, ['scope.collection']],
    ['an unknown scope', { scope: { type: 'planet' } }, ['scope.type']],
    ['anonymous ids on a workspace', { subjectType: 'ANONYMOUS_ID' }, ['subjectType']],
    ['too many ids', { limits: { maxTargets: 5_001 } }, ['limits.maxTargets']],
    ['too many bytes', { limits: { maxBytes: 4_000_001 } }, ['limits.maxBytes']],
    ['too many creates', { limits: { createsPerMinute: 601 } }, ['limits.createsPerMinute']],
    ['an unknown limit', { limits: { maxSubjects: 1 } }, ['limits.maxSubjects']],
    ['no time at all', { timeoutMs: 0 }, ['timeoutMs']],
  ])('%s', (_name, change, keys) => {
    expect(wrongKeys({ ...regulation, ...change })).toEqual(keys);
  });

  it('names everything that is wrong at once, also what depends on several options', () => {
    const options = { api: 'regulation', regulationType: 'UNSUPPRESS', subjectType: 'ANONYMOUS_ID', extra: 1 };
    expect(wrongKeys(options)).toEqual(['allowUnsuppress', 'extra', 'region', 'subjectType', 'token']);
  });

  it('never says a value', () => {
    for (const wrong of [
      { token: 'canary value' },
      { baseUrl: 'canary value' },
      { region: 'canary' },
      { limits: 'canary' },
    ]) {
      expect(() => createSegmentConnector(asWritten({ ...regulation, ...wrong }))).toThrow(
        expect.not.objectContaining({ message: expect.stringContaining('canary') }),
      );
    }
  });
});

describe('which regulation fits which scope and subject', () => {
  const types = [
    'DELETE_INTERNAL',
    'SUPPRESS_WITH_DELETE_INTERNAL',
    'SUPPRESS_ONLY',
    'UNSUPPRESS',
    'DELETE_ARCHIVE_ONLY',
    'DELETE_ONLY',
    'SUPPRESS_WITH_DELETE',
  ];
  const subjects = ['USER_ID', 'OBJECT_ID', 'ANONYMOUS_ID'];
  const scopes = {
    workspace: { type: 'workspace' },
    source: { type: 'source', sourceId: 'src_1' },
    'cloud-source': { type: 'cloud-source', sourceId: 'src_1', collection: 'contacts' },
  };
  const subjectsByScope: Record<string, string[]> = {
    workspace: ['USER_ID', 'OBJECT_ID'],
    source: ['USER_ID', 'ANONYMOUS_ID'],
    'cloud-source': ['OBJECT_ID'],
  };

  for (const [scopeName, scope] of Object.entries(scopes)) {
    for (const regulationType of types) {
      for (const subjectType of subjects) {
        const isLegal =
          subjectsByScope[scopeName]?.includes(subjectType) === true &&
          (regulationType !== 'DELETE_ARCHIVE_ONLY' || scopeName === 'source') &&
          (subjectType !== 'ANONYMOUS_ID' || regulationType === 'DELETE_ARCHIVE_ONLY');
        it(`${scopeName} ${regulationType} ${subjectType}: ${isLegal ? 'taken' : 'refused'}`, () => {
          const keys = wrongKeys({ ...regulation, scope, regulationType, subjectType, allowUnsuppress: true });
          expect(keys.length === 0).toBe(isLegal);
        });
      }
    }
  }
});

describe('options of the identifier deletion', () => {
  it.each<[string, Record<string, unknown>, string[]]>([
    ['complete', {}, []],
    ['no region and no baseUrl', { region: undefined }, ['region']],
    ['no space', { spaceId: undefined }, ['spaceId']],
    ['a space id that climbs the path', { spaceId: '../spa_2' }, ['spaceId']],
    ['no types', { identifierTypes: [] }, ['identifierTypes']],
    ['group ids', { identifierTypes: ['email', 'group_id'] }, ['identifierTypes.1']],
    ['a type twice', { identifierTypes: ['email', 'email'] }, ['identifierTypes']],
    ['an option of the other api', { regulationType: 'DELETE_ONLY' }, ['regulationType']],
  ])('%s', (_name, change, keys) => {
    expect(wrongKeys({ ...identifier, ...change })).toEqual(keys);
  });
});
