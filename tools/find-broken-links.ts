import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Finds links of a Markdown file that lead nowhere inside the project: to a file that is not there, or to no heading. */
export function findBrokenLinks(file: string): readonly string[] {
  const text = withoutCode(readFileSync(file, 'utf8'));
  const targets = [...text.matchAll(/\]\(([^()\s]+)\)/g)].map((match) => match[1] ?? '');
  return targets.filter((target) => !/^[a-z]+:/.test(target) && !leadsSomewhere(file, target));
}

function leadsSomewhere(file: string, target: string): boolean {
  const [path = '', heading] = target.split('#');
  const destination = path === '' ? file : join(dirname(file), path);
  if (!existsSync(destination)) return false;
  return heading === undefined || headingsOf(readFileSync(destination, 'utf8')).includes(heading);
}

/** The anchors that GitHub makes of the headings. */
function headingsOf(text: string): readonly string[] {
  return [...withoutCode(text).matchAll(/^#+ +(.+)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function withoutCode(text: string): string {
  return text.replace(/^```.*?^```/gms, '');
}
