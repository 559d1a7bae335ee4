import { countWords } from './count-words.ts';

/** That nobody was found at a connector, and what to do: it may be the wrong account. */
export function noneFoundWords({
  connector,
  noneFound,
}: {
  readonly connector: string;
  readonly noneFound: number;
}): string {
  return `${connector}: none of ${countWords(noneFound)} people was found there. Is it the right account? Compare the project or account in the configuration with the vendor's pages, and look one of these people up there; "expunge check" shows what the credentials reach.`;
}
