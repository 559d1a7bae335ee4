import type { RequestCounts } from '@expunge/engine';
import { plural } from './count-words.ts';

/** What is said of requests that are settled and not done. */
export function notDoneWords({ calledBack, nothingSent }: Pick<RequestCounts, 'calledBack' | 'nothingSent'>): string[] {
  const words: string[] = [];
  if (calledBack > 0) words.push(`${plural(calledBack, 'request')} cancelled: what was cancelled is not deleted.`);
  if (nothingSent > 0) words.push(`For ${plural(nothingSent, 'request')} nothing could be sent anywhere.`);
  return words;
}
