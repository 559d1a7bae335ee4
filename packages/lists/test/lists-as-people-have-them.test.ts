import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type ColumnRules, checkList, openList, readRows } from '../src/index.ts';

const folder = join(import.meta.dirname, 'files');
const now = Date.parse('2026-12-01T00:00:00Z');

/** How many people a list has and how many rows are refused, then everything that is said of it: the word and the line. */
async function readingOf(file: string, more: Partial<ColumnRules> = {}): Promise<string> {
  const columns = { known: new Set(['user_id', 'email']), ignored: new Set<string>(), ...more };
  const list = await openList({ path: file, format: undefined, workingFolder: folder, input: process.stdin });
  try {
    const defaults = { law: 'gdpr', now } as const;
    const checked = await checkList(() => readRows(list, columns), { columns, defaults }, 100);
    const said = checked.issues.map(({ code, line }) => (line === undefined ? code : `${code} ${line}`));
    const suspected = checked.suspicious.map(({ type, fault, count }) => `${count} ${type} ${fault}`);
    const counts = checked.isBroken ? 'refused' : `${checked.valid} people, ${checked.invalid} refused`;
    return [counts, ...new Set(said), ...suspected].join('; ');
  } finally {
    await list.close();
  }
}

// As tools, spreadsheets and people hand them in. Read as meant, or refused with the cause that it is.
const readings: Readonly<Record<string, string>> = {
  'a01-bom-crlf.csv': '2 people, 0 refused',
  'a02-utf16le-tab.txt': 'refused; utf-16',
  'a02c-utf16le-nobom.csv': 'refused; not-text 1',
  'a03-cp1252.csv': 'refused; not-utf8 2',
  'a04b-semicolon-with-comma-header.csv': 'refused; columns-unknown 1',
  'a05-sep-line.csv': '1 people, 0 refused',
  'a06-cr-only.csv': '2 people, 0 refused',
  'a07-title-lines.csv': 'refused; header-unknown 1',
  'a08b-mixpanel-users-ui.csv': 'refused; columns-unknown 1',
  'a09-mixpanel-engage.jsonl': '0 people, 2 refused; column-unknown 1; column-unknown 2',
  'a10b-distinct-ids-noheader-oneline.csv': 'refused; header-unknown 1',
  'a11-clevertap.csv': 'refused; columns-unknown 1',
  'a13-braze.csv': 'refused; columns-unknown 1',
  'a14-onetrust.csv': 'refused; columns-unknown 1',
  'a15-hubspot.csv': 'refused; columns-unknown 1',
  'a16-sci.csv': '0 people, 2 refused; value-refused 2; value-refused 3',
  'a17b-leading-zero.csv': '1 people, 0 refused',
  'a17c-float-id.csv': '1 people, 0 refused; 1 user_id decimal-point',
  'a19-emails.csv':
    '5 people, 4 refused; value-refused 4; value-refused 7; value-refused 8; value-refused 9; 1 email capitals-in-address; 2 email white-space-around; 1 email no-address',
  'a19b-ids-invisible.csv':
    '2 people, 4 refused; value-refused 2; value-refused 3; value-refused 5; value-refused 6; 1 user_id white-space-around; 1 user_id look-alike-character',
  'a21-empty-rows.csv': 'refused; columns-unknown 1',
  'a21b-spaces-rows.csv': '1 people, 0 refused',
  'a21d-trailing-comma-rows.csv': '2 people, 0 refused',
  // A row that ends early may be a file that was cut off, and half an id is somebody else's.
  'a21e-short-rows.csv': '0 people, 2 refused; row-length 2; row-length 3',
  'a23-case-header.csv': 'refused; columns-unknown 1',
  'a23b-space-header.csv': 'refused; columns-unknown 1',
  'a23d-umlaut-header.csv': 'refused; header-one-column 1',
  'a24-120-columns.csv': 'refused; columns-unknown 1',
  'a26-gz.csv.gz': 'refused; compressed',
  'a26b-gz.csv': 'refused; compressed',
  'a28-array.json': 'refused; json-array 1',
  'a28b-array.jsonl': 'refused; json-array 1',
  'a29-book.xlsx': 'refused; spreadsheet',
  'a29b-book.csv': 'refused; spreadsheet',
  'a30-empty.csv': 'refused; empty',
  'a30b-header-only.csv': 'refused; nobody',
  'a31-html.csv': 'refused; header-unknown 1',
  'a32-excel-errors.csv':
    '0 people, 6 refused; value-refused 2; value-refused 3; value-refused 4; value-refused 5; value-refused 6; value-refused 7',
  'a34-quotes-in-unquoted.csv': 'refused; csv-broken 3',
  'a34b-single-quotes.csv': 'refused; columns-unknown 1',
  'a34d-mysql-null.csv': '0 people, 2 refused; value-refused 2; value-refused 3',
  'a35-total-row.csv': '2 people, 0 refused; 1 user_id total; 1 email no-address',
  'a36b-iso-space.csv': '0 people, 1 refused; time-zone 2',
  'a36c-german-dates.csv': '1 people, 0 refused',
  'a37-request-id-spaces.csv': '0 people, 1 refused; request-refused 2',
  'a38-dup-people.csv': '2 people, 0 refused',
  'a39-emails-as-userid.csv': '2 people, 0 refused; 2 user_id address-in-id',
  'a39b-swapped.csv': '1 people, 0 refused; 1 email no-address; 1 user_id address-in-id',
  'a40b-jsonl-bom.jsonl': '1 people, 0 refused',
  'a40c-jsonl-trailing-comma.jsonl': '0 people, 2 refused; not-json 1; not-json 2',
  'a41-comment-lines.csv': 'refused; header-unknown 1',
  'a42-pipe.csv': '1 people, 0 refused',
  'a43-tab-in-csv.csv': '1 people, 0 refused',
  'a43b.txt': '1 people, 0 refused',
  'a45-fullwidth.csv': '1 people, 0 refused; 1 email look-alike-character',
  'a46-uuid-braces.csv': '2 people, 0 refused; 1 user_id in-braces; 1 user_id white-space-around',
  'a48-transcend-export.csv': 'refused; columns-unknown 1',
};

