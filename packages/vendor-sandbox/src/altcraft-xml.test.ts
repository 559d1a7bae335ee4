import { describe, expect, it } from 'vitest';
import { parseAltcraftXml, toAltcraftXml } from './altcraft-xml.ts';

describe('parseAltcraftXml', () => {
  it('reads text, entities, parts and repeated elements', () => {
    const source = `<?xml version="1.0"?>
<xml>
  <email>o&apos;neil+a&amp;b@example.com</email><name>&#233;&#xe9;</name><none/><empty></empty>
  <data><id>1</id></data><data><id>2</id></data>
</xml>`;
    expect(parseAltcraftXml(source)).toEqual({
      email: "o'neil+a&b@example.com",
      name: 'éé',
      none: '',
      empty: '',
      data: [{ id: '1' }, { id: '2' }],
    });
  });

  it.each([
    '',
    'xml',
    '<other></other>',
    '<xml>',
    '<xml><a></xml>',
    '<xml>&nope;</xml>',
    '<xml>&#x110000;</xml>',
    '<xml>&constructor;</xml>',
    '<xml></xml><xml></xml>',
    '<xml>a & b</xml>',
  ])('refuses %s', (source) => {
    expect(parseAltcraftXml(source)).toBeUndefined();
  });
});

it('writes what it reads', () => {
  const value = { data: [{ id: '1' }, { id: '2' }], text: 'a < b & "c"' };
  expect(parseAltcraftXml(toAltcraftXml(value))).toEqual(value);
});
