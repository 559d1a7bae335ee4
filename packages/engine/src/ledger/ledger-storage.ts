import type { Ledger } from './ledger.ts';
import type { LedgerHome } from './storage-adapter.ts';

const homes = new WeakMap<Ledger, LedgerHome>();

/** Notes which home a ledger speaks for. */
export function noteHome(ledger: Ledger, home: LedgerHome): void {
  homes.set(ledger, home);
}

/** The home of a ledger that one of our own functions has opened. */
export function homeOf(ledger: Ledger): LedgerHome {
  const home = homes.get(ledger);
  if (home === undefined)
    throw new TypeError(
      'This ledger was not opened by openSqliteLedger or openPostgresLedger, or is a copy of one that was.',
    );
  return home;
}
