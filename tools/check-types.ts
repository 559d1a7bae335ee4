/**
 * What `tsc --noEmit` says of this project, and every promise that nobody waits for and that the lint does not see: one look at
 * all types for both.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { findForgottenAwaits } from './find-forgotten-awaits.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const { config, error } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
const project = ts.parseJsonConfigFileContent(config, ts.sys, root);
const program = ts.createProgram(project.fileNames, { ...project.options, noEmit: true });
const diagnostics = [...(error === undefined ? [] : [error]), ...project.errors, ...ts.getPreEmitDiagnostics(program)];
process.stdout.write(
  ts.formatDiagnosticsWithColorAndContext(diagnostics, {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => root,
    getNewLine: () => '\n',
  }),
);
const isOurs = (file: string) => file.startsWith(root) && !file.includes('/node_modules/');
const forgotten = findForgottenAwaits(program, isOurs);
for (const { file, line } of forgotten) process.stdout.write(`${file}:${line}: nobody waits for this promise.\n`);
process.exitCode = diagnostics.length + forgotten.length === 0 ? 0 : 1;
