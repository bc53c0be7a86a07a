/** The native protocol, for the HTTP port. */
import { randomUUID } from 'node:crypto';

import { SUBPROTOCOL } from '../../client/connection.ts';
import type { StartMessage } from '../../client/protocol.ts';
import { HearkenError } from '../../src/errors.ts';
import type { EngineClient, ServedModel, ServedTokenModel } from '../engine/client.ts';
import type { AnyServedModel, StreamSnapshot } from '../engine/protocol.ts';
import { streamGrammar } from '../engine/stream-grammar.ts';
import { parametersOf } from '../ignored-settings.ts';
import type { OpenedStream } from '../sessions/open-session.ts';
import type { SessionStore } from '../sessions/session-store.ts';
import { withStoreMetrics } from '../sessions/with-store-metrics.ts';
import { openSocketService, type SharedServices, type SocketService } from '../socket-service.ts';
import { tracedSessions } from '../tracing/traced-sessions.ts';
import { serveNative } from './serve-stream.ts';

export const STREAM_PATH = '/v1/stream';

/** `store` keeps the sessions for clients that come back. */
export function createNativeListener(shared: SharedServices, store: SessionStore): SocketService {
  const { engine, metrics, log } = shared;
  const sessions = {
    store: withStoreMetrics(store, { metrics: metrics.sessions, log }),
    owner: randomUUID(),
    metrics: metrics.sessions,
    onCoalesced: metrics.coalesced,
  };
  return openSocketService({
    ...shared,
    protocol: 'native',
    subprotocols: [SUBPROTOCOL],
    isAt: (path) => path === STREAM_PATH,
    serve: (connection, { client, engine: watched, trace, ignored }) => {
      ignored(parametersOf(connection.path));
      return serveNative(connection, {
        ...sessions,
        ...tracedSessions(sessions, trace),
        client: client.id,
        openStream: (start, from) => {
          trace.set({ 'hearken.audio.encoding': start.encoding });
          return openStream(watched, start, from);
        },
        versionFor: (start) => modelFor(engine, start).version,
      });
    },
  });
}

/** Throws `model/unknown-id` or `grammar/...`. */
function openStream(engine: EngineClient, start: StartMessage, from: StreamSnapshot | undefined): OpenedStream {
  if (start.encoding === 'i32le') {
    const { id: model, version } = tokenModelFor(engine, start);
    return { model, version, stream: engine.openTokens({ model, from }) };
  }
  const served = speechModelFor(engine, start);
  const { id: model, version } = served;
  const { sampleRate, attention } = start;
  const { grammar } = streamGrammar(served, start.grammar);
  return { model, version, stream: engine.open({ model, sampleRate, grammar, attention, from }) };
}

function modelFor(engine: EngineClient, start: StartMessage): AnyServedModel {
  return start.encoding === 'i32le' ? tokenModelFor(engine, start) : speechModelFor(engine, start);
}

function tokenModelFor({ tokenModels }: EngineClient, { model }: StartMessage): ServedTokenModel {
  return modelCalled(model, tokenModels, 'token model');
}

function speechModelFor({ models }: EngineClient, { model }: StartMessage): ServedModel {
  return modelCalled(model, models, 'model');
}

function modelCalled<T extends { readonly id: string }>(id: string | undefined, models: readonly T[], kind: string): T {
  const found = models.find((model) => id === undefined || model.id === id);
  if (found !== undefined) return found;
  const known = models.map((model) => model.id).join(', ') || 'which has none';
  throw new HearkenError('model/unknown-id', `Expected a ${kind} of this server (${known}), got ${id ?? 'no name'}`);
}
