// Preloaded by a test: writes down what a process and its threads load, and what they want to load.
import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, nextResolve) {
    appendFileSync(process.env.RECORDED_MODULES, `${specifier}\n`);
    const resolved = nextResolve(specifier, context);
    appendFileSync(process.env.RECORDED_MODULES, `${resolved.url}\n`);
    return resolved;
  },
});
