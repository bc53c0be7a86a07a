/** What a configuration file of `hearken serve` may say. Each leaf's message ends the sentence "Expected `x` to be ...". */
import { domainToASCII } from 'node:url';

import { z } from 'zod';

import type { StreamingDevice } from '../../src/index.ts';
import type { TokenSettings } from '../../server/access/authenticator.ts';
import type { ClientLimits } from '../../server/access/client-limits.ts';
import { DEVICE_CHOICES } from '../device-option.ts';

export type Config = {
  /** Address to listen on. */ readonly host?: string | undefined;
  /** Port of HTTP and native streams; 0 takes a free one. */ readonly port?: number | undefined;
  /** Port of the vosk-server protocol; 0 takes a free one. */ readonly voskPort?: number | undefined;
  /** Folders by the ids that clients use; the first is the default. */
  readonly models?: Readonly<Record<string, string>> | undefined;
  /** What computes the models. */ readonly device?: StreamingDevice | undefined;
  /** Folder in which native sessions survive the server. */ readonly sessions?: string | undefined;
  readonly limits?: LimitsConfig | undefined;
  /** File of the hashes of API keys, as `hearken keys new` prints them. */ readonly keys?: string | undefined;
  /** JSON Web Tokens that are as good as a key. */ readonly tokens?: TokenSettings | undefined;
  /** Pages that may come in beside those of this server. */ readonly origins?: readonly string[] | undefined;
  /** Names that clients call the server by, beside localhost and addresses. */
  readonly hostNames?: readonly string[] | undefined;
  /** Files of the certificate (with its chain) and its key, as PEM. */ readonly tls?: TlsFiles | undefined;
};

export type LimitsConfig = {
  /** Clients at once; more are refused with 503. */ readonly streams?: number | undefined;
  /** Limits of each key or subject of tokens. */ readonly perKey?: ClientLimits | undefined;
};

export type TlsFiles = { readonly cert: string; readonly key: string };

/** A whole number in `minimum..maximum`. */
function integer(minimum: number, maximum: number): z.ZodNumber {
  const error = `a whole number in ${minimum}..${maximum}`;
  return z.number(error).int(error).min(minimum, error).max(maximum, error);
}

function text(error: string): z.ZodString {
  return z.string(error).min(1, error);
}

function mapping<T extends z.ZodRawShape>(shape: T): z.ZodObject<T, z.core.$strict> {
  // Unknown names are told one by one, with where they stand.
  return z.strictObject(shape, { error: (issue) => (issue.code === 'invalid_type' ? 'a mapping' : undefined) });
}

const KEY_SET = 'a file, or an address that begins with https://';

/** Keys that came over plain HTTP could be anybody's, unless it is this machine's. */
function isFileOrSafe(name: string): boolean {
  return !/^\w+:\/\//.test(name) || /^(?:https:\/\/|http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])[:/])/.test(name);
}

export const ORIGIN = 'an origin such as https://app.example, or *';

export function isOrigin(name: string): boolean {
  return name === '*' || (URL.canParse(name) && new URL(name).origin === name);
}

export const HOST_NAME = 'a name such as hear.example, without a port, or *';

export function isHostName(name: string): boolean {
  return name === '*' || (/^[^\s:/?#@[\]%\\]+$/.test(name) && !name.endsWith('.') && domainToASCII(name) !== '');
}

const modelId = z.string().regex(/^[\w.-]+$/, 'named by letters, digits, . _ and -');

export const configSchema: z.ZodType<Config> = mapping({
  host: text('an address to listen on').optional(),
  port: integer(0, 65_535).optional(),
  voskPort: integer(0, 65_535).optional(),
  models: z
    .record(modelId, text('the folder of a model'), 'a mapping of ids to folders')
    .refine((models) => Object.keys(models).length > 0, 'a mapping with at least one model')
    .optional(),
  device: z.enum(DEVICE_CHOICES, `one of ${DEVICE_CHOICES.join(', ')}`).optional(),
  sessions: text('a folder').optional(),
  limits: mapping({
    streams: integer(1, 100_000).optional(),
    perKey: mapping({
      streams: integer(1, 100_000).optional(),
      handshakesPerMinute: integer(1, 1_000_000).optional(),
      audioSecondsPerMinute: integer(1, 1_000_000).optional(),
    }).optional(),
  }).optional(),
  keys: text('a file').optional(),
  tokens: mapping({
    secret: text('a file').optional(),
    jwks: text(KEY_SET).refine(isFileOrSafe, KEY_SET).optional(),
    issuer: text('what tokens have in `iss`'),
    audience: text('what tokens have in `aud`'),
  })
    .refine(
      ({ secret, jwks }) => (secret === undefined) !== (jwks === undefined),
      'a mapping with one of `secret` and `jwks`',
    )
    .optional(),
  origins: z.array(text(ORIGIN).refine(isOrigin, ORIGIN), 'a list of origins').optional(),
  hostNames: z.array(text(HOST_NAME).refine(isHostName, HOST_NAME), 'a list of names').optional(),
  tls: mapping({ cert: text('a file'), key: text('a file') }).optional(),
});
