import type { DeletionConnector, Subject } from '@expunge/core';
import type { Fault, SandboxClock, VendorServer } from '@expunge/vendor-sandbox';

/** What one check works with: a connector, the fake vendor it speaks to, and the vendor's memory. */
export interface ConformanceHarness {
  /** The connector under test, with credentials that the vendor accepts and the vendor's `url` as its base. */
  readonly connector: DeletionConnector;
  /** The fake vendor, made with `createVendorServer` or taken from `startSandbox`. */
  readonly vendor: Pick<VendorServer, 'requests' | 'faults'>;
  /** The vendor's time. */
  readonly clock: SandboxClock;

  /**
   * Makes a subject out of a value, with an identifier of a type that the vendor can use. Different values make
   * different people; the value has to be part of the identifier as it is.
   */
  subjectOf(value: string): Subject;
  /** Puts a person into the vendor's memory, as a company's own traffic would have done. */
  seed(subject: Subject): void | Promise<void>;
  /** Looks into the vendor's memory, not through its API, whether what the connector deletes of a person is gone. */
  isGone(subject: Subject): boolean | Promise<boolean>;
  /** Advances the vendor's time until everything accepted is done and a read-back tells the truth. */
  settle(): void | Promise<void>;
  /** Ends the vendor. */
  close(): Promise<void>;

  /** The credentials that the connector was made with. None of them may show in an error. */
  readonly secrets: readonly string[];
  /** Which paths carry out deletions, where a deletion takes other calls too. Default: every path. */
  readonly submitPath?: RegExp;
  /** Answers by which this vendor refuses with a success status, from its documents: `{ status: 'fail' }` with HTTP 200. */
  readonly refusals?: readonly Extract<Fault, { type: 'status' }>[];
  /** A body that, with HTTP 200, can't be this vendor's success. Default: `{ surprise: true }`. */
  readonly wrongBody?: unknown;
  /** Identifiers that are hard to transmit. Default: `oddIdentifiers`. Leave out only what the vendor's documents forbid. */
  readonly oddIdentifiers?: readonly OddIdentifier[];
  /** The same connector with credentials that the vendor refuses. Left out: no call of this vendor proves them. */
  readonly connectorWithWrongCredentials?: DeletionConnector;
  /** The same connector, giving up after a fraction of a second. Left out: its patience is no option. */
  readonly impatientConnector?: DeletionConnector;
}

/** An identifier that is hard to transmit, and the one that a careless connector would reach instead. */
export interface OddIdentifier {
  /** What is odd about it: "a plus sign". */
  readonly label: string;
  readonly value: string;
  /** Belongs to another person, who must not be touched. */
  readonly decoy: string;
}

/** Makes a fresh harness: every check gets its own vendor with an empty memory. */
export type ConformanceSetup = () => Promise<ConformanceHarness>;
