import { type Fault, UserError } from './user-error.ts';

/** A failure as it is told. Holds no personal data by construction: messages of unknown errors are left out. */
export interface Failure {
  /** One sentence. */
  readonly message: string;
  /** What is wrong in detail. */
  readonly faults: readonly Fault[];
  /** How many more faults there are than are listed. */
  readonly moreFaults: number;
}

/** Says what went wrong. Only errors that are written to be read are quoted; of all others only the class and a code. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof UserError) {
    return { message: error.message, faults: error.faults, moreFaults: error.moreFaults };
  }
  if (error instanceof Error && error.name === 'LedgerError')
    return { message: error.message, faults: [], moreFaults: 0 };
  const hint = 'Set EXPUNGE_DEBUG=1 to see where; that output may hold personal data.';
  return { message: `Something unexpected happened (${classAndCode(error)}). ${hint}`, faults: [], moreFaults: 0 };
}

function classAndCode(error: unknown): string {
  if (!(error instanceof Error)) return 'no Error';
  const code = 'code' in error ? error.code : undefined;
  const name = /^\w{1,60}$/.test(error.name) ? error.name : 'Error';
  return typeof code === 'string' && /^[\w-]{1,60}$/.test(code) ? `${name} ${code}` : name;
}

const shownFaults = 20;

/** A failure as lines for people. */
export function failureLines({ message, faults, moreFaults }: Failure): string[] {
  const lines = [message];
  for (const fault of faults.slice(0, shownFaults)) lines.push(`  ${placeOf(fault)}${fault.message}`);
  const left = faults.length - Math.min(faults.length, shownFaults) + moreFaults;
  if (left > 0) lines.push(`  and ${left.toLocaleString('en-US')} more`);
  return lines;
}

function placeOf({ where, line }: Fault): string {
  if (where !== undefined && where !== '') return line === undefined ? `${where}: ` : `${where} (line ${line}): `;
  return line === undefined ? '' : `line ${line}: `;
}
