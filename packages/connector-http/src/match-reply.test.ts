import { describe, expect, it } from 'vitest';
import { findRule, readReply } from './match-reply.ts';
import type { BodyRule, Condition } from './reply-schema.ts';

const scope = new Map([
  ['id', '42'],
  ['name', 'DONE'],
]);

function fits(body: BodyRule, text: string): boolean {
  return findRule(readReply({ status: 200, headers: {}, text }), [{ status: 200, body }], scope) !== undefined;
}

const json = JSON.stringify({
  word: 'done',
  number: 1,
  flag: true,
  nothing: null,
  list: [1],
  none: [],
  bare: {},
  blank: '',
  id: '42',
  digits: 42,
});

describe('a condition', () => {
  it.each<[Omit<Condition, 'at'>, string, boolean]>([
    [{ equals: 'done' }, '/word', true],
    [{ equals: 'Done' }, '/word', false],
    [{ equals: 1 }, '/number', true],
    [{ equals: '1' }, '/number', false],
    [{ equals: true }, '/flag', true],
    [{ equals: null }, '/nothing', true],
    [{ equals: null }, '/missing', false],
    [{ oneOf: ['new', 'done'] }, '/word', true],
    [{ oneOf: ['new'] }, '/word', false],
    [{ exists: true }, '/word', true],
    [{ exists: true }, '/nothing', false],
    [{ exists: true }, '/missing', false],
    [{ exists: false }, '/nothing', true],
    [{ exists: false }, '/missing', true],
    [{ exists: false }, '/blank', false],
    [{ is: 'list' }, '/list', true],
    [{ is: 'list' }, '/bare', false],
    [{ is: 'object' }, '/bare', true],
    [{ is: 'object' }, '/list', false],
    [{ is: 'object' }, '/nothing', false],
    [{ is: 'text' }, '/word', true],
    [{ is: 'number' }, '/number', true],
    [{ is: 'empty' }, '/none', true],
    [{ is: 'empty' }, '/bare', true],
    [{ is: 'empty' }, '/blank', true],
    [{ is: 'empty' }, '/list', false],
    [{ is: 'empty' }, '/nothing', false],
    [{ is: 'empty' }, '/missing', false],
    [{ sameAs: 'id' }, '/id', true],
    [{ sameAs: 'id' }, '/digits', true],
    [{ sameAs: 'id' }, '/word', false],
    [{ sameAs: 'id' }, '/missing', false],
    [{ sameAs: 'id' }, '/list', false],
    [{ startsWith: 'do' }, '/word', true],
    [{ startsWith: 'Do' }, '/word', false],
    [{ startsWith: '4' }, '/digits', false],
    [{ startsWith: 'd' }, '/missing', false],
    [{ sameAs: 'name' }, '/word', false],
    [{ sameAs: 'name', ignoreCase: true }, '/word', true],
    [{ sameAs: 'name', ignoreCase: true }, '/missing', false],
    [{ sameAs: 'nobody', ignoreCase: true }, '/word', false],
    [{ sameAs: 'nobody' }, '/missing', false],
    [{ sameAs: 'nobody' }, '/list', false],
  ])('%j at %s: %s', (test, at, expected) => {
    expect(fits([{ at, ...test }], json)).toBe(expected);
  });

  it('has to hold together with all others', () => {
    const both = (second: unknown): Condition[] => [
      { at: '/word', equals: 'done' },
      { at: '/number', equals: second as number },
    ];
    expect(fits(both(1), json)).toBe(true);
    expect(fits(both(2), json)).toBe(false);
  });

  it('never holds for what is no JSON, nor for what is inherited', () => {
    for (const text of ['', '<html>', '{"word":"done"', '"done', '[1', 'x'.repeat(501)])
      expect(fits([{ at: '', exists: false }], text)).toBe(false);
    expect(fits([{ at: '/constructor', exists: true }], '{}')).toBe(false);
    expect(fits([{ at: '/a', exists: true }], `${'['.repeat(100_000)}${']'.repeat(100_000)}`)).toBe(false);
  });
});

describe('a plain text', () => {
  it('stands for the whole, and holds nothing else', () => {
    expect(fits([{ at: '', equals: 'PENDING' }], 'PENDING\n')).toBe(true);
    expect(fits([{ at: '', equals: 'PENDING' }], '"PENDING"')).toBe(true);
    expect(fits([{ at: '', startsWith: 'No such user: ' }], 'No such user: ada')).toBe(true);
    expect(fits([{ at: '/0', exists: true }], 'PENDING')).toBe(false);
    expect(fits([{ at: '', equals: 'PENDING' }], 'PENDING and more')).toBe(false);
  });
});

describe('a rule for a body', () => {
  it.each<[BodyRule, string, boolean]>([
    ['any', '', true],
    ['any', '<html>', true],
    ['empty', '', true],
    ['empty', ' \r\n', true],
    ['empty', '{}', false],
  ])('%j fits %j: %s', (rule, text, expected) => {
    expect(fits(rule, text)).toBe(expected);
  });

  it('fits only with its status', () => {
    const reply = readReply({ status: 202, headers: {}, text: '' });
    expect(findRule(reply, [{ status: 200, body: 'any' }], scope)).toBeUndefined();
    expect(findRule(reply, [{ status: [200, 202], body: 'any' }], scope)).toBeDefined();
  });
});
