import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** The last response of each connection; responses end in the order of their requests. */
const newest = new WeakMap<Duplex, ServerResponse>();

/** Notes a response that begins. Called for every one. */
export function keepNewest(response: ServerResponse): void {
  newest.set(response.req.socket, response);
}

/** The response that a connection got last and that has not ended, if there is one. */
export function openResponse(socket: Duplex): ServerResponse | undefined {
  const response = newest.get(socket);
  return response?.closed === false ? response : undefined;
}
