/** What a server is run with: the command line, where it is silent the configuration file, and else the defaults. */
import { existsSync } from 'node:fs';
import { domainToASCII } from 'node:url';

import type { StreamingDevice } from '../../src/index.ts';
import type { TokenSettings } from '../../server/access/authenticator.ts';
import type { ClientLimits } from '../../server/access/client-limits.ts';
import { existingFolder } from '../existing.ts';
import { modelArgument } from '../model-argument.ts';
import { UsageError } from '../usage-error.ts';
import { type Config, HOST_NAME, isHostName, isOrigin, ORIGIN, type TlsFiles } from './config-schema.ts';

/** Options of the command line that are settings as well. */
export type SettingOptions = {
  readonly host?: string;
  readonly port?: number;
  readonly voskPort?: number;
  readonly device?: StreamingDevice;
  readonly maxStreams?: number;
  readonly sessions?: string;
  readonly keys?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly origin?: readonly string[];
  readonly hostName?: readonly string[];
  /** `ID=DIR` each, or the name of a model that comes with hearken. */ readonly model?: readonly string[];
};

export type Settings = {
  readonly host: string;
  readonly port: number;
  readonly voskPort: number;
  /** The first is the default one. */ readonly models: readonly { readonly id: string; readonly folder: string }[];
  /** What computes; what fits each model where absent. */ readonly device: StreamingDevice | undefined;
  readonly maximumStreams: number;
  /** Folder of sessions; in memory where absent. */ readonly sessions: string | undefined;
  /** File of API keys. Without it and without tokens, no client is asked for a credential. */
  readonly keys: string | undefined;
  readonly tokens: TokenSettings | undefined;
  readonly perKey: ClientLimits | undefined;
  readonly origins: readonly string[] | undefined;
  /** Names of this server in requests, in lower case. */ readonly hostNames: readonly string[] | undefined;
  readonly tls: TlsFiles | undefined;
};

export const DEFAULTS = {
  host: '127.0.0.1',
  port: 8080,
  voskPort: 2700,
  models: { 'codes-en': 'codes-en' },
  streams: 100,
} as const;

/**
 * Settings of the server from options and configuration. Throws a usage error on models whose folder is not there, and
 * on settings that need another.
 */
export async function settingsOf(options: SettingOptions, config: Config): Promise<Settings> {
  const models = options.model === undefined ? (config.models ?? DEFAULTS.models) : modelsOf(options.model);
  for (const folder of Object.values(models)) modelArgument(folder);
  const stranger = options.origin?.find((origin) => !isOrigin(origin));
  if (stranger !== undefined) throw new UsageError(`Expected --origin to be ${ORIGIN}, got ${stranger}`);
  const sessions = options.sessions ?? config.sessions;
  if (sessions !== undefined && existsSync(sessions)) await existingFolder(sessions);
  const keys = options.keys ?? config.keys;
  const perKey = config.limits?.perKey;
  if (perKey !== undefined && keys === undefined && config.tokens === undefined) {
    throw new UsageError('Expected `limits.perKey` with `keys` or `tokens`, which tell clients apart');
  }
  return {
    host: options.host ?? config.host ?? DEFAULTS.host,
    port: options.port ?? config.port ?? DEFAULTS.port,
    voskPort: options.voskPort ?? config.voskPort ?? DEFAULTS.voskPort,
    models: Object.entries(models).map(([id, folder]) => ({ id, folder })),
    device: options.device ?? config.device,
    maximumStreams: options.maxStreams ?? config.limits?.streams ?? DEFAULTS.streams,
    sessions,
    keys,
    tokens: config.tokens,
    perKey,
    origins: options.origin ?? config.origins,
    hostNames: (options.hostName ?? config.hostNames)?.map(hostNameOf),
    tls: tlsOf(options) ?? config.tls,
  };
}

/** As browsers send it. Throws a usage error on what is none, such as one with a port. */
function hostNameOf(text: string): string {
  if (isHostName(text)) return text === '*' ? text : domainToASCII(text);
  throw new UsageError(`Expected --host-name to be ${HOST_NAME}, got ${text}`);
}

function tlsOf({ tlsCert: cert, tlsKey: key }: SettingOptions): TlsFiles | undefined {
  if (cert !== undefined && key !== undefined) return { cert, key };
  if (cert === undefined && key === undefined) return undefined;
  throw new UsageError('Expected --tls-cert and --tls-key together, got one of them');
}

/** Models by id. Throws a usage error on what is neither `ID=DIR` nor a name, or an id given twice. */
function modelsOf(texts: readonly string[]): Record<string, string> {
  const models = new Map<string, string>();
  for (const text of texts) {
    const [, id, folder = id] = /^([\w.-]+)(?:=(.+))?$/.exec(text) ?? [];
    if (id === undefined || folder === undefined) {
      throw new UsageError(`Expected --model ID=DIR, ID of letters, digits, . _ and -, or NAME, got ${text}`);
    }
    if (models.has(id)) throw new UsageError(`Expected model ids to be distinct, got ${id} twice`);
    models.set(id, folder);
  }
  return Object.fromEntries(models);
}
