import { type Command as CommandLine, InvalidArgumentError, Option } from 'commander';
import { createContext, type SharedOptions } from './commands/command-context.ts';
import type { SubjectArguments } from './commands/subject-input.ts';
import { starterVendors } from './config/starter-config.ts';
import type { ExitCode } from './exit-codes.ts';
import { addFleetCommands } from './fleet-command-lines.ts';
import { parseDuration } from './output/durations.ts';
import type { ProcessEnvironment } from './process-environment.ts';
import { addProofCommands } from './proof-command-lines.ts';

// What a command does is loaded when it runs: `--help` needs none of it.

type SubjectOptions = SharedOptions & Omit<SubjectArguments, 'path'>;

interface WaitOptions extends SharedOptions {
  readonly wait?: number;
}

interface DeleteOptions extends WaitOptions, SubjectOptions {
  readonly confirm?: number;
  readonly batch?: string;
  readonly report?: string;
  readonly detach?: boolean;
}

interface ResumeOptions extends WaitOptions {
  readonly watch?: boolean;
  readonly retryFailed?: string | true;
  readonly resend?: string | true;
  readonly connector?: string;
  readonly tryNow?: string;
}

interface ReportOptions extends SharedOptions {
  readonly format?: 'html' | 'json' | 'csv';
  readonly from?: string;
  readonly before?: string;
  readonly certificate?: string;
  readonly output?: string;
  readonly request?: string;
  readonly withIdentifiers?: boolean;
}

/** Adds every command to the command line. `end` is told the exit code. */
export function addCommands(
  program: CommandLine,
  processEnvironment: ProcessEnvironment,
  end: (code: ExitCode) => void,
): void {
  const context = (shared: SharedOptions) => createContext(processEnvironment, shared);

  withShared(program.command('init'), 'expunge init mixpanel-gdpr clevertap')
    .description('write a commented starter configuration')
    .argument('[vendors...]', `${starterVendors.join(', ')}, or one of their deletions; none: all`)
    .addOption(
      new Option('--ledger <storage>', 'a file, or PostgreSQL for several workers (default: sqlite)').choices([
        'sqlite',
        'postgres',
      ]),
    )
    .action(async (vendors: string[], options: SharedOptions & { readonly ledger?: 'sqlite' | 'postgres' }) => {
      const { initCommand } = await import('./commands/init.ts');
      end(await initCommand(context(options), { vendors, ledger: options.ledger }));
    });

  withShared(program.command('check'), 'expunge check')
    .description('check configuration, connectors and access at every vendor; deletes nothing')
    .addHelpText(
      'after',
      '\nExit codes: 0 access everywhere, 1 configuration, 3 a vendor could not be asked, 4 a vendor refuses.',
    )
    .action(async (options: SharedOptions) => {
      const { checkCommand } = await import('./commands/check.ts');
      end(await checkCommand(context(options), {}));
    });

  withSubjects(withShared(program.command('plan'), 'expunge plan people.csv'))
    .description('dry run: what "delete" would do and how long it takes; sends nothing')
    .action(async (path: string | undefined, options: SubjectOptions) => {
      const { planCommand } = await import('./commands/plan.ts');
      end(await planCommand(context(options), { ...options, path }));
    });

  withWait(
    withSubjects(withShared(program.command('delete'), 'expunge delete people.csv --wait 10m --report report.html')),
  )
    .description('delete people everywhere, as far as it goes now; the same input twice does nothing twice')
    .option('--confirm <number>', 'how many people are meant, for a run above guard.maxSubjects', toCount)
    .option(
      '--batch <label>',
      'makes requests without a request_id new ones, although the same people were deleted before',
    )
    .option('--report <path>', 'write a report in the end (.html or .json)')
    .option('--detach', 'on PostgreSQL: only take the people in, and leave the work to the workers unwatched')
    .action(async (path: string | undefined, options: DeleteOptions) => {
      const { deleteCommand } = await import('./commands/delete.ts');
      end(await deleteCommand(context(options), { ...options, path, waitMs: options.wait }));
    });

  withWait(withShared(program.command('resume'), 'expunge resume --watch'))
    .description('go on with everything that is due; on PostgreSQL let the workers go on, and follow them with --wait')
    .option('--watch', 'stay until all is settled; the same as --wait all')
    .option(
      '--retry-failed [request]',
      'first put deletions back in line that failed, are partly done or contradicted: all, or those of one request',
    )
    .option('--resend [request]', 'first send deletions again that are in doubt: all, or those of one request')
    .option('--connector <name>', 'limits --retry-failed and --resend to one connector')
    .option('--try-now <name>', 'first end what a connector was told to wait for: a wait that can not be right')
    .action(async (options: ResumeOptions) => {
      const { resumeCommand } = await import('./commands/resume.ts');
      const waitMs = options.watch === true ? Number.POSITIVE_INFINITY : options.wait;
      end(await resumeCommand(context(options), { ...options, waitMs }));
    });

  withShared(program.command('status'), 'expunge status')
    .description('where everything stands, or one request; also while a run is going on')
    .argument('[request]', 'a request id')
    .option(
      '-s, --subject <type=value>',
      'the requests of one person, also when their data is gone; repeat it',
      collect,
    )
    .action(async (request: string | undefined, options: SharedOptions & { readonly subject?: readonly string[] }) => {
      const { statusCommand } = await import('./commands/status.ts');
      end(await statusCommand(context(options), { request, subject: options.subject }));
    });

  withShared(program.command('cancel'), 'expunge cancel R-1001')
    .description('cancel a request, at the vendors too where they can')
    .argument('<request>', 'a request id')
    .addHelpText('after', '\nExit codes: 0 all cancelled, 1 no such request, 2 something was too late.')
    .action(async (request: string, options: SharedOptions) => {
      const { cancelCommand } = await import('./commands/cancel.ts');
      end(await cancelCommand(context(options), { request }));
    });

  withShared(program.command('restore'), 'expunge restore R-1001')
    .description('put a cancelled request back; "expunge resume" goes on with it')
    .argument('<request>', 'a request id')
    .addHelpText('after', '\nExit codes: 0 restored, 1 no such request, 2 the identifiers of something are erased.')
    .action(async (request: string, options: SharedOptions) => {
      const { restoreCommand } = await import('./commands/restore.ts');
      end(await restoreCommand(context(options), { request }));
    });

  withShared(program.command('report'), 'expunge report --output report.html')
    .description('the proof: what was deleted where, how that is known, and what each vendor keeps')
    .addOption(
      new Option('--format <format>', 'default: as the name of the output tells').choices(['html', 'json', 'csv']),
    )
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
    .action(async (options: ReportOptions) => {
      if (options.certificate !== undefined) {
        const { certificateCommand } = await import('./commands/certificate.ts');
        end(await certificateCommand(context(options), { request: options.certificate, output: options.output }));
        return;
      }
      const { reportCommand } = await import('./commands/report.ts');
      end(await reportCommand(context(options), options));
    });

  addFleetCommands(program, { context, withShared, end });
  addProofCommands(program, { context, withShared, end });

  withShared(program.command('connectors'), 'expunge connectors')
    .description('what is configured, and what each can do, erases, leaves and is limited to')
    .action(async (options: SharedOptions) => {
      const { connectorsCommand } = await import('./commands/connectors.ts');
      end(await connectorsCommand(context(options), {}));
    });
}

