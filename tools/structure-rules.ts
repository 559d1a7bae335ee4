import { dirname, posix } from 'node:path';
import ts from 'typescript';
import { type Manifest, visitAll } from './convention-rules.ts';

/** How a statement of the ledger is run, by what its rows are like. */
const queries = new Set(['all', 'get', 'query', 'exec', 'rowsOf']);

/**
 * Where a query says by itself what its rows are like. Row types stand in `rows.ts`; a query names one of them, takes columns out of
 * one, or has a single column.
 */
export function rowTypeFaults(text: string): readonly string[] {
  const known = new Set(['Record']);
  visitAll(text, (node) => {
    if (ts.isTypeParameterDeclaration(node)) known.add(node.name.text);
    if (!ts.isImportDeclaration(node) || !/rows\.ts'$|\/storage'$/.test(node.moduleSpecifier.getText())) return;
    const bindings = node.importClause?.namedBindings;
    if (bindings !== undefined && ts.isNamedImports(bindings))
      for (const { name } of bindings.elements) known.add(name.text);
  });
  const faults: string[] = [];
  visitAll(text, (node) => {
    if (!ts.isCallExpression(node) || node.typeArguments === undefined || !queries.has(nameOf(node.expression))) return;
    for (const type of node.typeArguments) {
      if (!isOfRows(type, known)) faults.push(`reads rows of its own type: name ${type.getText()} in rows.ts`);
    }
  });
  return faults;
}

function nameOf(callee: ts.Expression): string {
  return ts.isPropertyAccessExpression(callee) ? callee.name.text : callee.getText();
}

function isOfRows(type: ts.TypeNode, known: ReadonlySet<string>): boolean {
  if (ts.isTypeLiteralNode(type)) return type.members.length <= 1;
  if (ts.isIntersectionTypeNode(type)) return type.types.every((each) => isOfRows(each, known));
  if (!ts.isTypeReferenceNode(type)) return false;
  const name = type.typeName.getText();
  const [from] = type.typeArguments ?? [];
  return name === 'Pick' || name === 'Omit' ? from !== undefined && isOfRows(from, known) : known.has(name);
}

/**
 * Folders that import values from each other in a circle: what such folders are about can't be told apart, and the order in which
 * their files are read decides what works. Types may cross. Entry points, which a package exports, import from everywhere.
 *
 * @param files - A package's sources by their path: `src/ledger/ledger.ts`.
 */
export function folderCircles(files: ReadonlyMap<string, string>, manifest: Manifest): readonly string[] {
  const entries = new Set(
    [...JSON.stringify(manifest.exports ?? {}).matchAll(/dist\/([\w-]+)\.js/g)].map(([, name]) => `src/${name}.ts`),
  );
  const arrows = new Map<string, Map<string, string>>();
  for (const [path, text] of files) {
    if (entries.has(path)) continue;
    for (const target of valuesFrom(path, text)) {
      const [from, to] = [dirname(path), dirname(target)];
      if (from === to) continue;
      const known = arrows.get(from) ?? new Map<string, string>();
      arrows.set(from, known.set(to, `${path} takes a value from ${target}`));
    }
  }
  return [...arrows.keys()].flatMap((folder) => wayBack(folder, arrows) ?? []);
}

function wayBack(folder: string, arrows: ReadonlyMap<string, ReadonlyMap<string, string>>): string | undefined {
  const ways: (readonly [string, readonly string[]])[] = [[folder, []]];
  const seen = new Set<string>();
  for (const [at, way] of ways) {
    for (const [next, why] of arrows.get(at) ?? []) {
      if (next === folder) return [...way, why].join('; ');
      if (!seen.has(next)) ways.push([next, [...way, why]]);
      seen.add(next);
    }
  }
  return undefined;
}

/** The files of the same package that a file takes more from than types. */
function valuesFrom(path: string, text: string): readonly string[] {
  const targets: string[] = [];
  const add = (specifier: ts.Expression | undefined) => {
    if (specifier === undefined || !ts.isStringLiteral(specifier) || !specifier.text.startsWith('.')) return;
    targets.push(posix.join(dirname(path), specifier.text));
  };
  visitAll(text, (node) => {
    if (ts.isImportDeclaration(node) && !isOfTypes(node.importClause)) add(node.moduleSpecifier);
    if (ts.isExportDeclaration(node) && !node.isTypeOnly) add(node.moduleSpecifier);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0]);
  });
  return targets;
}

function isOfTypes(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.isTypeOnly) return true;
  const { namedBindings } = clause;
  return (
    clause.name === undefined &&
    namedBindings !== undefined &&
    ts.isNamedImports(namedBindings) &&
    namedBindings.elements.every((each) => each.isTypeOnly)
  );
}
