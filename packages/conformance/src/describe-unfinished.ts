import { describe, it } from 'vitest';
import { ConformanceError } from './conformance-check.ts';
import { findUnfinished } from './find-unfinished.ts';

const guide = 'The guide is docs/add-a-connector.md in the repository of Expunge.';

/**
 * Lists what the author of a generated connector still has to write: one red vitest test for each place. Red as well when
 * nothing is left, until the test that calls this is deleted: so that nobody keeps it and believes that it guards something.
 *
 * @param name - What the tests are listed under: "connector-example".
 * @param places - The folders and files to look into.
 */
export function describeUnfinished(name: string, places: readonly (string | URL)[]): void {
  describe(`${name}, what is left to write`, () => {
    const found = findUnfinished(places);
    for (const { file, line, what } of found) {
      it(`${file}:${line} ${what}`, () => {
        throw withoutStack(new ConformanceError(`${file}, line ${line}, to be written: ${what}. ${guide}`));
      });
    }
    if (found.length > 0) return;
    it('nothing: delete unfinished.ts and unfinished.test.ts', () => {
      throw new ConformanceError(
        'Everything is written. Delete src/unfinished.ts and src/unfinished.test.ts: from now on the conformance suite ' +
          'and your own tests are the judge.',
      );
    });
  });
}

/** The place is in the message. A stack would show this file instead, once for each of fifty places. */
function withoutStack(error: ConformanceError): ConformanceError {
  error.stack = `${error.name}: ${error.message}`;
  return error;
}
