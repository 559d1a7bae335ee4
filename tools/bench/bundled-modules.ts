import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// The bundler joins modules into one file and leaves a line such as `// src/pacer.ts` before each of them.
const moduleLine = /^\/\/ ((?:src|node_modules)\/.+)$/;

/** Tells from which module each line of a built file comes. */
export interface BundledModules {
  /** Such as `src/ledger/encrypt.ts`. undefined: the file is no bundle, or the line stands before the first module. */
  moduleAt(url: string, line: number): string | undefined;
}

/** Reads built files as they are asked about. */
export function readBundledModules(read: (url: string) => string = readBuiltFile): BundledModules {
  const modulesOf = new Map<string, readonly { readonly line: number; readonly name: string }[]>();
  return {
    moduleAt(url, line) {
      let modules = modulesOf.get(url);
      if (modules === undefined) {
        modules = read(url)
          .split('\n')
          .flatMap((text, index) => {
            const name = moduleLine.exec(text)?.[1];
            return name === undefined ? [] : [{ line: index, name }];
          });
        modulesOf.set(url, modules);
      }
      return modules.findLast((each) => each.line <= line)?.name;
    },
  };
}

function readBuiltFile(url: string): string {
  return url.startsWith('file:') ? readFileSync(fileURLToPath(url), 'utf8') : '';
}
