/** What a client says by the address and the headers it connects with. */
import type { IncomingHttpHeaders } from 'node:http';

import type { ServedModel } from '../engine/client.ts';
import { parametersOf } from '../ignored-settings.ts';
import type { Dialect } from './client-event.ts';
import { RequestError } from './request-error.ts';
import { type Configured, settingsWith } from './settings.ts';

export const REALTIME_PATH = '/v1/realtime';
export const SUBPROTOCOL = 'realtime';

/** Query parameters that the address may have; others have no effect. */
const PARAMETERS: ReadonlySet<string> = new Set(['model', 'intent']);

/** `?model=ID` chooses a model, `?intent=transcription` is what is served here. Throws a `RequestError`. */
export function requestedSettings(path: string, models: readonly ServedModel[]): Configured {
  const [, query = ''] = path.split('?', 2);
  const requested = new URLSearchParams(query);
  const intent = requested.get('intent') ?? 'transcription';
  if (intent !== 'transcription') {
    throw new RequestError('invalid_value', 'Expected `intent` to be transcription, got another', 'intent');
  }
  const { settings, ignored } = settingsWith(models, requested.get('model') || undefined); // an empty name is none
  return { settings, ignored: [...ignored, ...parametersOf(path).filter((name) => !PARAMETERS.has(name))] };
}

/** Clients of the beta say so by a header, or in browsers by a subprotocol. */
export function dialectOf(headers: IncomingHttpHeaders): Dialect {
  const subprotocols = headers['sec-websocket-protocol'] ?? '';
  return headers['openai-beta'] === 'realtime=v1' || subprotocols.includes('openai-beta.realtime-v1')
    ? 'beta'
    : 'current';
}
