/**
 * How long a connector under test waits for its answer, in milliseconds. Only a vendor that stays silent is given up by the
 * clock: any other answer comes, however busy the machine is. Where the vendor has to act before it falls silent, the request
 * must have arrived by then.
 */
export function timeoutForFault({ type }: { readonly type: string }): number {
  if (type === 'hang-before') return 500;
  return type === 'hang-after' ? 3000 : 300_000;
}