it('every file has its line', () => {
  expect(readdirSync(folder).sort()).toEqual(Object.keys(readings).sort());
});

it.each(Object.entries(readings))('reads %s: %s', async (file, reading) => {
  expect(await readingOf(file)).toBe(reading);
});

const onlyErasure = new Map([['Request Type', ['erasure', 'Deletion']]]);

it.each([
  ['a04b-semicolon-with-comma-header.csv', { ignored: new Set(['Name, Vorname']) }, '1 people, 0 refused'],
  ['a21-empty-rows.csv', { ignored: new Set(['phone']) }, '1 people, 0 refused'],
  [
    'a23-case-header.csv',
    {
      meanings: new Map([
        ['User_ID', 'user_id'],
        ['E-Mail', 'email'],
      ]),
    },
    '1 people, 0 refused',
  ],
  [
    'a14-onetrust.csv',
    {
      meanings: new Map([
        ['Email Address', 'email'],
        ['Request ID', 'request_id'],
        ['Date Created', 'received_at'],
        ['Due Date', 'due_at'],
      ]),
      ignoresOthers: true,
      where: onlyErasure,
    },
    '1 people, 0 refused',
  ],
  [
    'a48-transcend-export.csv',
    {
      meanings: new Map([
        ['Email', 'email'],
        ['Core Identifier', 'user_id'],
        ['Request ID', 'request_id'],
        ['Created At', 'received_at'],
      ]),
      ignoresOthers: true,
      where: onlyErasure,
    },
    '1 people, 0 refused; 1 user_id several-values',
  ],
  [
    'a08b-mixpanel-users-ui.csv',
    {
      meanings: new Map([
        ['Distinct ID', 'user_id'],
        ['Email', 'email'],
      ]),
      ignoresOthers: true,
    },
    '1 people, 0 refused',
  ],
] as const)('reads %s when told what its columns mean', async (file, more, reading) => {
  expect(await readingOf(file, more)).toBe(reading);
});
