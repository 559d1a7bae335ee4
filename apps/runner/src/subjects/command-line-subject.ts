import { type ColumnRules, type Field, isKnownColumn, type ListRow } from '@expunge/lists';
import { UserError } from '../user-error.ts';
import { knownColumnWords } from './list-problem-words.ts';

/**
 * Makes a row of the `--subject type=value` arguments: one person.
 *
 * @throws UserError where an argument is none of these, or its type is unknown.
 */
export function commandLineRow(subjects: readonly string[], rules: ColumnRules): ListRow {
  const fields = subjects.map((argument): Field => {
    const equals = argument.indexOf('=');
    const name = argument.slice(0, equals);
    const value = argument.slice(equals + 1);
    // The argument itself may name a person, so it is not printed.
    if (equals < 1 || value === '') throw new UserError('--subject takes a type and a value: --subject user_id=42.');
    if (!isKnownColumn(name, rules)) {
      throw new UserError(`No configured connector uses the identifier type "${name}". ${knownColumnWords(rules)}`);
    }
    return { name, value };
  });
  return { line: 1, fields, issues: [] };
}
