/** `hearken eval`: error counts of a model on real voices it never heard, beside pocketsphinx on the same files. */
import { HearkenError } from '../src/errors.ts';
import type { DecoderChoice } from '../src/recognizer/rescoring.ts';
import { type Grammar, resolveGrammar, type Vocabulary } from '../src/text/vocabulary.ts';

import { type Alignment, type AlignmentReport, describeAlignments } from './alignment-report.ts';
import { CLIP_RATE } from './clip.ts';
import {
  afterSilence,
  asIfPlayedAt,
  asIfSampledAt,
  asSecondUtterances,
  type Condition,
  humanItems,
  inCondition,
  PAUSE_SECONDS,
  syntheticItems,
  type TestItem,
} from './evaluation-sets.ts';
import { readHumanClips } from './human-speech.ts';
import { readNoiseBank } from './noise.ts';
import { type PeerReport, scorePeers } from './peers.ts';
import { type Calibration, calibrationOf } from './calibration.ts';
import { type Confusion, confusions, judge, score, type ScoredItem, type Scores } from './scores.ts';
import { reportSpeakers, type SpeakerReport } from './speaker-scores.ts';
import { readUtteranceBank } from './utterance-bank.ts';

export type EvaluationSet = keyof typeof ROLES | 'synthetic';
const ROLES = {
  'human-dev': ['dev'],
  'human-extra': ['extra'],
  'human-test': ['test'],
  'human-all': ['dev', 'extra', 'test'],
} as const;
export const EVALUATION_SETS: readonly EvaluationSet[] = [
  'human-dev',
  'human-extra',
  'human-test',
  'human-all',
  'synthetic',
];

export type DecoderName = DecoderChoice;

/** The part of a model that `evaluate` needs; a `Model` of the engine has it. */
export type EvaluatedModel = {
  readonly vocabulary: Vocabulary;
  recognize(samples: Float32Array, options: RecognizeClipOptions): Promise<ClipRecognition>;
  stream(
    chunks: Iterable<Float32Array>,
    options: Omit<RecognizeClipOptions, 'maximumWords'>,
  ): AsyncIterable<{ readonly type: string; readonly words?: readonly TimedWord[] }>;
};

export type RecognizeClipOptions = {
  readonly grammar: Grammar;
  readonly decoder: DecoderName;
  /** The most words to recognize: 1 where exactly one word was said. */
  readonly maximumWords?: number;
  readonly signal?: AbortSignal | undefined;
};

type HeardWord = { readonly word: string; readonly confidence: number };
type TimedWord = HeardWord & { readonly start: number };

export type ClipRecognition = {
  readonly words: readonly HeardWord[];
  /** Attention of the attention decoder at each word: weights over time, where it took part. */
  readonly alignment?: readonly Float32Array[];
};

export type EvaluationFolders = {
  /** Unpacked Debian packages. */
  readonly packages: string;
  /** Music and babble. */
  readonly noise: string;
  /** Synthesised speech, for the set `synthetic`. */
  readonly synthesis: string;
};

export const DEFAULT_FOLDERS: EvaluationFolders = {
  packages: '.data/packages',
  noise: '.data/noise',
  synthesis: '.data/codes-en/synthesis',
};

export type EvaluationOptions = {
  readonly model: EvaluatedModel;
  readonly set: EvaluationSet;
  /** Name of a grammar of the model, or a list of words; the model's default unless told. */
  readonly grammar?: string | readonly string[];
  /** The model's best, `joint`, unless told. */
  readonly decoder?: DecoderName;
  /** Clean unless told. */
  readonly condition?: Condition;
  /**
   * Sample rate in Hz that the recordings are limited to, below 16,000: 8,000 is a telephone. Default: the recordings
   * as they are.
   */
  readonly sampledAt?: number;
  /** How many times as fast as it was said the speech is played, 0.5..2. Default 1. */
  readonly speed?: number;
  /** Seconds of near silence before the speech, 0 or more. Default 0. */
  readonly after?: number;
  /** Whether each string comes second in a stream, after another one of its speaker. Default false. */
  readonly second?: boolean;
  /** Whether to run pocketsphinx too, where all words are digits or all are letters; true unless told. */
  readonly peer?: boolean;
  readonly folders?: EvaluationFolders;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
  /** Is told what was heard of each item, in the order of the items. */ readonly onHeard?: (item: ScoredItem) => void;
};

