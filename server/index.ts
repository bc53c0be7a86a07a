/**
 * `hearken/server`: the server inside a program, with all that `hearken serve` speaks.
 *
 * ```ts
 * await using server = await serve({ models: { en: 'codes-en' }, port: 8080 });
 * console.log(`ws://127.0.0.1:${server.port}/v1/stream`);
 * ```
 */
import { type Logger, pino } from 'pino';

import {
  aFunction,
  anObject,
  aString,
  assertFields,
  assertOptions,
  type Checks,
  filePath,
  integerIn,
  oneOf,
  typed,
} from '../src/arguments.ts';
import { DEVICES, type StreamingDevice } from '../src/backend/model-executor.ts';
import { HearkenError } from '../src/errors.ts';
import { packageVersion } from '../src/package-root.ts';
import type { AccessOptions } from './access/admission.ts';
import type { ClientLimits } from './access/client-limits.ts';
import { builtConsole } from './http/console.ts';
import type { Certificate } from './http-server.ts';
import { type RunningServer, serve as run } from './serve.ts';
import { openDirectoryStore } from './sessions/directory-store.ts';
import { createMemoryStore } from './sessions/memory-store.ts';

export type { AccessOptions } from './access/admission.ts';
export type { ClientLimits } from './access/client-limits.ts';
export type { Authenticate, Identity } from './access/identity.ts';
export type { Certificate } from './http-server.ts';

export type ServerOptions = {
  /**
   * Folders of models (paths or `file:` URLs), or models that come with the package by their names, by the names that clients
   * ask for. The first is the one that clients get who ask for none. Default `{ 'codes-en': 'codes-en' }`.
   */
  readonly models?: Readonly<Record<string, string | URL>>;
  /**
   * What computes the models. Default `cpu`: onnxruntime on the processor; of token models that were not exported `tfjs`. The log says what `auto`
   * took, and why.
   */
  readonly device?: StreamingDevice;
  /** Address to listen on. Default 127.0.0.1. */ readonly host?: string;
  /** Port of HTTP, `/v1/stream` and `/v1/realtime`, in 0..65535; 0, the default, takes a free one. */
  readonly port?: number;
  /** Port of the vosk-server protocol; 0 takes a free one. Default: that protocol is not spoken. */
  readonly voskPort?: number;
  /** The most clients at once, 1..100,000; more are refused with 503. Default 100. */ readonly maximumStreams?: number;
  /**
   * Folder in which native sessions survive the program. Default: in memory, where they survive lost connections only.
   */
  readonly sessions?: string | URL;
  /** Who is admitted. Default: every program of the machine, and pages of this server. */
  readonly access?: AccessOptions;
  /** Certificate for TLS, of version 1.2 at least, on all ports. Default: no TLS. */
  readonly certificate?: Certificate;
  /** Whether `/` shows the console, a page to try the server with. Default false. */ readonly console?: boolean;
  /** Logger, one of `pino`. Default: nothing is logged. */ readonly log?: Logger;
  /**
   * Called when the engine's thread has failed for good: every stream fails from then on, and the server should be
   * closed.
   */
  readonly onLost?: (error: HearkenError) => void;
};

/** A server that listens. `await using` closes it. */
export type EmbeddedServer = AsyncDisposable & {
  /** Port on which the server answers HTTP. */ readonly port: number;
  /** Port on which the server speaks the vosk-server protocol; absent where it does not. */ readonly voskPort?: number;
  /** Loads the models again from their folders; streams that run keep theirs. Never rejects: a model that is refused stays as it was. */
  readonly reload: () => Promise<void>;
  /** Uses another certificate for new TLS connections. Throws `tls/certificate`, and goes on with the one before. */
  readonly renewCertificate: (certificate: Certificate) => void;
  /**
   * Takes no more clients, answers what was received, closes live streams with 1012, and cuts off who is left after `graceMs`,
   * default 20,000. Called again it resolves with the first call.
   */
  readonly close: (graceMs?: number) => Promise<void>;
};

