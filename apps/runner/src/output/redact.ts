/** Takes what must not be printed out of a text. */
export type Redact = (text: string) => string;

// Shorter ones would blank out ordinary words.
const shortestSecret = 6;

/**
 * Makes the last net under every message: known secrets and anything that looks like an e-mail address are blanked out.
 * The messages are written so that there is nothing to catch; a connector of somebody else may not be.
 */
export function createRedact(secrets: readonly string[]): Redact {
  const known = [...new Set(secrets)].filter((secret) => secret.length >= shortestSecret);
  known.sort((left, right) => right.length - left.length);
  return (text) => {
    let redacted = text;
    for (const secret of known) redacted = redacted.replaceAll(secret, '[secret]');
    return redacted.replace(/[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/gi, '[address]');
  };
}
