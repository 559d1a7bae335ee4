import picocolors from 'picocolors';
import type { OutputStream } from '../process-environment.ts';

/** Functions that color text, or leave it alone. */
export type Colors = ReturnType<typeof picocolors.createColors>;

/** Colors for a stream: on a terminal, unless `NO_COLOR` is set; elsewhere where `FORCE_COLOR` is. */
export function colorsFor(stream: OutputStream, environment: Readonly<Record<string, string | undefined>>): Colors {
  const isForced = isSet(environment.FORCE_COLOR) && environment.FORCE_COLOR !== '0';
  const isForbidden = isSet(environment.NO_COLOR) || environment.TERM === 'dumb';
  return picocolors.createColors(!isForbidden && (stream.isTTY === true || isForced));
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}
