/**
 * Spoken codes: how many are written wrong knowing nothing of their form, its pattern, its check digits, or a list of those that were given out:
 * `npm run -s bench -- codes [--set human-test] [--condition telephone] [--codes 200] [--forms phone,card] [--pauses 2]`. With
 * --pauses they are said in groups with pauses of half a second to so many between. One set and condition take minutes.
 */
import { integerIn, numberIn, oneOf } from '../src/arguments.ts';
import { type GrammarChoice, loadModel, type Model } from '../src/index.ts';
import { concatenate } from '../src/tensor/concatenate.ts';
import { countErrors, errorsIn, type Interval, wilsonInterval } from '../src/text/error-rate.ts';
import { CLIP_RATE } from '../corpora/clip.ts';
import { randomFor } from '../corpora/draw.ts';
import { type Condition, inCondition } from '../corpora/evaluation-sets.ts';
import { type HumanRole, readHumanClips } from '../corpora/human-speech.ts';
import { codesByPocketsphinx, isOfDigits } from '../corpora/code-peer.ts';
import { readNoiseBank } from '../corpora/noise.ts';
import {
  CODE_FORM_NAMES,
  CODE_FORMS,
  type CodeFormName,
  drawnCodes,
  overTelephone,
  type Pauses,
  type SpokenCode,
  spokenCodes,
} from '../corpora/spoken-codes.ts';

export const OPTIONS: readonly string[] = ['set', 'condition', 'codes', 'forms', 'pauses'];

const MODEL = 'models/codes-en';
const PACKAGES = '.data/packages';
const SETS: Readonly<Record<string, HumanRole>> = { 'human-dev': 'dev', 'human-extra': 'extra', 'human-test': 'test' };
const CONDITIONS: Readonly<Record<string, Condition | 'telephone'>> = {
  clean: { noise: 'clean', snr: Number.POSITIVE_INFINITY },
  telephone: 'telephone',
  ...Object.fromEntries(
    (['white', 'music', 'babble'] as const).flatMap((noise) =>
      [20, 10, 5].map((snr) => [`${noise}-${snr}`, { noise, snr }] as const),
    ),
  ),
};
/** Codes that a list of valid ones has, those that are said among them. */
const LISTED = 10_000;

/** What words are written as where no form says it; letters are words themselves. */
const SYMBOLS: ReadonlyMap<string, string> = new Map([
  ...['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'].map(
    (word, digit) => [word, `${digit}`] as const,
  ),
  ['oh', '0'],
]);

type Knowledge = 'none' | 'pattern' | 'check' | 'list';

export type CodesRow = {
  /** Who heard it; pocketsphinx, with its model of digits, forms of digits only. */ readonly system:
    | 'hearken'
    | 'pocketsphinx';
  readonly form: CodeFormName;
  readonly set: string;
  readonly speaker: string;
  readonly condition: string;
  readonly knowledge: Knowledge;
  readonly codes: number;
  /** Codes of which something was written wrong. */ readonly wrong: number;
  readonly ci95: Interval;
  readonly symbolErrorRate: number;
  /** Milliseconds from the end of the last symbol to the final, of live audio, median and 99 %; absent where no audio was live. */
  readonly finalP50Ms?: number;
  readonly finalP99Ms?: number;
};

export default async function benchCodes({
  set = 'human-dev',
  condition = 'clean',
  codes = '200',
  forms = CODE_FORM_NAMES.join(','),
  pauses = '0',
}: Readonly<Record<string, string>>): Promise<{ rows: CodesRow[]; notes: string[] }> {
  oneOf(...Object.keys(SETS))('--set', set);
  oneOf(...Object.keys(CONDITIONS))('--condition', condition);
  integerIn(1)('--codes', Number(codes));
  numberIn(0, 10)('--pauses', Number(pauses));
  for (const form of forms.split(',')) oneOf(...CODE_FORM_NAMES)('--forms', form);
  const clips = await readHumanClips(PACKAGES, SETS[set]!); // was looked at
  await using model = await loadModel(MODEL);
  const rows: CodesRow[] = [];
  const skipped = new Set<string>();
  for (const form of CODE_FORM_NAMES.filter((name) => forms.split(',').includes(name))) {
    const said = await conditioned(
      spokenCodes(clips, form, Number(codes), pausesUpTo(Number(pauses))),
      CONDITIONS[condition]!, // was looked at
    );
    for (const { knowledge, grammar } of grammarsOf(form, said)) {
      for (const speaker of new Set(said.map((code) => code.speaker))) {
        const own = said.filter((code) => code.speaker === speaker);
        rows.push({
          system: 'hearken',
          form,
          set,
          speaker,
          condition,
          knowledge,
          ...(await hear(model, own, grammar)),
        });
      }
      process.stderr.write(`${form}, ${knowledge}\n`);
    }
    for (const knowledge of isOfDigits(form) ? (['none', 'pattern'] as const) : []) {
      const heardByPeer = await codesByPocketsphinx(said, PACKAGES, knowledge);
      if ('skipped' in heardByPeer) {
        skipped.add(heardByPeer.skipped);
        continue;
      }
      for (const speaker of new Set(said.map((code) => code.speaker))) {
        const own = [...said.entries()].filter(([, code]) => code.speaker === speaker);
        const pairs = own.map(([index, { written }]) => ({ said: written, heard: heardByPeer.written[index]! })); // one for each
        rows.push({ system: 'pocketsphinx', form, set, speaker, condition, knowledge, ...scoreCodes(pairs) });
      }
      process.stderr.write(`${form}, ${knowledge}, pocketsphinx\n`);
    }
  }
  const people = new Set(rows.map(({ speaker }) => speaker)).size;
  return {
    rows,
    notes: [
      `${clips.length} clips of ${people} people stand behind all rows: a clip that is misheard is so in every code that has it.`,
      pauses === '0'
        ? 'Symbols are 50 to 300 ms apart.'
        : `Groups of three to five symbols are up to ${pauses} s apart.`,
      'Pocketsphinx, with its model of digits, hears the same samples with a JSGF of digits, or of as many as the form has, at the word penalty that serves it best.',
      ...Array.from(skipped, (reason) => `Pocketsphinx was skipped: ${reason}`),
      'A list has 10,000 codes. Times: of audio that comes as it is said, from the end of the last symbol, with what computing takes.',
    ],
  };
}

