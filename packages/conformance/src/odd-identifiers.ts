import type { OddIdentifier } from './conformance-harness.ts';

const long = 'a-thousand-characters-'.padEnd(999, 'x');

/** Identifiers that have been lost, mangled or turned into somebody else's on their way to a vendor. */
export const oddIdentifiers: readonly OddIdentifier[] = [
  { label: 'a plus sign', value: 'odd1+ada', decoy: 'odd1 ada' },
  { label: 'a space', value: 'odd2 ada', decoy: 'odd2+ada' },
  { label: 'a slash', value: 'odd3/ada', decoy: 'odd3' },
  { label: 'a percent sign', value: 'odd4%2fada', decoy: 'odd4/ada' },
  { label: 'a question mark and a number sign', value: 'odd5?x=1#ada', decoy: 'odd5' },
  { label: 'quotes', value: `odd6"o'neil`, decoy: 'odd6' },
  { label: 'a backslash', value: 'odd7\\nada', decoy: 'odd7\nada' },
  { label: 'an ampersand and angle brackets', value: 'odd8&amp;<ada>', decoy: 'odd8&<ada>' },
  { label: 'letters beyond ASCII', value: 'odd9-žofie-名前', decoy: 'odd9-zofie-名前' },
  { label: 'an accent as a character of its own', value: 'odd10-e\u0301', decoy: 'odd10-\u00e9' },
  { label: 'a sign beyond 16 bits', value: 'odd11-👩‍🚀', decoy: 'odd11-👩' },
  { label: 'a capital letter', value: 'odd12-Ada', decoy: 'odd12-ada' },
  { label: 'a space at its end', value: 'odd13-ada ', decoy: 'odd13-ada' },
  { label: 'digits with zeros in front', value: '00120045', decoy: '120045' },
  { label: 'more digits than a number holds', value: '9007199254740993', decoy: '9007199254740992' },
  { label: 'a thousand characters', value: `${long}1`, decoy: `${long}2` },
];
