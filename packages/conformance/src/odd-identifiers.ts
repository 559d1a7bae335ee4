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
  { label: 'a comma', value: 'odd16,ada', decoy: 'odd16' },
  { label: 'a comma before a neighbour', value: 'odd17,ada17', decoy: 'ada17' },
  { label: 'a semicolon', value: 'odd18;ada', decoy: 'odd18' },
  { label: 'a vertical bar', value: 'odd19|ada', decoy: 'odd19' },
  { label: 'a colon', value: 'odd20:ada', decoy: 'odd20' },
  { label: 'an at sign', value: 'odd21@ada', decoy: 'odd21' },
  { label: 'an asterisk', value: 'odd22*', decoy: 'odd22-ada' },
  { label: 'a percent sign at its end', value: 'odd23%', decoy: 'odd23-ada' },
  { label: 'an underscore', value: 'odd24_ada', decoy: 'odd24-ada' },
  { label: 'braces', value: 'odd25{id}', decoy: 'odd25' },
  { label: 'a dollar sign', value: 'odd26$&ada', decoy: 'odd26' },
  { label: 'a tab', value: 'odd27\tada', decoy: 'odd27 ada' },
  { label: 'a line break', value: 'odd28\nada', decoy: 'odd28' },
  { label: 'a space in front', value: ' odd29-ada', decoy: 'odd29-ada' },
  { label: 'brackets', value: 'odd30[0]', decoy: 'odd30' },
  { label: 'a thousand characters', value: `${long}1`, decoy: `${long}2` },
];
