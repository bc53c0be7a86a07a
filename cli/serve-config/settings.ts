/** What a server is run with: the command line, where it is silent the configuration file, and else the defaults. */
import { existingFolder } from '../existing.ts';
import { UsageError } from '../usage-error.ts';
import type { Config } from './config-schema.ts';

/** Options of the command line that are settings as well. */
export type SettingOptions = {
  readonly host?: string;
  readonly port?: number;
  readonly voskPort?: number;
  readonly maxStreams?: number;
  readonly sessions?: string;
  /** `ID=DIR` each. */ readonly model?: readonly string[];
};

export type Settings = {
  readonly host: string;
  readonly port: number;
  readonly voskPort: number;
  /** The first is the default one. */ readonly models: readonly { readonly id: string; readonly folder: string }[];
  readonly maximumStreams: number;
  /** Folder of sessions; in memory where absent. */ readonly sessions: string | undefined;
};

export const DEFAULTS = {
  host: '127.0.0.1',
  port: 8080,
  voskPort: 2700,
  models: { 'codes-en': 'codes-en' },
  streams: 100,
} as const;

/** Throws a usage error on models whose folder is not there. */
export async function settingsOf(options: SettingOptions, config: Config): Promise<Settings> {
  const models = options.model === undefined ? (config.models ?? DEFAULTS.models) : modelsOf(options.model);
  for (const folder of Object.values(models)) {
    if (folder.includes('/')) await existingFolder(folder); // a bare name is a model that comes with hearken
  }
  return {
    host: options.host ?? config.host ?? DEFAULTS.host,
    port: options.port ?? config.port ?? DEFAULTS.port,
    voskPort: options.voskPort ?? config.voskPort ?? DEFAULTS.voskPort,
    models: Object.entries(models).map(([id, folder]) => ({ id, folder })),
    maximumStreams: options.maxStreams ?? config.limits?.streams ?? DEFAULTS.streams,
    sessions: options.sessions ?? config.sessions,
  };
}

/** Throws a usage error on what is not `ID=DIR`, or an id given twice. */
function modelsOf(texts: readonly string[]): Record<string, string> {
  const models = new Map<string, string>();
  for (const text of texts) {
    const [, id, folder] = /^([\w.-]+)=(.+)$/.exec(text) ?? [];
    if (id === undefined || folder === undefined) {
      throw new UsageError(`Expected --model ID=DIR, ID of letters, digits, . _ and -, got ${text}`);
    }
    if (models.has(id)) throw new UsageError(`Expected model ids to be distinct, got ${id} twice`);
    models.set(id, folder);
  }
  return Object.fromEntries(models);
}
