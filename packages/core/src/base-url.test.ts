import { describe, expect, it } from 'vitest';
import { baseUrlSchema } from './base-url.ts';

describe('a base URL', () => {
  it.each([
    ['https://api.acme.example', 'https://api.acme.example'],
    ['http://127.0.0.1:8080//', 'http://127.0.0.1:8080'],
    ['https://proxy.example/acme/', 'https://proxy.example/acme'],
  ])('%s becomes %s', (text, url) => {
    expect(baseUrlSchema.parse(text)).toBe(url);
  });

  it.each([
    'api.acme.example',
    'ftp://api.acme.example',
    'https://user:secret@api.acme.example',
    'https://api.acme.example?',
    'https://api.acme.example/#',
    'https://api.acme.example/?key=1',
    '',
  ])('%s is refused, without being repeated', (text) => {
    const message = baseUrlSchema.safeParse(text).error?.issues[0]?.message;
    expect(message).toBe('must be an http or https URL without credentials, query or fragment');
  });
});
