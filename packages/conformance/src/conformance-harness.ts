import type { ConnectorErrorCode, DeletionConnector, Receipt, Subject, Target } from '@expunge/core';
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
  /**
   * Makes the value for a name such as `ada-4711`, where this vendor's identifiers are no free text: the same for the same
   * name, another for another one. `identifierForms` has numbers, UUIDs, addresses and phone numbers. Default: the name.
   */
  identifierFor?(name: string): string;
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
  /**
   * Identifiers that are hard to transmit. Default: `oddIdentifiers`, or none where `identifierFor` is given. Leave out only
   * what the vendor's documents forbid, and mark with `isRefused` what the vendor can't carry.
   */
  readonly oddIdentifiers?: readonly OddIdentifier[];
  /** Answers from the vendor's documents, with what each means: refusals, states, whatever the fake vendor does not say by itself. */
  readonly documentedAnswers?: readonly DocumentedAnswer[];
  /**
   * Puts somebody else into the vendor's memory who shares an identifier with this person and has another value for a second one: an
   * address that was passed on. Returns that person, by identifiers that the shared one is not among. Left out: the vendor shows
   * nothing by which the two could be told apart.
   */
  seedSomebodyElse?(subject: Subject): Subject | Promise<Subject>;
  /** Whether the documents promise no name in the answer to a read: it is understood by what else is in it. */
  readonly readsMayBeNameless?: boolean;
  /** Makes the connector with an undici dispatcher, as an operator with a proxy does. Left out: it takes none. */
  connectorThrough?(dispatcher: never): DeletionConnector;
  /** The same connector with credentials that the vendor refuses. Left out: no call of this vendor proves them. */
  readonly connectorWithWrongCredentials?: DeletionConnector;
  /** The same connector, giving up after a fraction of a second. Left out: its patience is no option. */
  readonly impatientConnector?: DeletionConnector;
}

/** What a documented answer is an answer to. */
export interface Asked {
  /** Whom the call is about. None where it proves access. */
  readonly targets: readonly Target[];
  /** What the submission is known by, where the call is about one. */
  readonly receipt: Receipt | undefined;
}

/** An answer from the vendor's documents, and what the connector has to make of it. */
export interface DocumentedAnswer {
  /** To which call. */
  readonly call: 'submit' | 'check' | 'verify' | 'cancel' | 'recover' | 'checkAccess';
  /** The HTTP status. */
  readonly status: number;
  /** Headers beside the content type. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body: a text as it is, anything else as JSON. A function where it names what was asked about. */
  readonly body?: object | string | number | boolean | null | ((asked: Asked) => unknown);
  /** Only calls with this path meet it; the others reach the fake vendor. Default: `submitPath` for `submit`, every path otherwise. */
  readonly path?: RegExp;
  /**
   * The outcome (`accepted`, `absent`, `pending`, `deleted`, `too-late`, ...) or the code of the error. For `recover` `found` or
   * `not-found`, for `checkAccess` `proven`.
   */
  readonly means: DocumentedMeaning;
  /** Of `rejected` and `deferred`: the reason. Left out: it is not compared. */
  readonly reason?: string;
  /** Of an error or `deferred`: how long the vendor asks to wait, in milliseconds. Left out: it is not compared. */
  readonly retryAfterMs?: number;
  /** How many people the call is about. Default: 1. */
  readonly people?: number;
}

/** What a documented answer can mean. */
export type DocumentedMeaning =
  | ConnectorErrorCode
  | 'deleted'
  | 'absent'
  | 'accepted'
  | 'deferred'
  | 'rejected'
  | 'present'
  | 'unknown'
  | 'pending'
  | 'partial'
  | 'failed'
  | 'cancelled'
  | 'lost'
  | 'too-late'
  | 'not-ours'
  | 'found'
  | 'not-found'
  | 'proven';

/** An identifier that is hard to transmit, and the one that a careless connector would reach instead. */
export interface OddIdentifier {
  /** What is odd about it: "a plus sign". */
  readonly label: string;
  /** The identifier. */
  readonly value: string;
  /** Belongs to another person, who must not be touched. */
  readonly decoy: string;
  /** The vendor can't carry it, such as a comma where it splits at commas: the connector has to reject it before any call. */
  readonly isRefused?: boolean;
}

/** Makes a fresh harness: every check gets its own vendor with an empty memory. */
export type ConformanceSetup = () => Promise<ConformanceHarness>;
