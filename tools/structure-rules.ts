import ts from 'typescript';
import { visitAll } from './convention-rules.ts';

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
