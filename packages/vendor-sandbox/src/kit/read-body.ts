import type { IncomingMessage } from 'node:http';

/** The whole body as text, or `undefined` when it is longer than `maxBytes` (the rest is read and dropped). */
export async function readBody(message: IncomingMessage, maxBytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length <= maxBytes) chunks.push(bytes);
  }
  return length <= maxBytes ? Buffer.concat(chunks).toString('utf8') : undefined;
}
