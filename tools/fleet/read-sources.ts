import { registerHooks } from 'node:module';

// A process of its own reads the sources as the tests do, so that no test passes because of a stale build.
registerHooks({
  resolve(specifier, context, next) {
    const [, name, entry = 'index'] = /^@expunge\/([a-z-]+)(?:\/([a-z-]+))?$/.exec(specifier) ?? [];
    if (name === undefined) return next(specifier, context);
    return next(new URL(`../../packages/${name}/src/${entry}.ts`, import.meta.url).href, context);
  },
});
