/** What a configuration file of `hearken serve` may say. Each leaf's message ends the sentence "Expected `x` to be ...". */
import { z } from 'zod';

export type Config = {
  /** Address to listen on. */ readonly host?: string | undefined;
  /** Of HTTP and native streams; 0 takes a free one. */ readonly port?: number | undefined;
  /** Of the vosk-server protocol; 0 takes a free one. */ readonly voskPort?: number | undefined;
  /** Folders by the ids that clients use; the first is the default. */
  readonly models?: Readonly<Record<string, string>> | undefined;
  /** Folder in which native sessions survive the server. */ readonly sessions?: string | undefined;
  readonly limits?: LimitsConfig | undefined;
};

export type LimitsConfig = {
  /** Clients at once; more are refused with 503. */ readonly streams?: number | undefined;
};

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

const modelId = z.string().regex(/^[\w.-]+$/, 'named by letters, digits, . _ and -');

export const configSchema: z.ZodType<Config> = mapping({
  host: text('an address to listen on').optional(),
  port: integer(0, 65_535).optional(),
  voskPort: integer(0, 65_535).optional(),
  models: z
    .record(modelId, text('the folder of a model'), 'a mapping of ids to folders')
    .refine((models) => Object.keys(models).length > 0, 'a mapping with at least one model')
    .optional(),
  sessions: text('a folder').optional(),
  limits: mapping({ streams: integer(1, 100_000).optional() }).optional(),
});
