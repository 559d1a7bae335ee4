import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shellArgument, shellQuote } from './shell-quote.ts';
import { unprintable } from './unprintable.ts';

/** The words that a shell makes of a command's arguments. */
function wordsOf(shell: string, given: string): string[] {
  const printed = execFileSync(shell, ['-c', `printf '%s\\0' ${given}`], { encoding: 'utf8' });
  return printed.split('\0').slice(0, -1);
}

describe.skipIf(process.platform === 'win32')('shellQuote', () => {
  const words = ['R-1', "o'clock", 'a b', '$(id)', '`id`', '"', '\\', '*', '~', '!1', '#x', 'a;b', '', '=x', '名前'];

  it.each(['sh', 'bash'])('is read by %s as it is, and runs nothing', (shell) => {
    expect(wordsOf(shell, words.map(shellQuote).join(' '))).toEqual(words);
  });

  it('is read by bash as it is and can be printed, whatever the word is', () => {
    const word = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '\u001b'));
    fc.assert(
      fc.property(fc.array(word, { minLength: 20, maxLength: 40 }), (given) => {
        const quoted = given.map(shellQuote).join(' ');
        expect(quoted.search(unprintable)).toBe(-1);
        expect(wordsOf('bash', quoted)).toEqual(given);
      }),
      { numRuns: 20 },
    );
  });

  it('leaves plain words as they are, and keeps an argument from being an option', () => {
    expect(shellQuote('reports/R-1_2026.json')).toBe('reports/R-1_2026.json');
    expect(shellArgument('--help me')).toBe("-- '--help me'");
    expect(shellArgument('R-1')).toBe('R-1');
  });
});
