import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plan, PlantedResult } from './plant.ts';

/** What was planted and what was caught, as the tables of docs/conformance-coverage.md. */
export function coverageTables(root: string): string {
  const folder = join(root, 'tools/plant-mistakes');
  const rows = readdirSync(join(folder, 'mistakes')).flatMap((file) => {
    const plan: Plan = JSON.parse(readFileSync(join(folder, 'mistakes', file), 'utf8'));
    const path = join(folder, 'results', file);
    if (!existsSync(path)) return [];
    const results: readonly PlantedResult[] = JSON.parse(readFileSync(path, 'utf8'));
    return [{ plan, results }];
  });
  const summary = rows.map(({ plan, results }) => {
    const caught = results.filter(({ caughtBy }) => caughtBy !== null).length;
    return `| ${plan.connector} | ${results.length} | ${caught} | ${results.length - caught} |`;
  });
  const missed = rows.flatMap(({ plan, results }) =>
    results.flatMap(({ caughtBy }, index) => {
      const mistake = plan.mistakes[index];
      if (caughtBy !== null || mistake === undefined) return [];
      const what = mistake.mistake.replaceAll('|', '\\|');
      return [`| ${plan.connector} | ${what} | ${mistake.unknowable ?? 'not said'} |`];
    }),
  );
  return [
    '| connector | planted | caught | missed |',
    '|---|---|---|---|',
    ...summary,
    '',
    '| connector | missed | why |',
    '|---|---|---|',
    ...missed,
  ].join('\n');
}
