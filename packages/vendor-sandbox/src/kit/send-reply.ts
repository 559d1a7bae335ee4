import type { ServerResponse } from 'node:http';
import type { Fault } from './fault-list.ts';
import type { VendorReply } from './vendor-exchange.ts';

const enormousChunk = Buffer.alloc(65_536, ' ');

/** A reply as it goes over the wire. */
export interface WireReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export function toWireReply({ status, headers = {}, body }: Omit<VendorReply, 'act'>): WireReply {
  const lowerCased = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  if (body === undefined) return { status, headers: lowerCased, body: Buffer.alloc(0) };
  const isText = typeof body === 'string';
  return {
    status,
    headers: { 'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json', ...lowerCased },
    body: Buffer.from(isText ? body : JSON.stringify(body)),
  };
}

export const htmlPage: WireReply = toWireReply({
  status: 200,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: '<!doctype html><html><head><title>Welcome</title></head><body><h1>Please sign in to the network</h1></body></html>\n',
});

/** Sends the reply the way the fault wants it, or plainly. Ends by itself when the client goes away. */
export function sendReply(response: ServerResponse, reply: WireReply, fault: Fault | undefined): void {
  if (response.destroyed) return;
  if (fault?.type === 'truncated') sendHalf(response, reply);
  else if (fault?.type === 'enormous') sendEnormous(response, reply, fault.bytes);
  else if (fault?.type === 'slow') sendSlowly(response, reply, fault.chunkDelayMs);
  else response.writeHead(reply.status, withLength(reply)).end(reply.body);
}

function withLength(reply: WireReply): Record<string, string> {
  // A 204 has no body and must not announce one.
  return reply.status === 204 ? { ...reply.headers } : { ...reply.headers, 'content-length': `${reply.body.length}` };
}

function sendHalf(response: ServerResponse, reply: WireReply): void {
  response.writeHead(reply.status, { ...reply.headers, 'content-length': `${Math.max(2, reply.body.length)}` });
  response.flushHeaders();
  response.write(reply.body.subarray(0, Math.floor(reply.body.length / 2)), () => response.socket?.end());
}

function sendEnormous(response: ServerResponse, reply: WireReply, bytes: number): void {
  response.writeHead(reply.status, { ...reply.headers, 'content-length': `${bytes}` });
  let left = bytes;
  const sendMore = () => {
    while (left > 0 && !response.destroyed) {
      const chunk = enormousChunk.subarray(0, Math.min(left, enormousChunk.length));
      left -= chunk.length;
      if (!response.write(chunk)) {
        response.once('drain', sendMore);
        return;
      }
    }
    if (!response.destroyed) response.end();
  };
  sendMore();
}

function sendSlowly(response: ServerResponse, reply: WireReply, chunkDelayMs: number): void {
  response.writeHead(reply.status, withLength(reply));
  response.flushHeaders();
  let sent = 0;
  const interval = setInterval(() => {
    if (response.destroyed) clearInterval(interval);
    else if (sent < reply.body.length) response.write(reply.body.subarray(sent, ++sent));
    else {
      clearInterval(interval);
      response.end();
    }
  }, chunkDelayMs);
  response.once('close', () => clearInterval(interval));
}
