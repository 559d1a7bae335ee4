import { shellArgument } from '@expunge/report/words';
import { exitCodes } from '../exit-codes.ts';
import { printable } from '../output/printable.ts';
import { plural } from '../output/table.ts';
import { UserError } from '../user-error.ts';
import type { Command, SharedOptions } from './command-context.ts';
import { type AddCommand, withSharedOptions } from './command-line.ts';
import { loadEverything } from './load-everything.ts';
import { withEngine } from './open-engine.ts';
import { createEventSink } from './run-engine.ts';

/** Adds `expunge cancel`. */
export const addCancel: AddCommand = (program, run) => {
  withSharedOptions(program.command('cancel'), 'expunge cancel R-1001')
    .description('cancel a request, at the vendors too where they can')
    .argument('<request>', 'a request id')
    .addHelpText('after', '\nExit codes: 0 all cancelled, 1 no such request, 2 something was too late.')
    .action((request: string, options: SharedOptions) =>
      run(options, (context) => cancelCommand(context, { request })),
    );
};

/** The arguments of `expunge cancel`. */
interface CancelArguments {
  /** The request. */
  readonly request: string;
}

/** `expunge cancel`: cancels a request, at the vendors too where they can. */
const cancelCommand: Command<CancelArguments> = async (context, given) => {
  const setup = await loadEverything(context);
  const sink = createEventSink(context);
  return await withEngine(context, setup, sink.onEvent, async ({ engine }) => {
    const report = await engine.cancel(given.request);
    sink.end();
    if (report === undefined) throw new UserError(`The ledger has no request ${given.request}.`);
    const { cancelled, tooLate, inDoubt } = report;
    const exitCode = tooLate > 0 ? exitCodes.failed : exitCodes.settled;
    if (context.shared.quiet !== true) {
      context.print(`${printable(given.request)}: ${plural(cancelled, 'deletion')} cancelled.\n`);
      if (cancelled > 0) context.print(`"expunge restore ${shellArgument(given.request)}" puts it back.\n`);
      if (tooLate > 0) {
        context.print(`${plural(tooLate, 'deletion')} could not be cancelled: on the way, at work or done already.\n`);
        if (inDoubt > 0) {
          context.print(
            `Of ${inDoubt} it is not known whether the vendor has acted. They may be sent again: "expunge hold add" prevents that.\n`,
          );
        }
        context.print(`Next: "expunge status ${shellArgument(given.request)}" says which.\n`);
      }
    }
    context.printJson({ request: given.request, cancelled, tooLate, inDoubt, exitCode });
    return exitCode;
  });
};
