import { readFileSync } from 'node:fs';
import { defineConfig } from 'tsup';

// tsup runs in the package's folder. What a package publishes stands once, in its package.json: every
// `./dist/<name>.js` of `exports` and `bin` is built from `./src/<name>.ts`.
interface Manifest {
  exports?: Record<string, string | { default: string }>;
  bin?: Record<string, string>;
}
const manifest: Manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const built = [
  ...Object.values(manifest.exports ?? {}).map((target) => (typeof target === 'string' ? target : target.default)),
  ...Object.values(manifest.bin ?? {}),
].filter((path) => path.startsWith('./dist/') && path.endsWith('.js'));
const entry = [...new Set(built)].map((path) => path.replace('./dist/', 'src/').replace(/\.js$/, '.ts'));

export default defineConfig({
  entry,
  format: 'esm',
  target: 'node22',
  platform: 'node',
  tsconfig: '../../tsconfig.build.json',
  dts: true,
  clean: true,
  splitting: true,
  // tsup strips the `node:` prefix by default; `node:sqlite` does not exist without it.
  removeNodeProtocol: false,
});
