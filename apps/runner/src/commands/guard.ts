import { printLines } from '../output/print.ts';
import { printable } from '../output/printable.ts';
import { countWords, plural } from '../output/table.ts';
import { UserError } from '../user-error.ts';
import type { CommandContext } from './command-context.ts';

/** Above how many people a run asks first, unless the configuration says otherwise. */
export const defaultMaxSubjects = 1000;

/**
 * Stops a run that would delete more people than was meant.
 *
 * @throws UserError unless there are few enough, `--confirm` names their number, or somebody at the terminal types it.
 */
export async function guard(
  context: CommandContext,
  input: { readonly valid: number; readonly isStandardInput: boolean },
  options: {
    readonly maxSubjects: number;
    readonly confirm: number | undefined;
    readonly connectors: readonly string[];
  },
): Promise<void> {
  const { valid } = input;
  if (options.confirm !== undefined) {
    if (options.confirm === valid) return;
    throw new UserError(
      `--confirm says ${countWords(options.confirm)}, and ${plural(valid, 'person', 'people')} would be deleted. Nothing was sent.`,
    );
  }
  if (valid <= options.maxSubjects) return;
  const { processEnvironment } = context;
  const canAsk =
    !input.isStandardInput &&
    context.shared.json !== true &&
    processEnvironment.input.isTTY === true &&
    processEnvironment.messages.isTTY === true;
  if (canAsk && (await ask(context, valid, options.connectors)) === String(valid)) return;
  throw new UserError(
    canAsk
      ? 'Not confirmed. Nothing was sent.'
      : `${plural(valid, 'person', 'people')} would be deleted, and guard.maxSubjects is ${countWords(options.maxSubjects)}. Nothing was sent. If that is meant, add --confirm ${valid}.`,
  );
}

async function ask(context: CommandContext, count: number, connectors: readonly string[]): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const { input, messages } = context.processEnvironment;
  // The terminal itself shows what is typed, line by line: a command in a thread of its own can't take that over.
  const terminal = createInterface({ input, output: messages, terminal: false });
  const interrupted = new AbortController();
  terminal.on('close', () => interrupted.abort());
  try {
    const question = `This deletes ${plural(count, 'person', 'people')} at ${connectors.map(printable).join(', ')}. There is no way back.\nType ${count} to go on: `;
    return (await terminal.question(question, { signal: interrupted.signal })).trim().replaceAll(',', '');
  } catch {
    printLines(context.processEnvironment.messages, '\n');
    return '';
  } finally {
    terminal.close();
  }
}
