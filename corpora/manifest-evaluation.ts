/** `hearken eval --manifest`: the errors of a model on recordings of one's own, heard as `hearken transcribe` hears them. */
import { HearkenError } from '../src/errors.ts';
import { countErrors, errorsIn } from '../src/text/error-rate.ts';
import { type Grammar, resolveGrammar, type Vocabulary } from '../src/text/vocabulary.ts';
import { readManifest } from '../src/training/manifest.ts';
import { assertRecordings, readManifestSamples } from '../src/training/manifest-samples.ts';
import type { DecoderName, EvaluatedModel } from './evaluation.ts';
import { type ConnectedScore, score } from './scores.ts';

export type ManifestEvaluationOptions = {
  readonly model: EvaluatedModel & { readonly sampleRate: number };
  /** NeMo-style manifest: JSON lines of `audio_filepath`, `duration`, `text` and, if need be, `offset`. */ readonly manifest: string;
  /** Name of a grammar of the model; its default unless told. */ readonly grammar?: string;
  readonly decoder: DecoderName;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
};

export type ScoredEntry = {
  /** `line 3 of test.jsonl`. */ readonly place: string;
  readonly said: readonly string[];
  readonly heard: readonly string[];
  readonly errors: number;
};

export type ManifestReport = ConnectedScore & {
  readonly manifest: string;
  readonly grammar: string;
  readonly decoder: DecoderName;
  /** Words that were said and cannot be heard, because the grammar has not got them. */ readonly unknownWords: readonly string[];
  /** The entries and their errors, in the order of the manifest. */ readonly entries: readonly ScoredEntry[];
};

/**
 * Hears every entry of the manifest as a stream of its own. Throws as `readManifest`, `assertRecordings` and
 * `readManifestSamples` do, and `manifest/no-words` where nothing is said.
 */
export async function evaluateManifest(options: ManifestEvaluationOptions): Promise<ManifestReport> {
  const { model, manifest, decoder, signal, onProgress } = options;
  const grammar = resolveGrammar(model.vocabulary, options.grammar);
  const entries = await readManifest(manifest);
  await assertRecordings(entries);
  if (entries.every(({ words }) => words.length === 0)) {
    throw new HearkenError('manifest/no-words', `Expected words in ${manifest}, got none`);
  }
  const written = writtenWords(model.vocabulary, grammar);
  const scoredEntries: ScoredEntry[] = [];
  for (const entry of entries) {
    const said = entry.words.map((word) => written.get(word) ?? word);
    const samples = await readManifestSamples(entry, model.sampleRate);
    const heard: string[] = [];
    for await (const event of model.stream([samples], { grammar, decoder, signal })) {
      if (event.type === 'final') heard.push(...(event.words ?? []).map(({ word }) => word));
    }
    scoredEntries.push({ place: entry.place, said, heard, errors: errorsIn(countErrors(said, heard)) });
    onProgress?.(scoredEntries.length, entries.length);
  }
  const { connected } = score(scoredEntries.map((each) => ({ kind: 'connected', speaker: manifest, ...each })));
  if (connected === undefined) throw new TypeError('Expected a score of the entries, got none');
  const known = new Set(grammar.words.values());
  const unknownWords = [...new Set(scoredEntries.flatMap(({ said }) => said))].filter((word) => !known.has(word));
  return { manifest, grammar: grammar.name, decoder, ...connected, unknownWords, entries: scoredEntries };
}

/** The grammar's spelling of what a manifest says in lower case: its words, or the labels that they stand for. */
function writtenWords(vocabulary: Vocabulary, { words }: Grammar): Map<string, string> {
  const labels = [...words].map(([id, word]) => [(vocabulary.labels[id - 1] ?? word).toLowerCase(), word] as const);
  return new Map([...labels, ...[...words.values()].map((word) => [word.toLowerCase(), word] as const)]);
}
