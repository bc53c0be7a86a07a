/** The server under the benchmark `serve`, in a process of its own. Its argument is the largest batch. */
import { pino } from 'pino';

import { serve } from '../server/serve.ts';
import { createMemoryStore } from '../server/sessions/memory-store.ts';

const [, , maximumBatch] = process.argv;
const { port, voskPort } = await serve({
  models: [{ id: 'codes-en', folder: 'codes-en' }],
  host: '127.0.0.1',
  port: 0,
  voskPort: 0,
  maximumStreams: 10_000,
  maximumBatch: Number(maximumBatch),
  store: createMemoryStore(),
  version: 'bench',
  log: pino({ level: 'fatal' }),
});
process.send?.({ port, voskPort });
