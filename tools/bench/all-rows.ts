import type { BenchRow } from './bench-row.ts';
import { batches } from './rows/batches.ts';
import { growth } from './rows/growth.ts';
import { installSize } from './rows/install-size.ts';
import { ledgerSize } from './rows/ledger-size.ts';
import { memory } from './rows/memory.ts';
import { physicalLimits } from './rows/physical-limits.ts';
import { profile } from './rows/profile.ts';
import { singleCalls } from './rows/single-calls.ts';
import { slowerVendor } from './rows/slower-vendor.ts';
import { start } from './rows/start.ts';
import { throughput } from './rows/throughput.ts';
import { vendorLimits } from './rows/vendor-limits.ts';

/** Every row, in the order in which they are measured and shown. */
export const allRows: readonly BenchRow[] = [
  throughput,
  singleCalls,
  physicalLimits,
  profile,
  batches,
  vendorLimits,
  slowerVendor,
  memory,
  growth,
  start,
  ledgerSize,
  installSize,
];
