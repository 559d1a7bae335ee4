import type { Law } from '@expunge/core';
import { type ColumnRules, isRequestColumn, type TimeRules } from '@expunge/lists';
import type { ConfigIssue } from '../config/config-error.ts';
import type { ExpungeConfig } from '../config/config-schema.ts';
import { nearestType } from './nearest-type.ts';

type InputConfig = ExpungeConfig['input'];

/** What the columns of a list mean, by the configuration and the command line. */
export function columnRulesOf(
  input: InputConfig,
  used: ReadonlySet<string>,
  ignored: readonly string[] = [],
): ColumnRules {
  const meanings = Object.entries(input?.columns ?? {}).flatMap(([meaning, headers]) =>
    listOf(headers).map((header) => [header, meaning] as const),
  );
  const where = Object.entries(input?.where ?? {}).map(([header, values]) => [header, listOf(values)] as const);
  return {
    known: used,
    ignored: new Set([...(input?.ignoreColumns ?? []), ...ignored]),
    meanings: new Map(meanings),
    ignoresOthers: input?.ignoreOtherColumns === true,
    where: new Map(where),
  };
}

/** How the times of a list are written. */
export function timeRulesOf(input: InputConfig): TimeRules {
  return { dates: input?.dates, timezone: input?.timezone };
}

/** What words of a list mean which law. */
export function lawsOf(input: InputConfig): ReadonlyMap<string, Law> {
  return new Map(Object.entries(input?.laws ?? {}).map(([word, law]) => [word.trim().toLowerCase(), law]));
}

/** What is wrong with the columns of a configuration: a meaning that nobody uses would leave out whom it names. */
export function columnIssues(input: InputConfig, used: ReadonlySet<string>): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  const meaningByHeader = new Map<string, string>();
  for (const [meaning, headers] of Object.entries(input?.columns ?? {})) {
    if (!used.has(meaning) && !isRequestColumn(meaning)) {
      const near = nearestType(meaning, used);
      const hint = near === undefined ? `In use: ${[...used].sort().join(', ') || 'none'}.` : `Did you mean ${near}?`;
      issues.push({
        path: ['input', 'columns', meaning],
        message: `is no identifier type that a connector uses. ${hint}`,
      });
    }
    for (const header of listOf(headers)) {
      const other = meaningByHeader.get(header);
      meaningByHeader.set(header, meaning);
      if (other === undefined) continue;
      issues.push({
        path: ['input', 'columns', meaning],
        message: `names the column "${header}", which is ${other} already. A column has one meaning.`,
      });
    }
  }
  return issues;
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}
