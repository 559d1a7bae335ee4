import { createCleverTapConnector } from '@expunge/connector-clevertap';
import type { Subject } from '@expunge/core';
import { deleteSubject } from '@expunge/engine';

const { CLEVERTAP_URL = '', CLEVERTAP_ACCOUNT_ID = '', CLEVERTAP_PASSCODE = '' } = process.env;
const person: Subject = { identifiers: [{ type: 'user_id', value: process.argv[2] ?? '' }] };

const connector = createCleverTapConnector({
  baseUrl: CLEVERTAP_URL,
  accountId: CLEVERTAP_ACCOUNT_ID,
  passcode: CLEVERTAP_PASSCODE,
});
const outcomes = await deleteSubject(connector, person);

for (const { targetType, state, assurance, reason, message } of outcomes) {
  const known = assurance === undefined ? `nothing is proven (${reason ?? 'unfinished'})` : `known as ${assurance}`;
  process.stdout.write(`${targetType ?? 'no target'}: ${state}, ${known}. ${message ?? ''}\n`);
}
process.exitCode = outcomes.every(({ assurance }) => assurance !== undefined) ? 0 : 1;
