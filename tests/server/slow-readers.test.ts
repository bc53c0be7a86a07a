import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Registry } from 'prom-client';
import { expect, onTestFinished, test } from 'vitest';

import type { RemoteStream } from '../../server/engine/remote-stream.ts';
import type { EngineClient } from '../../server/engine/client.ts';
import { createInstruments } from '../../server/instruments.ts';
import { serveNative } from '../../server/native/serve-stream.ts';
import { openRealtime } from '../../server/realtime/protocol.ts';
import { serveProtocol } from '../../server/serve-protocol.ts';
import { createSessionMetrics } from '../../server/session-metrics.ts';
import { createMemoryStore } from '../../server/sessions/memory-store.ts';
import { routeUpgrades } from '../../server/upgrades.ts';
import { openVosk } from '../../server/vosk/protocol.ts';
import { acceptWebSockets, type Connection } from '../../server/websockets.ts';
import type { RecognitionEvent } from '../../src/recognizer/events.ts';
import { connectSocket } from './socket-client.ts';

/** Who answers every chunk with 64 KiB of text at once. */
const talkative: RemoteStream = {
  push: async (): Promise<readonly RecognitionEvent[]> => {
    const text = 'x'.repeat(65_536);
    return [{ type: 'final', text, words: [{ word: text, start: 0, end: 1, confidence: 1 }], start: 0, end: 1 }];
  },
  flush: async () => [],
  snapshot: async () => ({
    state: new Uint8Array(0),
    resamplerTail: new Float32Array(0),
    resamplerPhase: 0,
    samplesHeard: 0,
    samplesBefore: 0,
  }),
  room: async () => undefined,
  queuedSeconds: () => 0,
  close: () => undefined,
};
const vocabulary = { labels: ['x'], grammars: { all: [{ label: 'x', word: 'x' }] }, defaultGrammar: 'all' };
const engine = {
  models: [
    { id: 'en', name: 'en', sampleRate: 16_000, vocabulary, endpointing: { pauseMs: 950, blankThreshold: 0.5 } },
  ],
  open: () => talkative,
} as unknown as EngineClient; // the rest of it is for others

const served = { engine: engine, trace: { set: () => undefined }, ignored: () => undefined };
const audio = Buffer.alloc(3_200);

/** Each protocol that words come back on, and what makes a client of it be answered. */
const PROTOCOLS = [
  {
    name: 'vosk-server',
    opening: '{"config":{"sample_rate":16000}}',
    frame: audio,
    serve: (connection: Connection) => serveProtocol(connection, openVosk(connection.path), served),
  },
  {
    name: 'Realtime',
    opening: '{"type":"session.update","session":{"type":"transcription"}}',
    frame: JSON.stringify({ type: 'input_audio_buffer.append', audio: audio.toString('base64') }),
    serve: (connection: Connection) => serveProtocol(connection, openRealtime(connection, engine.models), served),
  },
  {
    name: 'native',
    opening: '{"type":"start","encoding":"s16le","sampleRate":16000}',
    frame: audio,
    serve: (connection: Connection) =>
      serveNative(connection, {
        store: createMemoryStore(),
        owner: 'server-1',
        client: '',
        metrics: createSessionMetrics(createInstruments(new Registry())),
        onCoalesced: () => undefined,
        openStream: () => ({ stream: talkative, model: 'en', version: 'v1' }),
        versionFor: () => 'v1',
      }),
  },
];

test.each(PROTOCOLS)('a client of $name that does not read is closed with 4008', async ({ opening, frame, serve }) => {
  const server = createServer();
  const code = new Promise<number>((resolve) => {
    const { handleUpgrade, terminate } = acceptWebSockets({
      subprotocols: [],
      slowReaderMs: 200,
      admit: async () => ({
        onFailure: () => undefined,
        onConnection: (connection) => {
          void serve(connection);
          void connection.closed.then(resolve);
        },
      }),
    });
    routeUpgrades(server, [{ isAt: () => true, handleUpgrade }]);
    onTestFinished(() => {
      terminate();
      server.close();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const client = await connectSocket(`ws://127.0.0.1:${port}`);
  client.socket.pause();
  client.send(opening);
  for (let count = 0; count < 400; count++) client.send(frame);
  expect(await code).toBe(4008);
});
