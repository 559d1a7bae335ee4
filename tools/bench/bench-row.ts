import type { BenchConnector } from './bench-connectors.ts';
import type { Chart } from './svg-chart.ts';
import type { VendorProcess } from './vendor-process.ts';

/** One thing that was measured, several times. */
export interface Figure {
  /** What it is, in words. */
  readonly what: string;
  /** Of the measured values: `subjects/s`, `ms`. */
  readonly unit: string;
  readonly values: readonly number[];
  /** What it is compared with, measured in the same run. In the same unit. */
  readonly against?: { readonly what: string; readonly values: readonly number[] };
  /** How the two compare, round by round, in the way that the target speaks of it. */
  readonly ratios?: readonly number[];
  /** What the ratios are counted in, where they are none: `ms more`. */
  readonly ratioUnit?: string;
  /** What was to be reached, and whether the median does. */
  readonly target?: { readonly text: string; readonly isMet: boolean };
}

/** A small table of where something goes. */
export interface Breakdown {
  readonly title: string;
  readonly columns: readonly string[];
  readonly lines: readonly (readonly (string | number)[])[];
}

/** What measuring one row came to. */
export interface RowResult {
  readonly figures: readonly Figure[];
  readonly breakdowns?: readonly Breakdown[];
  /** How it was measured, and what to know when reading it. One sentence each. */
  readonly notes: readonly string[];
  /** A curve for the docs, and the name of its file. */
  readonly curve?: { readonly file: string; readonly chart: Chart };
}

/** What a row is given. */
export interface BenchContext {
  /** Asked for on the command line; undefined: as the row has it. */
  readonly repeats: number | undefined;
  readonly subjects: number | undefined;
  readonly seconds: number | undefined;
  /** The fleets to measure, by their number of workers; undefined: as the row has it. */
  readonly workers: readonly number[] | undefined;
  /** Where a row measures connectors one by one: whether this one is wanted. */
  readonly isWanted: (connector: BenchConnector) => boolean;
  /** The folder in which everything is written. */
  readonly scratch: string;
  /** The lean vendor, in a process of its own. */
  readonly vendor: VendorProcess;
  /** Tells whoever waits what is going on. */
  readonly say: (text: string) => void;
}

/** A row of the table: one question, with its answer in figures. */
export interface BenchRow {
  /** What it is called on the command line. */
  readonly name: string;
  readonly title: string;
  measure(context: BenchContext): Promise<RowResult>;
}
