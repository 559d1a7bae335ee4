import { ConnectionLost } from './database-error.ts';

const longestSilenceMs = 15_000;
const shortestSilenceMs = 250;

/**
 * After how long without an answer it is asked whether the server still works on it, in milliseconds. Of the time for retries
 * enough is left to try again.
 */
export function askAfterMs(retryTransientMs: number): number {
  return Math.min(longestSilenceMs, Math.max(retryTransientMs / 2, shortestSilenceMs));
}

const silent = Symbol('silent');

/**
 * What a statement answers. Where nothing comes, another connection asks whether the server is at work on it: an answer may
 * take long, but a server that is gone without a word never gives one, and TCP notices after a quarter of an hour, or not at all.
 *
 * @throws ConnectionLost where the server is not at it, or gives no answer to that either
 */
export async function answerOf<Result>(
  statement: Promise<Result>,
  afterMs: number,
  isAtWork: () => Promise<boolean>,
): Promise<Result> {
  for (;;) {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<typeof silent>((resolve) => {
      timer = setTimeout(() => resolve(silent), afterMs);
    });
    const first = await Promise.race([statement, silence]).finally(() => clearTimeout(timer));
    if (first !== silent) return first;
    const isAnswered = statement.then(
      () => true,
      () => true,
    );
    if (!(await Promise.race([isAnswered, isAtWork()]))) throw new ConnectionLost('ETIMEDOUT');
  }
}
