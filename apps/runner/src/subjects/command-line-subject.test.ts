import { describe, expect, it } from 'vitest';
import { commandLineRow } from './command-line-subject.ts';

const rules = { known: new Set(['user_id', 'email']), ignored: new Set<string>() };

describe('commandLineRow', () => {
  it('is one person with several identifiers; values may hold an equals sign', () => {
    expect(commandLineRow(['user_id=a=b', 'email=ada@example.com', 'request_id=R1'], rules)).toEqual({
      line: 1,
      fields: [
        { name: 'user_id', value: 'a=b' },
        { name: 'email', value: 'ada@example.com' },
        { name: 'request_id', value: 'R1' },
      ],
      issues: [],
    });
  });

  it.each(['ada@example.com', '=ada', 'user_id='])('refuses %s without repeating it', (argument) => {
    expect(() => commandLineRow([argument], rules)).toThrow('--subject takes a type and a value');
    expect(() => commandLineRow([argument], rules)).not.toThrow(/ada/);
  });

  it('refuses a type that no connector uses', () => {
    expect(() => commandLineRow(['mail=ada@example.com'], rules)).toThrow(/"mail".*email, user_id/);
  });
});
