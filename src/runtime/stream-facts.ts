/** What of a stream's state is not arrays, as JSON and back. */
import { z } from 'zod';

import { HearkenError } from '../errors.ts';
import type { PrefixBeamState } from '../search/ctc-prefix-beam.ts';
import type { EndpointerState } from '../search/endpointing.ts';
import type { StreamSettings, StreamState } from './stream-state.ts';

export type StreamFacts = {
  readonly settings: StreamSettings;
  readonly framesInMean: number;
  readonly endpointer: EndpointerState;
  readonly beam?: PrefixBeamState;
  readonly shown: readonly number[];
};

const count = z.int().min(0);
const label = z.int().min(1);
const logProbability = z.number().nullable();
const reason = z.enum(['silence', 'quiet', 'length', 'end']);

const settingsFact: z.ZodType<StreamSettings> = z.strictObject({
  grammar: z
    .strictObject({ name: z.string(), words: z.array(z.tuple([label, z.string()])) })
    .transform(({ name, words }) => ({
      name,
      words: new Map(words),
      allowed: words.map(([id]) => id).toSorted((a, b) => a - b),
    })),
  decoder: z.enum(['ctc', 'attention', 'joint']),
  endpointing: z.strictObject({ pauseMs: z.number(), blankThreshold: z.number() }).exactOptional(),
});

const facts: z.ZodType<StreamFacts> = z.strictObject({
  settings: settingsFact,
  framesInMean: count,
  endpointer: z.strictObject({
    vectorCount: count,
    loudness: z
      .strictObject({ smoothed: z.number(), minima: z.array(z.number()), maxima: z.array(z.number()), filled: count })
      .exactOptional(),
    loudRun: count,
    silentRun: count,
    blankRun: count,
    settled: count,
    utterance: z
      .strictObject({ start: count, end: count.exactOptional(), reason: reason.exactOptional() })
      .exactOptional(),
  }),
  beam: z
    .strictObject({
      prefixes: z.array(z.strictObject({ labels: z.array(label), blank: logProbability, label: logProbability })),
    })
    .exactOptional(),
  shown: z.array(label),
});

/** As JSON that is the same for the same facts; `parseFacts` takes it back. */
export function stringifyFacts({ settings, audio, search, shown }: StreamState): string {
  const told = {
    settings: { ...settings, grammar: { name: settings.grammar.name, words: [...settings.grammar.words] } },
    framesInMean: audio.runningMean.frameCount,
    endpointer: search.endpointer,
    beam: search.beam,
    shown,
  };
  return JSON.stringify(told, (_, value: unknown) => (isRecord(value) ? sortedByName(value) : value));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sortedByName(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Throws `snapshot/damaged`, naming the field. */
export function parseFacts(json: string): StreamFacts {
  try {
    return facts.parse(JSON.parse(json));
  } catch (cause) {
    const field = cause instanceof z.ZodError ? cause.issues[0]?.path.join('.') : 'its JSON';
    throw new HearkenError('snapshot/damaged', `Expected a snapshot with valid facts, got a wrong ${field}`, { cause });
  }
}
