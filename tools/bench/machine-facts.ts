import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { root } from './workplace.ts';

/** On what and with what something was measured. Nothing that names a machine or its owner. */
export interface MachineFacts {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly sqlite: string;
  readonly undici: string;
  /** The commit that was measured, `+` behind it where files differed from it. */
  readonly revision: string;
  readonly measuredAt: string;
}

/** Asks the machine. */
export function machineFacts(now: Date = new Date()): MachineFacts {
  const undici: { version: string } = createRequire(import.meta.url)('undici/package.json');
  return {
    cpu: (cpus()[0]?.model ?? 'unknown').trim(),
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    sqlite: process.versions.sqlite ?? 'unknown',
    undici: undici.version,
    revision: revisionOf(root),
    measuredAt: now.toISOString().slice(0, 16).replace('T', ' '),
  };
}

/** The same in a line. */
export function machineWords(machine: MachineFacts): string {
  const { cpu, cores, memoryGb, system, node, sqlite, undici, revision, measuredAt } = machine;
  return (
    `${cpu}, ${cores} cores, ${memoryGb} GB, ${system}; Node ${node}, SQLite ${sqlite}, undici ${undici}; ` +
    `commit ${revision}, ${measuredAt} UTC`
  );
}

function revisionOf(folder: string): string {
  try {
    const git = (...given: string[]) => execFileSync('git', given, { cwd: folder, encoding: 'utf8' }).trim();
    const isChanged = git('status', '--porcelain', '--', 'packages', 'apps') !== '';
    return `${git('rev-parse', '--short', 'HEAD')}${isChanged ? '+' : ''}`;
  } catch {
    return 'unknown';
  }
}
