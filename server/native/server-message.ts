/** What the server says, for the documents that are made of it and for tests that hold every message against it. */
import { z } from 'zod';

import type { ServerMessage } from '../../client/protocol.ts';

const seconds = z.number().min(0).meta({ description: 'Seconds from the start of the stream.' });
const word = z.object({
  word: z.string(),
  start: seconds,
  end: z.number().min(0),
  confidence: z.number().min(0).max(1),
  recalled: z
    .literal(true)
    .optional()
    .meta({ description: 'The word was not said then, but given back by the memory.' }),
});
const written = z.string().meta({ description: 'What was said as it is written; only where the grammar is a form.' });
const alternative = z.strictObject({
  written: z.string(),
  text: z.string(),
  complete: z.boolean(),
  valid: z.boolean(),
  logProbability: z.number(),
  posterior: z.number().min(0).max(1),
});
const shares = z.array(z.number().min(0).max(1)).meta({ description: 'Shares of attention, oldest first.' });
const root = z.strictObject({
  level: z.number().int().min(0).meta({ description: '0 is the window of single vectors.' }),
  start: seconds,
  end: seconds,
  shares,
});
const offset = z.number().int().min(0).meta({ description: 'Number of the event within the epoch, without gaps.' });
const sample = z.number().int().min(0).meta({ description: "Samples of the client's audio, from its first." });
const aliveEverySeconds = z
  .number()
  .min(0)
  .optional()
  .meta({ description: 'Something comes at least so often: `alive` where there is nothing else.' });

export const serverMessageSchema: z.ZodType<ServerMessage> = z.union([
  z.strictObject({
    type: z.literal('started'),
    session: z.string(),
    epoch: z.string(),
    model: z.string(),
    aliveEverySeconds,
  }),
  z.strictObject({
    type: z.literal('resumed'),
    recovered: z.literal(true),
    epoch: z.string(),
    ackedSamples: sample,
    fromEventOffset: offset,
    aliveEverySeconds,
  }),
  z.strictObject({ type: z.literal('resumed'), recovered: z.literal(false), reason: z.string() }),
  z.strictObject({ type: z.literal('ack'), samples: sample }),
  z.strictObject({ type: z.literal('alive') }),
  z.strictObject({ type: z.literal('warning'), code: z.string(), message: z.string() }),
  z.strictObject({ type: z.literal('error'), code: z.string(), message: z.string() }),
  z.strictObject({ type: z.literal('closed'), samples: sample, durationSeconds: z.number().min(0).optional() }),
  z.strictObject({
    type: z.literal('partial'),
    text: z.string(),
    words: z.array(word),
    written: written.optional(),
    complete: z.boolean().optional(),
  }),
  z.strictObject({ type: z.literal('memory'), time: seconds, roots: z.array(root) }),
  z.strictObject({
    type: z.literal('final'),
    offset,
    text: z.string(),
    words: z.array(word),
    start: z.number().min(0),
    end: z.number().min(0),
    written: written.optional(),
    complete: z.boolean().optional(),
    valid: z.boolean().optional(),
    alternatives: z.array(alternative).optional(),
    savedMs: z.number().min(0).optional(),
  }),
  z.strictObject({ type: z.literal('endpoint'), offset, time: z.number().min(0), reason: z.string() }),
  z.strictObject({ type: z.literal('no-input'), offset, time: z.number().min(0) }),
  z.strictObject({
    type: z.literal('answers'),
    offset,
    firstToken: z.number().int().min(0).meta({ description: 'Number of the token that the first answer is to.' }),
    labels: z.array(z.number().int().min(0)),
    probabilities: z.array(z.number().min(0).max(1)),
  }),
  z.strictObject({
    type: z.literal('attention'),
    offset,
    edges: z.array(seconds).meta({ description: 'Bin i lasts from edge i to edge i + 1.' }),
    words: z.array(word.extend({ memory: shares, decoder: shares.optional() })),
  }),
]);
