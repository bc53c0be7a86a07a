/** The attention decoder's fields in `config.json`. */
import { z } from 'zod';

import type { AttentionConfig } from '../attention/config.ts';
import type { AttentionScoreName } from '../attention/score-name.ts';
import type { DecoderConfig } from '../decoder/config.ts';
import { flag, integer, kindError, number, object, oneOf } from './config-fields.ts';

const units = integer(1, 8_192);
const reach = integer(1, 65_536);

const score: z.ZodType<AttentionScoreName> = oneOf(
  'additive',
  'location',
  'dot',
  'general',
  'concat',
  'scaled-dot',
  'cosine',
  'network',
);
/** What MoChA and MILk take: a score that reads no alignment before. */
const softScore: z.ZodType<AttentionScoreName> = oneOf(
  'additive',
  'dot',
  'general',
  'concat',
  'scaled-dot',
  'cosine',
  'network',
);

const attention: z.ZodType<AttentionConfig> = z.discriminatedUnion(
  'kind',
  [
    object({ kind: z.literal('global'), score }),
    object({ kind: z.literal('sampled'), score }),
    object({ kind: z.literal('local-m'), score, reach }),
    object({ kind: z.literal('local-p'), score, reach }),
    object({ kind: z.literal('monotonic') }),
    object({ kind: z.literal('mocha'), score: softScore, chunk: integer(1, 1_024) }),
    object({ kind: z.literal('milk'), score: softScore }),
  ],
  { error: kindError('global', 'sampled', 'local-m', 'local-p', 'monotonic', 'mocha', 'milk') },
);

/** A field of the schema for each of the configuration. */
export const decoderFields: { readonly [Field in keyof DecoderConfig]: z.ZodType<DecoderConfig[Field]> } = {
  order: oneOf('bahdanau', 'luong'),
  cell: oneOf('gru', 'lstm'),
  attention,
  inputFeeding: flag,
  firstState: oneOf('zeros', 'encoder'),
  units,
  attentionUnits: units,
  embedding: units,
  dropout: number(0, 0.95),
};