function withShared(command: CommandLine, example: string): CommandLine {
  return command
    .option('-c, --config <path>', 'the configuration (default: expunge.config.yaml, .json, .ts or .js here)')
    .option('--json', 'one JSON document on standard output, and nothing else there')
    .option('-q, --quiet', 'warnings and errors only')
    .option(
      '--actor <name>',
      "who gives the command, for the audit log (default: EXPUNGE_ACTOR, else the system's user)",
    )
    .addHelpText('after', `\nExample:\n  $ ${example}`);
}

function withSubjects(command: CommandLine): CommandLine {
  return command
    .argument('[subjects]', 'a CSV (.csv, .tsv) or JSON Lines (.jsonl, .ndjson) file, or - for standard input')
    .option('-s, --subject <type=value>', 'one person instead of a file; repeat it for more identifiers', collect)
    .addOption(
      new Option('--format <format>', 'what the input is, where its name does not tell').choices([
        'csv',
        'tsv',
        'jsonl',
      ]),
    )
    .option('--delimiter <character>', 'what separates the cells of a CSV (default: a comma)')
    .option(
      '--ignore-column <name>',
      'accept a column that no connector uses, and do not read it; may be repeated',
      collect,
      [],
    )
    .option('--skip-invalid', 'go on without the rows that are wrong; nobody on them is deleted')
    .addHelpText(
      'after',
      '\nA header row (or the keys of JSON Lines) names identifier types: user_id, email, ... Also known: request_id,\nreceived_at, due_at, law. On a command line, other users of the machine can see --subject.',
    );
}

function withWait(command: CommandLine): CommandLine {
  return command.addOption(
    new Option(
      '--wait <duration>',
      'how long to wait for the next thing to become due: 30s, 10m, 1h, all (default: 30s)',
    ).argParser(toDuration),
  );
}

function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

function toDuration(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('Write 30s, 10m, 1h, 2d or all.');
  return ms;
}

function toTime(text: string): string {
  const time = /^\d{4}-\d\d-\d\d(T.*)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw new InvalidArgumentError('Write a day (2026-08-01) or a time (2026-08-01T12:00:00Z).');
  return new Date(time).toISOString();
}

function toCount(text: string): number {
  const plain = text.replaceAll(',', '');
  if (!/^\d{1,15}$/.test(plain)) throw new InvalidArgumentError('Write a whole number.');
  return Number(plain);
}