function pausesUpTo(longest: number): Pauses | undefined {
  return longest === 0 ? undefined : { shortest: Math.min(0.5, longest), longest };
}

async function conditioned(codes: readonly SpokenCode[], condition: Condition | 'telephone'): Promise<SpokenCode[]> {
  const noise = condition === 'telephone' ? CONDITIONS['clean']! : condition;
  const isRecorded = noise !== 'telephone' && (noise.noise === 'music' || noise.noise === 'babble');
  const bank = isRecorded ? await readNoiseBank('.data/noise', 'test') : undefined;
  const noisy = codes.map((code, index) => ({ ...code, ...inCondition(code, index, noise as Condition, bank) }));
  return condition === 'telephone' ? overTelephone(noisy) : noisy;
}

/** What is known of the codes of a form, and the grammar that says it. */
function grammarsOf(
  form: CodeFormName,
  said: readonly SpokenCode[],
): { readonly knowledge: Knowledge; readonly grammar: GrammarChoice }[] {
  const { pattern, check, shape } = CODE_FORMS[form];
  const listed = new Set([...said.map(({ written }) => written), ...drawnCodes(form, LISTED - said.length)]);
  return [
    { knowledge: 'none', grammar: /[ax]|[A-Z]/u.test(shape) ? 'codes' : 'digits' },
    { knowledge: 'pattern', grammar: { pattern } },
    ...(check === undefined ? [] : [{ knowledge: 'check' as const, grammar: { pattern, check } }]),
    { knowledge: 'list', grammar: { pattern, isValid: (written: string) => listed.has(written) } },
  ];
}

const CHUNK = 0.1 * CLIP_RATE;
/** Seconds of near silence behind a code, in which its utterance ends. */
const SILENCE_SECONDS = 3;
const FLOOR = 10 ** (-55 / 20);
/** Seconds behind the last symbol that a code's samples have. */
const PADDING_SECONDS = 0.25;

async function hear(
  model: Model,
  codes: readonly SpokenCode[],
  grammar: GrammarChoice,
): Promise<CodeScores & Pick<CodesRow, 'finalP50Ms' | 'finalP99Ms'>> {
  const pairs: HeardCode[] = [];
  const delays: number[] = [];
  for (const code of codes) {
    const { written, delayMs } = await heard(model, code, grammar);
    pairs.push({ said: code.written, heard: written });
    delays.push(delayMs);
  }
  delays.sort((a, b) => a - b);
  const quantile = (share: number): number => Math.round(delays[Math.ceil(share * delays.length) - 1]!);
  return { ...scoreCodes(pairs), finalP50Ms: quantile(0.5), finalP99Ms: quantile(0.99) };
}

type CodeScores = Pick<CodesRow, 'codes' | 'wrong' | 'ci95' | 'symbolErrorRate'>;

/** A code as it is written, and as it was heard. */
type HeardCode = { readonly said: string; readonly heard: string };

function scoreCodes(pairs: readonly HeardCode[]): CodeScores {
  let [wrong, errors, symbols] = [0, 0, 0];
  for (const { said, heard: written } of pairs) {
    wrong += written === said ? 0 : 1;
    errors += errorsIn(countErrors(Array.from(said), Array.from(written)));
    symbols += said.length;
  }
  return { codes: pairs.length, wrong, ci95: wilsonInterval(wrong, pairs.length), symbolErrorRate: errors / symbols };
}

/** The code of a stream that brings audio as it is said, and when its last final was there, counted from its last symbol. */
async function heard(
  model: Model,
  code: SpokenCode,
  grammar: GrammarChoice,
): Promise<{ readonly written: string; readonly delayMs: number }> {
  const random = randomFor(1);
  const silence = Float32Array.from({ length: SILENCE_SECONDS * CLIP_RATE }, () => FLOOR * random.normal());
  const samples = concatenate([code.samples, silence]);
  const end = code.samples.length / CLIP_RATE - PADDING_SECONDS;
  let [given, since] = [0, performance.now()];
  const chunks = function* (): Generator<Float32Array> {
    while (given < samples.length) {
      const chunk = samples.subarray(given, given + CHUNK);
      given += chunk.length;
      since = performance.now();
      yield chunk;
    }
  };
  let [written, delayMs] = ['', 0];
  for await (const event of model.stream(chunks(), { grammar })) {
    if (event.type !== 'final') continue;
    written += event.written ?? event.words.map(({ word }) => SYMBOLS.get(word) ?? word.toUpperCase()).join('');
    delayMs = 1_000 * (given / CLIP_RATE - end) + (performance.now() - since);
  }
  return { written, delayMs };
}