export type EvaluationReport = Scores &
  SpeakerReport & {
    readonly set: EvaluationSet;
    readonly grammar: string;
    readonly decoder: DecoderName;
    readonly noise: Condition['noise'];
    /** Signal-to-noise ratio in dB; absent where `noise` is `clean`. */
    readonly snr?: number;
    /** Sample rate in Hz that the recordings were limited to; absent where they were used as they are. */
    readonly sampledAt?: number;
    /** How many times as fast as it was said the speech was played; absent where it was not changed. */
    readonly speed?: number;
    /** Seconds of near silence before the speech; absent where it came at once. */
    readonly after?: number;
    /** Whether each string came second in a stream; absent where each was recognized alone. */
    readonly second?: true;
    readonly confusions: readonly Confusion[];
    /** How far the confidences of words are from how often they are right. */ readonly calibration: Calibration;
    readonly alignment?: AlignmentReport;
    /** Others that heard the same files; none where none hears such words. */ readonly peers: readonly PeerReport[];
  };

/** One row: one set, grammar, decoder and condition. Throws `corpora/missing-*` with the command that fetches the data. */
export async function evaluate(options: EvaluationOptions): Promise<EvaluationReport> {
  const { condition = CLEAN, decoder = 'joint' } = options;
  const [report] = await evaluateGrid({ ...options, conditions: [condition], decoders: [decoder] });
  if (!report) {
    throw new TypeError('Expected a report for one condition and one decoder');
  }
  return report;
}

export type GridOptions = Omit<EvaluationOptions, 'condition' | 'decoder'> & {
  readonly conditions: readonly Condition[];
  readonly decoders: readonly DecoderName[];
};

export const CLEAN: Condition = { noise: 'clean', snr: Number.POSITIVE_INFINITY };

/** Clean, and white noise, music and babble at 20, 10, 5 and 0 dB. */
export const ALL_CONDITIONS: readonly Condition[] = [
  CLEAN,
  ...(['white', 'music', 'babble'] as const).flatMap((noise) => [20, 10, 5, 0].map((snr) => ({ noise, snr }))),
];

/** A report for every condition and decoder; the files of a condition are the same for all decoders and the peer. */
export async function evaluateGrid(options: GridOptions): Promise<EvaluationReport[]> {
  const { model, set, grammar: grammarName, conditions, decoders, peer = true, folders = DEFAULT_FOLDERS } = options;
  const { sampledAt, speed, after, second = false } = options;
  const grammar = resolveGrammar(model.vocabulary, grammarName);
  const all = await readItems(set, folders);
  const played = speed === undefined ? all : asIfPlayedAt(all, speed);
  const sampled = sampledAt === undefined ? played : asIfSampledAt(played, sampledAt);
  const waiting = after === undefined ? sampled : afterSilence(sampled, after);
  const items = (second ? asSecondUtterances(waiting) : waiting).filter(({ labels, writtenAs }) => {
    const words = labels.map((label) => wordOf(model.vocabulary, grammar, label));
    return words.every((word) => word !== undefined && word === (writtenAs ?? word));
  });
  if (items.length === 0) {
    throw new HearkenError(
      'evaluation/no-items',
      `Expected words of the set ${set} in the grammar ${grammar.name}, got none`,
    );
  }
  const bank = conditions.some(({ noise }) => noise === 'music' || noise === 'babble')
    ? await readNoiseBank(folders.noise, 'test')
    : undefined;
  const total = conditions.length * decoders.length * items.length;
  const reports: EvaluationReport[] = [];
  for (const condition of conditions) {
    const conditioned = items.map((item, index) => inCondition(item, index, condition, bank));
    const peers = peer && !second ? await scorePeers(conditioned, folders.packages) : [];
    for (const decoder of decoders) {
      const done = reports.length * items.length;
      const recognized = await recognizeAll(conditioned, grammar, decoder, {
        ...options,
        onProgress: (count) => options.onProgress?.(done + count, total),
      });
      reports.push({
        set,
        grammar: grammar.name,
        decoder,
        noise: condition.noise,
        ...(condition.noise !== 'clean' && { snr: condition.snr }),
        ...(sampledAt !== undefined && { sampledAt }),
        ...(speed !== undefined && { speed }),
        ...(after !== undefined && { after }),
        ...(second && { second }),
        ...score(recognized.items),
        ...reportSpeakers(recognized.items),
        confusions: confusions(recognized.items),
        calibration: calibrationOf(judge(recognized.items)),
        ...(recognized.alignments.length > 0 && { alignment: describeAlignments(recognized.alignments) }),
        peers,
      });
    }
  }
  return reports;
}

