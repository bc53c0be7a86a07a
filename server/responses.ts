import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Of each connection the last; they end in the order of their requests. */
const newest = new WeakMap<Duplex, ServerResponse>();

/** To be told of every response that begins. */
export function keepNewest(response: ServerResponse): void {
  newest.set(response.req.socket, response);
}

/** The response that a connection got last and that has not ended, if there is one. */
export function openResponse(socket: Duplex): ServerResponse | undefined {
  const response = newest.get(socket);
  return response?.closed === false ? response : undefined;
}
