import { expect, it } from 'vitest';
import { findDelimiter } from './find-delimiter.ts';

const rules = { known: new Set(['user_id', 'email']), ignored: new Set<string>() };

it.each([
  ['user_id,email', ','],
  ['user_id;email;Name, Vorname', ';'],
  ['user_id\temail', '\t'],
  ['"user_id"|"email"', '|'],
  ['sep=;', ';'],
  ['sep=,', ','],
])('sees in %j what separates the cells', (line, delimiter) => {
  expect(findDelimiter(line, rules)).toBe(delimiter);
});

it.each(['user_id', 'a,b', '', 'user_id,x;email'])('says nothing of %j where nothing or several tell', (line) => {
  expect(findDelimiter(line, rules)).toBeUndefined();
});
