import { exitCodes } from '../exit-codes.ts';
import { printable } from '../output/printable.ts';
import { plural } from '../output/table.ts';
import { UserError } from '../user-error.ts';
import type { Command, SharedOptions } from './command-context.ts';
import { type AddCommand, withSharedOptions } from './command-line.ts';
import { loadEverything } from './load-everything.ts';
import { withEngine } from './open-engine.ts';
import { createEventSink } from './run-engine.ts';

/** Adds `expunge restore`. */
export const addRestore: AddCommand = (program, run) => {
  withSharedOptions(program.command('restore'), 'expunge restore R-1001')
    .description('put a cancelled request back; "expunge resume" goes on with it')
    .argument('<request>', 'a request id')
    .addHelpText('after', '\nExit codes: 0 restored, 1 no such request, 2 the identifiers of something are erased.')
    .action((request: string, options: SharedOptions) =>
      run(options, (context) => restoreCommand(context, { request })),
    );
};

/** The arguments of `expunge restore`. */
interface RestoreArguments {
  /** The request. */
  readonly request: string;
}

/** `expunge restore`: puts a cancelled request back. */
const restoreCommand: Command<RestoreArguments> = async (context, given) => {
  const setup = await loadEverything(context);
  const sink = createEventSink(context);
  return await withEngine(context, setup, sink.onEvent, async ({ engine }) => {
    const report = await engine.restore(given.request);
    sink.end();
    if (report === undefined) throw new UserError(`The ledger has no request ${given.request}.`);
    const { restored, erased } = report;
    const exitCode = erased > 0 ? exitCodes.failed : exitCodes.settled;
    if (context.shared.quiet !== true) {
      context.print(
        restored === 0 && erased === 0
          ? `${printable(given.request)}: nothing of it is cancelled.\n`
          : `${printable(given.request)}: ${plural(restored, 'deletion')} restored.\n`,
      );
      if (erased > 0) {
        context.print(
          `${plural(erased, 'deletion')} can not be restored: the person's identifiers are erased. Hand them in again as a new request.\n`,
        );
      }
      if (restored > 0) context.print('Next: "expunge resume" goes on with it\n');
    }
    context.printJson({ request: given.request, restored, erased, exitCode });
    return exitCode;
  });
};
