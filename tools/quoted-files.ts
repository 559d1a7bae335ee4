import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A code block of a page that shows a file, or a region of one: ```` ```ts file=examples/a/b.ts#region ````. */
const quotedBlock = /^(```\w+ file=(\S+?)(?:#(\S+))?)\n(.*?)^```$/gms;

/** A page with each of its quoting blocks showing what stands in the file now. */
export function refreshQuotes(page: string, readFile: (path: string) => string): string {
  return page.replace(quotedBlock, (_block, opening: string, path: string, region?: string) => {
    const text = readFile(path);
    return `${opening}\n${region === undefined ? withoutRegionMarks(text) : regionOf(text, region, path)}\`\`\``;
  });
}

/** The lines of a page that open a TypeScript block which quotes no file. */
export function unquotedBlocks(page: string): readonly number[] {
  return page
    .split('\n')
    .flatMap((line, index) => (/^```(ts|typescript|js)\b(?! file=)/.test(line) ? [index + 1] : []));
}

/** What stands between `// #region name` and its `// #endregion`, as far to the left as it goes. */
function regionOf(text: string, region: string, path: string): string {
  const lines = text.split('\n');
  const begin = lines.findIndex((line) => line.trim() === `// #region ${region}`);
  const end = lines.findIndex((line, index) => index > begin && line.trim() === '// #endregion');
  if (begin < 0 || end < 0) throw new Error(`${path} has no region "${region}".`);
  const inside = lines.slice(begin + 1, end);
  const indents = inside.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length);
  const indent = Math.min(...indents);
  return inside.map((line) => `${line.slice(indent)}\n`).join('');
}

function withoutRegionMarks(text: string): string {
  return text.replace(/^ *\/\/ #(region|endregion).*\n/gm, '');
}

/** The pages that quote files. */
export const quotingPages = ['docs/add-a-connector.md'] as const;

// Run as a command, it writes the pages anew.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = join(import.meta.dirname, '..');
  for (const path of quotingPages) {
    const page = readFileSync(join(root, path), 'utf8');
    writeFileSync(
      join(root, path),
      refreshQuotes(page, (quoted) => readFileSync(join(root, quoted), 'utf8')),
    );
  }
}
