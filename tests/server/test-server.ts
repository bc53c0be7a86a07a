import { pino } from 'pino';

import { createMemoryStore } from '../../server/sessions/memory-store.ts';
import { type RunningServer, type ServeOptions, serve } from '../../server/serve.ts';

export type TestServer = RunningServer & {
  readonly http: string;
  readonly vosk: string;
  /** What it has logged, a line an entry. */ readonly logged: readonly string[];
};

/** A server on free ports with two models, which are the same one. */
export async function startTestServer(options: Partial<ServeOptions> = {}): Promise<TestServer> {
  const logged: string[] = [];
  const running = await serve({
    models: [
      { id: 'codes', folder: 'codes-en' },
      { id: 'other', folder: 'codes-en' },
    ],
    host: '127.0.0.1',
    port: 0,
    voskPort: 0,
    maximumStreams: 64,
    store: createMemoryStore(),
    version: '0.0.0',
    log: pino({ level: 'trace' }, { write: (line: string) => logged.push(line) }),
    ...options,
  });
  return {
    ...running,
    logged,
    http: `http://127.0.0.1:${running.port}`,
    vosk: `ws://127.0.0.1:${running.voskPort}`,
  };
}
