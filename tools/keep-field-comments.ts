import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

// Runs after a package's build, in its folder. Types are made of zod schemas, and where the compiler writes a schema's type
// into a .d.ts it leaves the comments of its fields out: an editor outside of this repository would show none. Here they are
// put back, above the fields of the written type, from the schema's source.

/** The comments of a schema's fields, by the names down to the field: `polling.firstCheckAfterMs`. */
type FieldComments = ReadonlyMap<string, string>;

const sources = filesIn('src').filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'));
const constants = sources.flatMap((path) => constantsIn(parse(path)));
const valueByName = new Map(constants);
const commentsByName = new Map<string, FieldComments[]>();
for (const [name, value] of constants) {
  const comments = new Map<string, string>();
  collect(value, [], comments);
  if (comments.size > 0) {
    commentsByName.set(name, [...(commentsByName.get(name) ?? []), comments]);
  }
}
for (const path of filesIn('dist').filter((each) => each.endsWith('.d.ts'))) {
  const file = parse(path);
  const text = withComments(file);
  if (text !== file.text) writeFileSync(path, text);
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path));
}

function parse(path: string): ts.SourceFile {
  return ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ESNext, true);
}

/** The constants of a source file, with their values. */
function constantsIn(file: ts.SourceFile): [name: string, value: ts.Expression][] {
  return file.statements
    .filter(ts.isVariableStatement)
    .flatMap((statement) =>
      statement.declarationList.declarations.flatMap(({ name, initializer }): [string, ts.Expression][] =>
        ts.isIdentifier(name) && initializer !== undefined ? [[name.text, initializer]] : [],
      ),
    );
}

function collect(node: ts.Node, path: readonly string[], comments: Map<string, string>): void {
  if (ts.isSpreadAssignment(node) && ts.isIdentifier(node.expression)) {
    const spread = valueByName.get(node.expression.text);
    if (spread !== undefined) collect(spread, path, comments);
    return;
  }
  if (!ts.isPropertyAssignment(node) && !ts.isShorthandPropertyAssignment(node)) {
    ts.forEachChild(node, (child) => collect(child, path, comments));
    return;
  }
  const at = [...path, nameOf(node.name)];
  const comment = docCommentOf(node);
  if (comment !== undefined) comments.set(at.join('.'), comment);
  if (ts.isPropertyAssignment(node)) collect(node.initializer, at, comments);
}

/** The text of a .d.ts with the comments of the schemas that are declared in it. */
function withComments(file: ts.SourceFile): string {
  const insertions: { readonly at: number; readonly text: string }[] = [];
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, type } of statement.declarationList.declarations) {
      // Two files can have a constant of one name: the bundler numbers the second.
      const known = ts.isIdentifier(name) ? commentsByName.get(name.text.replace(/\$\d+$/, '')) : undefined;
      if (known === undefined || type === undefined) continue;
      const members = membersOf(type, []);
      const comments = known.toSorted((one, other) => hits(other, members) - hits(one, members))[0];
      for (const { path, member } of members) {
        const comment = comments?.get(path);
        if (comment === undefined || docCommentOf(member) !== undefined) continue;
        const at = member.getStart(file);
        const { character } = file.getLineAndCharacterOfPosition(at);
        const indent = ' '.repeat(character);
        insertions.push({ at, text: `${comment.replace(/\n\s*\*/g, `\n${indent} *`)}\n${indent}` });
      }
    }
  }
  return insertions
    .toSorted((one, other) => other.at - one.at)
    .reduce((text, { at, text: comment }) => `${text.slice(0, at)}${comment}${text.slice(at)}`, file.text);
}

interface Member {
  readonly path: string;
  readonly member: ts.TypeElement;
}

function membersOf(node: ts.Node, path: readonly string[]): Member[] {
  if (ts.isPropertySignature(node)) {
    const at = [...path, nameOf(node.name)];
    return [{ path: at.join('.'), member: node }, ...(node.type === undefined ? [] : membersOf(node.type, at))];
  }
  const found: Member[] = [];
  ts.forEachChild(node, (child) => {
    found.push(...membersOf(child, path));
  });
  return found;
}

function hits(comments: FieldComments, members: readonly Member[]): number {
  return members.filter(({ path }) => comments.has(path)).length;
}

function nameOf(name: ts.PropertyName): string {
  return ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : name.getText();
}

function docCommentOf(node: ts.Node): string | undefined {
  const text = node.getSourceFile().text;
  const ranges = ts.getLeadingCommentRanges(text, node.getFullStart()) ?? [];
  const comments = ranges.map(({ pos, end }) => text.slice(pos, end)).filter((comment) => comment.startsWith('/**'));
  return comments.at(-1);
}
