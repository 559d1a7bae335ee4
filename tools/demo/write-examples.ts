import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the demo was run with. */
export interface FinishedDemo {
  /** The built command. */
  readonly mainPath: string;
  /** Where its configuration and ledger are. */
  readonly folder: string;
  /** The secrets that the configuration refers to. */
  readonly environment: Readonly<Record<string, string>>;
  /** The request that the examples are about. */
  readonly requestId: string;
}

/** Writes the example report, certificate and public key that the documentation shows, of one invented person. */
export function writeExamples({ mainPath, folder, environment, requestId }: FinishedDemo, target: string): void {
  const expunge = (...commandArguments: string[]): string =>
    execFileSync(process.execPath, [mainPath, ...commandArguments], {
      cwd: folder,
      env: { ...process.env, ...environment },
      encoding: 'utf8',
    });
  mkdirSync(target, { recursive: true });
  const { publicKey } = JSON.parse(expunge('audit', 'head', '--json')) as { publicKey: string };
  expunge('report', '--request', requestId, '--output', join(target, 'example-report.html'));
  expunge('report', '--certificate', requestId, '--output', join(target, 'example-certificate.json'));
  writeFileSync(join(target, 'example-public-key.txt'), `${publicKey}\n`);
}
