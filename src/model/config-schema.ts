/** `config.json` of version 2, part by part. */
import { z } from 'zod';

import type { EncoderConfig } from '../encoder/config.ts';
import { MOST_BEAM, MOST_KEY_DEPTH, MOST_NEAREST, MOST_RETENTION } from '../memory/config.ts';
import type { MemoryKindConfig } from '../memory/kinds.ts';
import type { Symbols } from '../text/symbols.ts';
import { decodingSchema, featuresSchema, vocabularySchema } from './audio-schema.ts';
import type { ModelConfig } from './config.ts';
import { flag, integer, kindError, list, object, oneOf, text } from './config-fields.ts';
import { decoderFields } from './decoder-schema.ts';
import type { DecoderHead, HeadsConfig } from './heads.ts';
import type { SourceConfig } from './source.ts';

/** Far beyond any use; what a damaged file may ask for stays within the memory of a machine. */
const MOST_SYMBOLS = 1 << 20;

const units = integer(1, 8_192);
const layers = integer(1, 64);
const heads = integer(1, 256);
const kernel = integer(2, 256);
const count = integer(1, MOST_SYMBOLS);
const direction = oneOf('causal', 'both').optional();

const named = list(text).refine((symbols) => new Set(symbols).size === symbols.length, {
  error: 'a list without repetitions',
});

const symbols: z.ZodType<Symbols> = z.discriminatedUnion(
  'unit',
  [
    object({ unit: z.literal('id'), count }),
    object({ unit: z.literal('character'), symbols: named }),
    object({ unit: z.literal('word'), symbols: named }),
    object({
      unit: z.literal('piece'),
      tokenizer: z.literal('tokenizer.json', { error: '"tokenizer.json"' }),
      count,
    }),
  ],
  { error: kindError('id', 'character', 'word', 'piece') },
);

const imageFields = { height: integer(1, 4_096), width: integer(1, 4_096), channels: integer(1, 64) };

const source: z.ZodType<SourceConfig> = z.discriminatedUnion(
  'kind',
  [
    object({ kind: z.literal('audio'), features: featuresSchema, frameStack: integer(1, 16) }),
    object({ kind: z.literal('tokens'), symbols, embedding: units }),
    object({ kind: z.literal('numbers'), width: units }),
    object({ kind: z.literal('image'), ...imageFields }),
  ],
  { error: kindError('audio', 'tokens', 'numbers', 'image') },
);

const STACKABLE = ['pair', 'lstm', 'gru', 'rnn', 'delta', 'convolution', 'dilated', 'self-attention'] as const;
const stackable = [
  object({ kind: z.literal('pair'), units }),
  object({ kind: z.literal('lstm'), units, layers, direction }),
  object({ kind: z.literal('gru'), units, layers, direction }),
  object({ kind: z.literal('rnn'), units, layers }),
  object({ kind: z.literal('delta'), units, layers, heads, keyDepth: integer(1, 4_096) }),
  object({ kind: z.literal('convolution'), units, layers, kernel }),
  object({ kind: z.literal('dilated'), units, kernel, dilations: list(integer(1, 65_536)) }),
  object({
    kind: z.literal('self-attention'),
    units,
    layers,
    heads,
    direction,
    window: integer(1, 65_536).optional(),
  }),
] as const;
const part = z.discriminatedUnion('kind', stackable, { error: kindError(...STACKABLE) });

const encoder: z.ZodType<EncoderConfig> = z.discriminatedUnion(
  'kind',
  [
    object({ kind: z.literal('none') }),
    ...stackable,
    object({ kind: z.literal('surprise'), units, heads, kept: integer(1, 4_096) }),
    object({ kind: z.literal('stacked'), below: part, above: part }),
    object({
      kind: z.literal('grid'),
      units,
      image: object(imageFields),
      kernel: integer(1, 31).refine((size) => size % 2 === 1, { error: 'an odd integer' }),
      layers: list(object({ channels: units, stride: integer(1, 16) })),
    }),
  ],
  { error: kindError('none', ...STACKABLE, 'surprise', 'stacked', 'grid') },
);

const memory: z.ZodType<MemoryKindConfig> = z.discriminatedUnion(
  'kind',
  [
    object({ kind: z.literal('last') }),
    object({ kind: z.literal('window'), window: integer(1, 65_536), heads: heads.optional() }),
    object({ kind: z.literal('full'), heads: heads.optional() }),
    object({
      kind: z.literal('hierarchical'),
      depth: units,
      heads,
      window: integer(1, 65_536),
      leafFanIn: integer(1, 65_536),
      fanIn: integer(2, 65_536),
      slots: integer(1, 1_024),
      tokenCountBias: flag,
      summary: oneOf('attention', 'mean'),
      strongest: integer(1, 65_536).optional(),
      refined: oneOf('all', 'leaves').optional(),
      merging: oneOf('lazy', 'eager').optional(),
      associative: object({ keyDepth: integer(1, MOST_KEY_DEPTH) }).optional(),
      cold: object({
        nearest: integer(1, MOST_NEAREST),
        retention: integer(1, MOST_RETENTION),
        descent: object({ beam: integer(1, MOST_BEAM) }).optional(),
      }).optional(),
    }),
  ],
  { error: kindError('last', 'window', 'full', 'hierarchical') },
);

const decoder: z.ZodType<DecoderHead> = object({ ...decoderFields, symbols: symbols.optional() });

const headsSchema: z.ZodType<HeadsConfig> = object({
  ctc: object({ symbols: symbols.optional() }).optional(),
  phones: object({
    symbols: named.refine(({ length }) => length > 0, { error: 'a list of one phone or more' }),
  }).optional(),
  decoder: decoder.optional(),
  answers: object({ labelCount: count, tied: flag.optional() }).optional(),
  classifier: object({ labels: named }).optional(),
  regression: object({ outputs: units }).optional(),
});

export const modelSchema: z.ZodType<ModelConfig> = object({
  format: z.literal('hearken', { error: '"hearken"' }),
  version: z.literal(2, { error: '2' }),
  name: text,
  language: text.optional(),
  source,
  encoder,
  memory,
  heads: headsSchema,
  vocabulary: vocabularySchema.optional(),
  decoding: decodingSchema.optional(),
  training: z.record(z.string(), z.unknown(), { error: 'an object' }).optional(),
});
