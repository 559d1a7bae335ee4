import type { BenchRow } from './bench-row.ts';
import { batches } from './rows/batches.ts';
import { fleetCost } from './rows/fleet-cost.ts';
import { fleetLimits } from './rows/fleet-limits.ts';
import { fleetThroughput } from './rows/fleet-throughput.ts';
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

/** The rows of a single machine, in the order in which they are measured and shown. */
export const singleMachineRows: readonly BenchRow[] = [
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

/** The rows of a fleet. They are measured on demand: with the others it would take too long. */
export const fleetRows: readonly BenchRow[] = [fleetLimits, fleetThroughput, fleetCost];

/** Every row. */
export const allRows: readonly BenchRow[] = [...singleMachineRows, ...fleetRows];
