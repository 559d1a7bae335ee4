/** What the engine does by itself carries this name in the audit log, and so does a command of which nobody says who gave it. */
export const engineActor = 'expunge';

const longestActor = 200;
const longestReason = 1000;

/**
 * What keeps a text from being kept and printed as it is. Half of a surrogate pair is stored as another text; control characters and marks
 * of direction change what a terminal or a report shows around them.
 *
 * @returns The end of a sentence that begins with what the text is; undefined: nothing is wrong.
 */
export function textIssue(text: string, longest: number): string | undefined {
  if (text === '') return 'must not be empty';
  if (text.length > longest) return `is longer than ${longest} characters`;
  if (!text.isWellFormed()) return 'is no well-formed Unicode: it has half of a surrogate pair in it';
  const [unprintable] = /[\p{Cc}\u2028\u2029\p{Bidi_Control}]/u.exec(text) ?? [];
  if (unprintable === undefined) return undefined;
  const code = unprintable.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  return `has a control character or a mark of direction in it (U+${code}), and it is printed in reports and terminals`;
}

/** The name of who does something, for the audit log. */
export function checkedActor(actor: string = engineActor): string {
  const issue = textIssue(actor, longestActor);
  if (issue !== undefined) throw new TypeError(`The name of who does it (the actor) ${issue}.`);
  return actor;
}

/** Refuses a reason of a hold that can't be kept and printed as it is. */
export function refuseReason(reason: string): void {
  const issue = textIssue(reason, longestReason);
  if (issue !== undefined) throw new TypeError(`The reason of a hold ${issue}.`);
}

/**
 * A text as a database gives it back. Half of a surrogate pair can't be written as UTF-8, and PostgreSQL has no zero byte. Both are
 * refused where they come in, but older ledgers have them.
 */
export function asStored(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\u2400');
}

/** Whether two texts are the same once a database has stored them. */
export function isStoredAlike(text: string, other: string): boolean {
  return text === other || asStored(text) === asStored(other);
}
