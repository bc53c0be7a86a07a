import { z } from 'zod';

import { HearkenError } from '../../src/errors.ts';

/** `true`, or as C clients write it, 1. */
const flag = z.union([z.boolean(), z.literal([0, 1])]).transform(Boolean);

/** Fields that vosk-server does not know either are let through. */
const configSchema: z.ZodType<VoskConfig> = z.object({
  sample_rate: z.number().optional(),
  words: flag.optional(),
  max_alternatives: z.number().int().min(0).optional(),
  phrase_list: z.array(z.string()).optional(),
  model: z.string().optional(),
});

const requestSchema = z.union([
  z.object({ config: configSchema }),
  z.object({ eof: z.literal(1) }),
  z.object({ reset: z.literal(1) }),
]);

/** What a client wishes; the names are vosk-server's. */
export type VoskConfig = {
  /** Hz */ readonly sample_rate?: number | undefined;
  readonly words?: boolean | undefined;
  readonly max_alternatives?: number | undefined;
  readonly phrase_list?: string[] | undefined;
  /** Of this server, by its id. */ readonly model?: string | undefined;
};

export type VoskRequest =
  | { readonly type: 'config'; readonly config: VoskConfig }
  | { readonly type: 'eof' }
  | { readonly type: 'reset' };

/** Throws `vosk/json` on what is no JSON, `vosk/request` on what is no request. */
export function parseVoskRequest(text: string): VoskRequest {
  const parsed = requestSchema.safeParse(parseJson(text));
  if (!parsed.success) {
    throw new HearkenError(
      'vosk/request',
      `Expected {"config":{...}}, {"eof":1} or {"reset":1} with fields of their types, got other JSON`,
    );
  }
  const { data } = parsed;
  if ('config' in data) return { type: 'config', config: data.config };
  return { type: 'eof' in data ? 'eof' : 'reset' };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HearkenError('vosk/json', 'Expected text frames to be JSON, got something else', { cause });
  }
}
