import { unprintable } from './unprintable.ts';

const plain = /^[A-Za-z0-9_@%+=:,./-]+$/;

/**
 * A word as it has to stand in a command that is printed to be copied: POSIX shells, bash and zsh read it as it is, and run nothing of
 * it. What can not be printed is written as bytes (`$'\x1b'`), which bash, zsh and newer POSIX shells read.
 */
export function shellQuote(word: string): string {
  if (plain.test(word)) return word;
  if (isPrintable(word)) return `'${word.replaceAll("'", "'\\''")}'`;
  const quoted = [...word.toWellFormed()].map((character) =>
    isPrintable(character) ? character.replace(/['\\]/, '\\$&') : bytesOf(character),
  );
  return `$'${quoted.join('')}'`;
}

/** Likewise for an argument without an option in front of it: a word that begins with `-` would be taken for one. */
export function shellArgument(word: string): string {
  return word.startsWith('-') ? `-- ${shellQuote(word)}` : shellQuote(word);
}

function bytesOf(character: string): string {
  return [...Buffer.from(character)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}

function isPrintable(text: string): boolean {
  return text.search(unprintable) === -1;
}
