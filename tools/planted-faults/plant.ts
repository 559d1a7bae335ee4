import type { PlantedFault } from './faults.ts';

/** A source with the fault in it. Throws where the line that it is planted in is gone, or stands there twice. */
export function plant({ what, file, search, replace }: PlantedFault, source: string): string {
  const [before, after, ...more] = source.split(search);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(
      `"${what}" can't be planted: in ${file} the text ${JSON.stringify(search)} stands ${source.split(search).length - 1} times. ` +
        'Write the fault anew in tools/planted-faults/faults.ts.',
    );
  }
  return `${before}${replace}${after}`;
}
