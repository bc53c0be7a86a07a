import type { IncomingHttpHeaders } from 'node:http';

import { API_KEY_SUBPROTOCOL } from '../../client/connection.ts';

/** Browsers cannot set headers of a WebSocket; the second is what clients of OpenAI's API send. */
const SUBPROTOCOLS = [API_KEY_SUBPROTOCOL, 'openai-insecure-api-key.'];

/** The key or token that a request carries, as `Authorization: Bearer` or as a subprotocol; never in its address. */
export function credentialOf(headers: IncomingHttpHeaders): string | undefined {
  const [, bearer] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? [];
  if (bearer !== undefined) return bearer;
  for (const name of (headers['sec-websocket-protocol'] ?? '').split(',')) {
    const prefix = SUBPROTOCOLS.find((each) => name.trim().startsWith(each));
    if (prefix !== undefined) return name.trim().slice(prefix.length);
  }
  return undefined;
}
