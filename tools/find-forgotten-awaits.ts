import ts from 'typescript';

/** A statement that makes a promise and lets go of it. */
export interface ForgottenAwait {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
}

/**
 * Finds statements whose value is a promise that nobody awaits, by TypeScript's own types. Biome's rule
 * (nursery/noFloatingPromises) infers types by itself and does not see calls of optional methods, such as a connector's
 * `check?.()`, and those are the calls that matter most here.
 *
 * @param program - Made with the files' own compiler options.
 * @param isOurs - Which of the program's files are looked at.
 */
export function findForgottenAwaits(program: ts.Program, isOurs: (file: string) => boolean): readonly ForgottenAwait[] {
  const checker = program.getTypeChecker();
  const found: ForgottenAwait[] = [];
  for (const source of program.getSourceFiles()) {
    if (source.isDeclarationFile || !isOurs(source.fileName)) continue;
    const visit = (node: ts.Node): void => {
      if (ts.isExpressionStatement(node) && isLetGo(node.expression, checker)) {
        found.push({ file: source.fileName, line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1 });
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return found;
}

function isLetGo(expression: ts.Expression, checker: ts.TypeChecker): boolean {
  // `void promise` says that nobody waits on purpose; an assignment keeps the promise.
  if (ts.isVoidExpression(expression) || ts.isBinaryExpression(expression)) return false;
  if (hasRejectionHandler(expression)) return false;
  return isPromise(checker.getTypeAtLocation(expression), checker);
}

function hasRejectionHandler(expression: ts.Expression): boolean {
  if (!ts.isCallExpression(expression) || !ts.isPropertyAccessExpression(expression.expression)) return false;
  const method = expression.expression.name.text;
  return (
    (method === 'catch' && expression.arguments.length > 0) || (method === 'then' && expression.arguments.length > 1)
  );
}

function isPromise(type: ts.Type, checker: ts.TypeChecker): boolean {
  const parts = type.isUnion() ? type.types : [type];
  return parts.some((part) => {
    if ((part.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) !== 0) return false;
    const then = part.getProperty('then');
    return then !== undefined && checker.getTypeOfSymbol(then).getCallSignatures().length > 0;
  });
}
