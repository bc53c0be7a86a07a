import { type Command, InvalidArgumentError } from 'commander';

import { existingFolder } from './existing.ts';
import { wholeNumber } from './options.ts';
import { UsageError } from './usage-error.ts';

export type ServeOptions = {
  readonly host: string;
  readonly port: number;
  readonly voskPort: number;
  readonly maxStreams: number;
  readonly sessions?: string;
  readonly model?: readonly string[];
};

const DETAILS = `
Live streams of hearken's own protocol connect to ws://HOST:PORT/v1/stream (hearken listen does) and survive lost connections, and
with --sessions the server's end. Clients of vosk-server connect to --vosk-port and get a model by its path
(ws://host:2700/ID), by {"config":{"model":"ID"}}, or the first one. The HTTP port answers /livez, /readyz, /metrics, /v1/models and
POST /v1/transcriptions. There is no authentication yet: stay on 127.0.0.1, or stand behind a proxy that asks who is there.

SIGTERM and Ctrl-C drain: no more clients are let in, what was received is answered, connections are closed with 1012.

Examples:
  hearken serve
  hearken serve --host 0.0.0.0 --model en=models/codes-en --model es=models/digits-es
  curl -s localhost:8080/readyz`;

export function addServe(program: Command): void {
  program
    .command('serve')
    .summary('hear live streams over WebSockets')
    .description(
      'Serves models to live streams, clients of vosk-server and uploads, with health and metrics over HTTP.',
    )
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port of HTTP; 0 takes a free one', portNumber, 8080)
    .option('--vosk-port <number>', 'port of the vosk-server protocol; 0 takes a free one', portNumber, 2700)
    .option('-m, --model <id=folder...>', 'models by the names that clients use (default: codes-en=codes-en)')
    .option('--max-streams <count>', 'clients at once; more are refused with 503', wholeNumber, 100)
    .option('--sessions <folder>', 'where native sessions survive the server (default: in memory, they do not)')
    .addHelpText('after', DETAILS)
    .action(async (options: ServeOptions) => {
      const models = await modelsOf(options.model ?? ['codes-en=codes-en']);
      const { runServer } = await import('./run-server.ts');
      await runServer(models, options);
    });
}

/** A port, for commander. */
function portNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < 0 || value > 65_535) {
    throw new InvalidArgumentError('Expected a whole number in 0..65535.');
  }
  return value;
}

/** Throws a usage error on what is not `ID=DIR`, an id given twice, or a path without a folder. */
async function modelsOf(texts: readonly string[]): Promise<{ id: string; folder: string }[]> {
  const models = new Map<string, string>();
  for (const text of texts) {
    const [, id, folder] = /^([\w.-]+)=(.+)$/.exec(text) ?? [];
    if (id === undefined || folder === undefined) {
      throw new UsageError(`Expected --model ID=DIR, ID of letters, digits, . _ and -, got ${text}`);
    }
    if (models.has(id)) throw new UsageError(`Expected model ids to be distinct, got ${id} twice`);
    if (folder.includes('/')) await existingFolder(folder); // a bare name is a model that comes with hearken
    models.set(id, folder);
  }
  return [...models].map(([id, folder]) => ({ id, folder }));
}
