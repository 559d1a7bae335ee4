import type { BenchRow } from './bench-row.ts';
import { profile } from './rows/profile.ts';
import { singleCalls } from './rows/single-calls.ts';
import { throughput } from './rows/throughput.ts';

/** Every row, in the order in which they are measured and shown. */
export const allRows: readonly BenchRow[] = [throughput, singleCalls, profile];
