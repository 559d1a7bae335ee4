import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    // Tests read the sources, so that a test never passes because of a stale build.
    alias: [
      { find: /^@expunge\/([a-z-]+)$/, replacement: source('./packages/$1/src/index.ts') },
      { find: /^@expunge\/([a-z-]+)\/([a-z-]+)$/, replacement: source('./packages/$1/src/$2.ts') },
    ],
  },
  test: {
    include: [
      'packages/*/{src,test}/**/*.test.ts',
      'apps/*/{src,test}/**/*.test.ts',
      'examples/*/*.test.ts',
      'examples/*/{src,test}/**/*.test.ts',
      'tools/**/*.test.ts',
    ],
    testTimeout: 30_000,
  },
});
