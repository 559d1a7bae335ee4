import { UserError } from '../user-error.ts';
import type { CommandContext } from './command-context.ts';

const longestActor = 200;

/** Who gives the command, for the audit log: `--actor`, else `EXPUNGE_ACTOR`, else the user of the operating system. */
export async function actorOf({ shared, processEnvironment }: CommandContext): Promise<string> {
  const { textIssue } = await import('@expunge/engine');
  const { EXPUNGE_ACTOR: fromEnvironment = '' } = processEnvironment.environment;
  const [source, actor] =
    shared.actor !== undefined
      ? ['--actor', shared.actor]
      : fromEnvironment !== ''
        ? ['EXPUNGE_ACTOR', fromEnvironment]
        : ["the system's name of the user", processEnvironment.userName];
  const issue = textIssue(actor, longestActor);
  if (issue === undefined) return actor;
  throw new UserError(`The audit log names who gives a command, and ${source} ${issue}. Give a name with --actor.`);
}
