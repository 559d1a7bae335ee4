import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCleverTapConnector } from '@expunge/connector-clevertap';
import { createEngine, type IncomingRequest, parseKey } from '@expunge/engine';
import { openSqliteLedger } from '@expunge/engine/sqlite';

const { CLEVERTAP_URL = '', CLEVERTAP_ACCOUNT_ID = '', CLEVERTAP_PASSCODE = '' } = process.env;
const { LEDGER_FOLDER = '', BACKUP_FOLDER = '', LEDGER_KEY_FILE = '' } = process.env;

/** The company's key, from where the company keeps keys: here a mounted secret, in the same way a call to a vault. */
function companyKey(): Uint8Array {
  return parseKey(readFileSync(LEDGER_KEY_FILE, 'utf8'), 'LEDGER_KEY_FILE');
}

// With `key`, no key file is made beside the ledger: whoever copies the folder can read nobody.
mkdirSync(LEDGER_FOLDER, { recursive: true, mode: 0o700 });
const ledger = await openSqliteLedger({ path: join(LEDGER_FOLDER, 'deletions.db'), key: companyKey() });
try {
  const connector = createCleverTapConnector({
    baseUrl: CLEVERTAP_URL,
    accountId: CLEVERTAP_ACCOUNT_ID,
    passcode: CLEVERTAP_PASSCODE,
  });
  const engine = createEngine({ ledger, connectors: [{ name: 'clevertap', connector }] });

  // Without an id and a time of its own, a request gets the id of the person: the same person twice is taken in once. Who has asked
  // again needs `receivedAt`.
  const startedAt = new Date().toISOString();
  const requests = process.argv
    .slice(2)
    .map((value): IncomingRequest => ({ subject: { identifiers: [{ type: 'user_id', value }] }, law: 'gdpr' }));
  const { accepted, known, notSentAgain } = await engine.accept(requests);
  const { isSettled } = await engine.run({ waitAtMostMs: 1000 });
  process.stdout.write(
    `${accepted} new, ${known} known, ${notSentAgain} of them not sent again. ${isSettled ? 'Nothing is open.' : 'Something still waits.'}\n`,
  );

  // A copy that is whole, also while another process works. The key is not in it. The file must not exist yet.
  await ledger.backup(join(BACKUP_FOLDER, `deletions-${startedAt.replaceAll(':', '-')}.db`));
} finally {
  await ledger.close();
}
