import type { Command } from 'commander';

import { optionalDevice } from './device-option.ts';
import { wholeNumber } from './options.ts';
import type { Config } from './serve-config/config-schema.ts';
import { DEFAULTS, type SettingOptions, settingsOf } from './serve-config/settings.ts';
import { UsageError } from './usage-error.ts';

type ServeOptions = SettingOptions & { readonly config?: string; readonly check?: true };

const portNumber = wholeNumber(0, 65_535);

const DETAILS = `
Live streams of hearken's own protocol connect to ws://HOST:PORT/v1/stream (hearken listen does) and survive lost connections, and
with --sessions the server's end. Clients of vosk-server connect to --vosk-port and get a model by its path
(ws://host:2700/ID), by {"config":{"model":"ID"}}, or the first one; those of OpenAI's Realtime transcription to
ws://HOST:PORT/v1/realtime. The HTTP port has a page at / to try it all, and answers /livez, /readyz, /metrics, /v1/models and
POST /v1/transcriptions. Without --keys (or tokens, in a file) nobody is asked who they are: stay on
127.0.0.1, or stand behind a proxy that asks. More: docs/guides/securing-a-server.md.

With --config settings are read from a file of YAML or JSON; options of the command line win. --check reads it, says what is wrong at
which line, and ends. What a file may say: docs/examples/hearken.yaml.

SIGHUP loads the models again without an end to any stream, and reads keys, secrets and certificate again. SIGTERM, Ctrl-C and a terminal that is
closed drain: no more clients are let in, what was received is answered, connections are closed with 1012.

Examples:
  hearken serve
  hearken serve --host 0.0.0.0 --model en=models/codes-en --model es=models/digits-es
  hearken serve --config /etc/hearken/hearken.yaml --check
  curl -s localhost:8080/readyz`;

export function addServe(program: Command): void {
  program
    .command('serve')
    .summary('hear live streams over WebSockets')
    .description(
      'Serves models to live streams, clients of vosk-server and OpenAI, and uploads, with health and metrics over HTTP.',
    )
    .option('-c, --config <file>', 'settings as YAML or JSON; options given here win over it')
    .option('--check', 'say what is wrong with the settings, and end')
    .option('--host <address>', `address to listen on (default: ${DEFAULTS.host})`)
    .option('--port <number>', `port of HTTP; 0 takes a free one (default: ${DEFAULTS.port})`, portNumber)
    .option('--vosk-port <number>', `port of the vosk-server protocol (default: ${DEFAULTS.voskPort})`, portNumber)
    .option(
      '-m, --model <id=folder...>',
      'models by the names that clients use, or a name of one that comes with hearken (default: codes-en)',
    )
    .addOption(optionalDevice())
    .option(
      '--max-streams <count>',
      `clients at once; more are refused with 503 (default: ${DEFAULTS.streams})`,
      wholeNumber(1, 100_000),
    )
    .option('--sessions <folder>', 'where native sessions survive the server (default: in memory, they do not)')
    .option('--keys <file>', 'hashes of API keys (hearken keys new); clients must have one of them')
    .option(
      '--origin <origin...>',
      'pages that may connect beside those of this server, as https://app.example; * for all',
    )
    .option(
      '--host-name <name...>',
      'names that clients call the server by; without keys all but these, localhost and addresses are refused; * for all',
    )
    .option('--tls-cert <file>', 'certificate with its chain (PEM): speak TLS on both ports')
    .option('--tls-key <file>', 'private key of the certificate (PEM)')
    .addHelpText('after', DETAILS)
    .action(async ({ config, check, ...options }: ServeOptions) => {
      if (check && config === undefined) throw new UsageError('Expected --check with --config FILE');
      const settings = await settingsOf(options, await configAt(config));
      if (check) {
        const { readSecrets } = await import('./serve-config/secrets.ts');
        await readSecrets(settings);
        process.stdout.write(`${config}: valid\n`);
        return;
      }
      const { runServer } = await import('./run-server.ts');
      await runServer(settings);
    });
}

async function configAt(file: string | undefined): Promise<Config> {
  if (file === undefined) return {};
  const { readConfig } = await import('./serve-config/read-config.ts');
  return readConfig(file);
}
