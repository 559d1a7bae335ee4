import { extname, resolve } from 'node:path';
import type { ConfiguredConnector, Ledger } from '@expunge/engine';
import type { ReportContents, ReportScope } from '@expunge/report';
import { InvalidArgumentError, Option } from 'commander';
import { loadConfig } from '../config/load-config.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { checkOutputPath, writeOutputFile } from '../output/output-file.ts';
import { printPiped } from '../output/print.ts';
import { printable } from '../output/printable.ts';
import { UserError } from '../user-error.ts';
import { certificateCommand } from './certificate.ts';
import type { Command, CommandContext, SharedOptions } from './command-context.ts';
import { type AddCommand, withSharedOptions } from './command-line.ts';
import { cutOffWords } from './ledger-notes.ts';
import { loadForReading } from './load-for-reading.ts';
import { withLedger } from './open-ledger.ts';

interface ReportOptions extends SharedOptions, ReportArguments {
  readonly certificate?: string;
  readonly jws?: boolean;
}

/** Adds `expunge report`. */
export const addReport: AddCommand = (program, run) => {
  withSharedOptions(program.command('report'), 'expunge report --output report.html')
    .description('the proof: what was deleted where, how that is known, and what each vendor keeps')
    .addOption(new Option('--format <format>', 'default: as the name of the output tells').choices(reportFormats))
    .option('-o, --output <file>', 'where it goes (default: standard output)')
    .option('--request <id>', 'only this request')
    .addOption(
      new Option('--from <day>', 'only requests received on or after this day or time')
        .argParser(toTime)
        .conflicts('request'),
    )
    .addOption(
      new Option('--before <day>', 'only requests received before this day or time')
        .argParser(toTime)
        .conflicts('request'),
    )
    .option('--with-identifiers', 'name the people; the file is then personal data')
    .addOption(
      new Option(
        '--certificate <request>',
        'write a signed statement of one request instead, without personal data; "expunge audit verify" checks it offline',
      ).conflicts(['request', 'from', 'before', 'withIdentifiers', 'format']),
    )
    .option(
      '--jws',
      'with --certificate: as a JWS, which any JOSE library verifies (default for a name that ends in .jws)',
    )
    .action((options: ReportOptions) =>
      run(options, (context) =>
        options.certificate === undefined
          ? reportCommand(context, options)
          : certificateCommand(context, { ...options, request: options.certificate }),
      ),
    );
};

function toTime(text: string): string {
  const time = /^\d{4}-\d\d-\d\d(T.*)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw new InvalidArgumentError('Write a day (2026-08-01) or a time (2026-08-01T12:00:00Z).');
  return new Date(time).toISOString();
}

/** The forms a report can have. */
const reportFormats = ['html', 'json', 'csv'] as const;

/** A form a report can have. */
type ReportFormat = (typeof reportFormats)[number];

/** The arguments of `expunge report`. */
interface ReportArguments {
  /** Its form. Default: as the name of the output tells; HTML otherwise. */
  readonly format?: ReportFormat | undefined;
  /** Where it goes. Default: standard output. */
  readonly output?: string | undefined;
  /** Only this request. */
  readonly request?: string | undefined;
  /** Only requests received on or after this day, or since this time; ISO 8601. */
  readonly from?: string | undefined;
  /** Only requests received before this day or time; ISO 8601. */
  readonly before?: string | undefined;
  /** Name the people. */
  readonly withIdentifiers?: boolean | undefined;
}

/** Where a report goes, and in which form. */
export interface ReportTarget {
  /** The absolute path. */
  readonly path: string;
  /** The form. */
  readonly format: ReportFormat;
}

/** `expunge report`: the proof, for people or for machines. */
const reportCommand: Command<ReportArguments & { readonly jws?: boolean }> = async (context, given) => {
  if (given.jws === true) throw new UserError('--jws is for a certificate: add --certificate <request>.');
  const { processEnvironment } = context;
  const loaded = await loadConfig(processEnvironment, context.shared.config);
  const target = given.output === undefined ? undefined : await reportPath(context, given.output, given.format);
  if (target === undefined && processEnvironment.output.isTTY === true) {
    throw new UserError('Name a file for the report: expunge report --output report.html.');
  }
  const { connectors, issues } = await loadForReading(context, loaded);
  for (const { path, message } of issues) {
    context.messages.warn(`${path.join('.')}: ${message} The report can't say what it erases.`);
  }
  return await withLedger(context, loaded, async (ledger) => {
    const contents = await collect(context, ledger, connectors, {
      requestId: given.request,
      receivedFrom: given.from,
      receivedBefore: given.before,
      withIdentifiers: given.withIdentifiers,
    });
    if (target === undefined) {
      const format = given.format ?? (context.shared.json === true ? 'json' : 'html');
      await printPiped(processEnvironment.output, await render(format, contents));
      return exitCodeOf(context, contents);
    }
    await write(context, target, contents);
    if (context.shared.quiet !== true) context.print(`Report: ${printable(target.path)}\n`);
    context.printJson({ report: target.path, format: target.format, cutOffImports: contents.cutOffImports });
    return exitCodeOf(context, contents);
  });
};

// A report in which people are missing is none of a whole.
function exitCodeOf(context: CommandContext, { cutOffImports }: ReportContents): ExitCode {
  for (const words of cutOffWords(cutOffImports)) context.messages.warn(`The report is not whole: ${words}.`);
  return cutOffImports.length > 0 ? exitCodes.waiting : exitCodes.settled;
}

/** Checks where a report is to go, before anything else is done. */
export async function reportPath(
  context: CommandContext,
  output: string,
  format?: ReportFormat,
): Promise<ReportTarget> {
  const path = resolve(context.processEnvironment.workingFolder, output);
  await checkOutputPath({ what, path });
  return { path, format: format ?? formatOf(path) };
}

function formatOf(path: string): ReportFormat {
  const ending = extname(path).slice(1).toLowerCase();
  return reportFormats.find((format) => format === ending) ?? 'html';
}

/** Writes a report of everything in the ledger. */
export async function writeReportFile(
  context: CommandContext,
  connectors: readonly ConfiguredConnector[],
  ledger: Ledger,
  target: ReportTarget,
): Promise<void> {
  await write(context, target, await collect(context, ledger, connectors, {}));
}

async function collect(
  context: CommandContext,
  ledger: Ledger,
  connectors: readonly ConfiguredConnector[],
  scope: ReportScope,
): Promise<ReportContents> {
  const { collectReport } = await import('@expunge/report');
  const contents = await collectReport(ledger, connectors, scope, context.processEnvironment.now());
  if (contents === undefined) throw new UserError(`The ledger has no request ${scope.requestId}.`);
  return contents;
}

async function render(format: ReportFormat, contents: ReportContents): Promise<AsyncIterable<string>> {
  const { csvReport, htmlReport, jsonReport } = await import('@expunge/report');
  return { html: htmlReport, json: jsonReport, csv: csvReport }[format](contents);
}

const what = 'The report';

async function write(context: CommandContext, target: ReportTarget, contents: ReportContents): Promise<void> {
  const file = { what, path: target.path, isPrivate: contents.hasIdentifiers };
  await writeOutputFile(context.processEnvironment, file, await render(target.format, contents));
}