/** The word by which `grammar` writes `label`, if it may be said. */
function wordOf(vocabulary: Vocabulary, grammar: Grammar, label: string): string | undefined {
  return grammar.words.get(vocabulary.labels.indexOf(label) + 1);
}

async function readItems(set: EvaluationSet, folders: EvaluationFolders): Promise<TestItem[]> {
  if (set === 'synthetic') {
    return syntheticItems(await readUtteranceBank(folders.synthesis));
  }
  const clips = await Promise.all(ROLES[set].map((role) => readHumanClips(folders.packages, role)));
  return humanItems(clips.flat());
}

type RecognizedSet = { readonly items: readonly ScoredItem[]; readonly alignments: readonly Alignment[] };

async function recognizeAll(
  items: readonly TestItem[],
  grammar: Grammar,
  decoder: DecoderName,
  options: Pick<EvaluationOptions, 'model' | 'signal' | 'second' | 'onHeard'> & {
    readonly onProgress?: (done: number) => void;
  },
): Promise<RecognizedSet> {
  const { model, signal, second = false, onProgress, onHeard } = options;
  const scored: ScoredItem[] = [];
  const alignments: Alignment[] = [];
  for (const item of items) {
    const { kind, speaker, labels, samples } = item;
    signal?.throwIfAborted();
    const singleWord = kind === 'isolated' ? { maximumWords: 1 } : {};
    const { words, alignment } = second
      ? await recognizeSecond(model, item, { grammar, decoder, signal })
      : await model.recognize(samples, { grammar, decoder, signal, ...singleWord });
    const said = labels.flatMap((label) => wordOf(model.vocabulary, grammar, label) ?? []);
    const confidences = words.map(({ confidence }) => confidence);
    const heard: ScoredItem = { kind, speaker, said, heard: words.map(({ word }) => word), confidences };
    scored.push(heard);
    onHeard?.(heard);
    if (alignment && kind === 'connected') {
      alignments.push(alignment);
    }
    onProgress?.(scored.length);
  }
  return { items: scored, alignments };
}

/** Hears `samples` as a stream, and keeps the words after the pause that comes before what was `waited` for. */
async function recognizeSecond(
  model: EvaluatedModel,
  { samples, waited = 0 }: TestItem,
  options: Omit<RecognizeClipOptions, 'maximumWords'>,
): Promise<ClipRecognition> {
  const begins = waited / CLIP_RATE - PAUSE_SECONDS / 2;
  const words: TimedWord[] = [];
  for await (const event of model.stream([samples], options)) {
    if (event.type === 'final') words.push(...(event.words ?? []).filter(({ start }) => start >= begins));
  }
  return { words };
}
