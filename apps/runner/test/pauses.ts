import type { Workplace } from './expunge-process.ts';

/** What the audit log of a workplace's ledger says of pauses, oldest first. */
export async function pausesIn(workplace: Pick<Workplace, 'run'>): Promise<unknown[]> {
  const { output } = await workplace.run(['audit', 'list', '--json']);
  const { entries }: { readonly entries: readonly { readonly text: string }[] } = JSON.parse(output);
  return entries.map(({ text }) => JSON.parse(text)).filter(({ type }) => /^(un)?paused$/.test(type));
}
