import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { VendorNames } from './vendor-names.ts';

/** Files to be, by their paths: `src/acme-connector.ts`. */
export type FileTexts = ReadonlyMap<string, string>;

const templateFolder = fileURLToPath(new URL('../template', import.meta.url));

/**
 * A part of the template, for a vendor. The template is the connector of a vendor called Acme, so that it compiles and
 * is linted as it stands.
 */
export function renderTemplate(part: 'common' | 'outside' | 'inside', names: VendorNames): FileTexts {
  const folder = join(templateFolder, part);
  return new Map(
    filesIn(folder).map((path) => [inNameOf(names, path), inNameOf(names, readFileSync(join(folder, path), 'utf8'))]),
  );
}

/** Replaces Acme by the vendor, in each form of its name. In one go: what is put in may have Acme in its name itself. */
export function inNameOf(names: VendorNames, text: string): string {
  return text.replace(/acme|ACME|Acme/g, (found, offset: number) => {
    if (found === 'ACME') return names.constant;
    const isBeforeCapital = /[A-Z]/.test(text.charAt(offset + found.length));
    if (found === 'acme') return isBeforeCapital ? names.camel : names.kebab;
    return isBeforeCapital || /[a-z]/.test(text.charAt(offset - 1)) ? names.pascal : names.title;
  });
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    );
}
