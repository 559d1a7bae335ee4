import { extname, resolve } from 'node:path';
import { shellArgument } from '@expunge/report/words';
import { loadConfig } from '../config/load-config.ts';
import { exitCodes } from '../exit-codes.ts';
import { writeOutputFile } from '../output/output-file.ts';
import { printJsonText } from '../output/print.ts';
import { printable } from '../output/printable.ts';
import { UserError } from '../user-error.ts';
import type { Command } from './command-context.ts';
import { withLedger } from './open-ledger.ts';

/** The arguments of `expunge report --certificate`. */
export interface CertificateArguments {
  /** The request that it is about. */
  readonly request: string;
  /** Where it goes. Default: standard output. */
  readonly output?: string | undefined;
  /** As a JWS. Default: as the name of the output tells. */
  readonly jws?: boolean | undefined;
}

/** `expunge report --certificate`: a signed statement of one request's outcomes, without the person's data. */
export const certificateCommand: Command<CertificateArguments> = async (context, { request, output, jws }) => {
  const isJws = jws ?? (output !== undefined && extname(output) === '.jws');
  const make = isJws
    ? (await import('@expunge/report')).makeJwsCertificate
    : (await import('@expunge/engine')).makeCertificate;
  const loaded = await loadConfig(context.processEnvironment, context.shared.config);
  const text = await withLedger(context, loaded, (ledger, now) => make(ledger, request, now));
  if (text === undefined) throw new UserError(`The ledger has no request ${request}.`);
  if (output === undefined) {
    printJsonText(context.processEnvironment.output, text);
    return exitCodes.settled;
  }
  const path = resolve(context.processEnvironment.workingFolder, output);
  await writeOutputFile(context.processEnvironment, { what: 'The certificate', path, isPrivate: false }, [text]);
  context.print(
    `Certificate: ${printable(path)}\nCheck it anywhere with: expunge audit verify ${shellArgument(output)}\n`,
  );
  context.printJson({ certificate: path });
  return exitCodes.settled;
};
