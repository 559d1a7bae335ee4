import { existsSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { readWorkspace } from './read-workspace.ts';

// What an editor shows to somebody who has installed a package: hovering a field has to explain it.

const root = join(import.meta.dirname, '..');
// What the author of a connector meets, and whoever configures one in code.
const published = readWorkspace(root)
  .map(({ folder }) => folder)
  .filter((folder) => /^packages\/(core|http-client|conformance|create-connector|connector-.*)$/.test(folder));

const entries = published.map((folder) => join(root, folder, 'dist/index.d.ts'));
for (const entry of entries)
  if (!existsSync(entry)) throw new Error(`${entry} is not there. Run \`pnpm build\` first.`);

// One look at all of them: most of the work is in what they share.
const program = ts.createProgram(entries, {
  noEmit: true,
  skipLibCheck: true,
  module: ts.ModuleKind.NodeNext,
  strict: true,
});
const checker = program.getTypeChecker();

/** The fields of exported types, of objects within them too, that have no comment. */
function undocumentedFields(folder: string): string[] {
  const entry = join(root, folder, 'dist/index.d.ts');
  const source = program.getSourceFile(entry);
  const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
  const exported = module === undefined ? [] : checker.getExportsOfModule(module);
  return exported.flatMap((symbol) => {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    if (!(target.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias))) return [];
    return (
      checker
        .getDeclaredTypeOfSymbol(target)
        .getProperties()
        // What tells the members of a union apart is explained by the union.
        .filter(
          (property) => !(property.flags & ts.SymbolFlags.Transient && property.name === 'type' && isUnion(target)),
        )
        .filter((property) => isOurs(property, folder) && property.getDocumentationComment(checker).length === 0)
        .map((property) => `${symbol.name}.${property.name}`)
    );
  });
}

function isUnion(symbol: ts.Symbol): boolean {
  return checker.getDeclaredTypeOfSymbol(symbol).isUnion() && symbol.getDocumentationComment(checker).length > 0;
}

function isOurs(property: ts.Symbol, folder: string): boolean {
  return (property.declarations ?? []).some((declaration) =>
    declaration.getSourceFile().fileName.replaceAll('\\', '/').includes(`${folder}/dist/`),
  );
}

describe.each(published)('%s, as an editor shows it', (folder) => {
  it('explains every field of its types', () => {
    expect(undocumentedFields(folder)).toEqual([]);
  });
});
