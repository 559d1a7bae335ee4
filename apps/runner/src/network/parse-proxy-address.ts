/** Reads the address of a proxy; undefined where it is none, or of a kind that is not supported (SOCKS). */
export function parseProxyAddress(text: string): URL | undefined {
  const url = URL.parse(text);
  const isSupported = url?.protocol === 'http:' || url?.protocol === 'https:';
  return url !== null && isSupported && hasGoodEscapes(url) ? url : undefined;
}

/** What of an address must never be printed. */
export function secretsOf(url: URL): readonly string[] {
  return url.password === '' ? [] : [url.password, decodeURIComponent(url.password)];
}

// A "%" that is meant as itself in a password would stop the proxy's client, with a message of its own.
function hasGoodEscapes({ username, password }: URL): boolean {
  try {
    return decodeURIComponent(username + password) !== undefined;
  } catch {
    return false;
  }
}