const DEFAULT_MODELS = { 'codes-en': 'codes-en' };
/** Default time, in milliseconds, from `close` to the termination of connections that are still open. */
const GRACE_MS = 20_000;

const LIMIT_CHECKS: Checks<ClientLimits> = {
  streams: integerIn(1),
  handshakesPerMinute: integerIn(1),
  audioSecondsPerMinute: integerIn(1),
};

const ACCESS_CHECKS: Checks<AccessOptions> = {
  authenticate: aFunction,
  origins: typed('a list of origins', isListOfStrings),
  hostNames: typed('a list of host names', isListOfStrings),
  limits: (_, value) => assertOptions('access.limits', value as ClientLimits, LIMIT_CHECKS), // it looks whether it is an object
};

const CHECKS: Checks<ServerOptions> = {
  models: anObject,
  device: oneOf(...DEVICES),
  host: aString,
  port: integerIn(0, 65_535),
  voskPort: integerIn(0, 65_535),
  maximumStreams: integerIn(1, 100_000),
  sessions: typed('a path or a file: URL', (value) => typeof value === 'string' || value instanceof URL),
  access: (_, value) => assertOptions('access', value as AccessOptions, ACCESS_CHECKS), // the same
  certificate: (name, value) => assertFields(name, value as Certificate, { cert: aString, key: aString }), // the same
  console: oneOf(true, false),
  log: typed('a logger of pino', (value) => typeof value === 'object' && value !== null && 'info' in value),
  onLost: aFunction,
};

/**
 * Serves models to live streams, clients of vosk-server and of OpenAI's API, and uploads; resolves when it listens. Inference
 * runs in a thread of its own. Signals of the process are the program's: see `close` and `reload`.
 *
 * Throws `option/...` on arguments that make no sense, as `loadModel` does on a model that cannot be had, `server/listen` where
 * a port cannot be had, `tls/certificate`, and `session/store` on a folder of sessions that cannot be used.
 */
export async function serve(options: ServerOptions = {}): Promise<EmbeddedServer> {
  assertOptions('serve', options, CHECKS);
  const { host = '127.0.0.1', port = 0, voskPort, maximumStreams = 100, sessions, access = {}, onLost } = options;
  const { device, certificate, log = pino({ level: 'silent' }) } = options;
  const running = await run({
    models: modelsOf(options.models ?? DEFAULT_MODELS),
    device,
    host,
    port,
    voskPort,
    maximumStreams,
    store: sessions === undefined ? createMemoryStore() : await openDirectoryStore(filePath('sessions', sessions)),
    console: options.console === true ? builtConsole() : undefined,
    access: withLowerCaseNames(access),
    certificate,
    version: packageVersion(),
    log,
    ...(onLost !== undefined && { onLost }),
  });
  return embedded(running, voskPort !== undefined);
}

function embedded(running: RunningServer, speaksVosk: boolean): EmbeddedServer {
  let closing: Promise<void> | undefined;
  const close = (graceMs = GRACE_MS): Promise<void> => (closing ??= running.drain(graceMs));
  return {
    port: running.port,
    ...(speaksVosk && { voskPort: running.voskPort }),
    reload: running.reload,
    renewCertificate: running.renewCertificate,
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}

function modelsOf(models: Readonly<Record<string, string | URL>>): { id: string; folder: string }[] {
  const sources = Object.entries(models).map(([id, folder]) => ({ id, folder: filePath(`models.${id}`, folder) }));
  if (sources.length === 0) throw new HearkenError('option/missing', 'Expected a model in `models`, got none');
  const odd = sources.find(({ id }) => !/^[\w.-]+$/.test(id));
  if (odd === undefined) return sources;
  const expected = 'Expected ids of `models` to be of letters, digits, . _ and -';
  throw new HearkenError('option/unknown-value', `${expected}, got ${JSON.stringify(odd.id)}`);
}

/** Access options with host names in lower case, as browsers send them. */
function withLowerCaseNames({ hostNames, ...access }: AccessOptions): AccessOptions {
  return { ...access, hostNames: hostNames?.map((name) => name.toLowerCase()) };
}

function isListOfStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}
