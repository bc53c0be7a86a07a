/** Which parts of a model go together; a combination that makes no sense is refused with the reason. */
import { type EncoderConfig, encoderDepth, isCausal } from '../encoder/config.ts';
import { HearkenError } from '../errors.ts';
import { assertFeatures, assertVocabularyConfig } from './audio-schema.ts';
import type { ModelConfig } from './config.ts';
import { fieldError } from './config-fields.ts';
import type { HeadsConfig } from './heads.ts';
import { alphabetSize, sourceDepth } from './source.ts';

/** Throws `model/config`, naming the fields and the reason, where parts do not go together. */
export function assertConsistent(config: ModelConfig): void {
  assertSource(config);
  assertEncoder(config);
  assertMemory(config);
  assertHeads(config);
}

function assertSource({ source, encoder, heads, vocabulary, decoding }: ModelConfig): void {
  if (source.kind === 'audio') {
    assertFeatures('source.features', source.features);
    if (vocabulary === undefined) throw fieldError('vocabulary', 'an object', vocabulary);
    assertVocabularyConfig(vocabulary);
    const question = decoding?.recall;
    if (question !== undefined && !vocabulary.labels.includes(question)) {
      throw fieldError('decoding.recall', 'a label', question);
    }
    if (question !== undefined && heads.decoder === undefined) {
      throw contradiction(
        'decoding.recall',
        'absent',
        'the decoder gives back what is asked for, and there is none',
        question,
      );
    }
    const ended = 'streams of audio go by it: when words are said, and when utterances end';
    if (heads.ctc === undefined) throw contradiction('heads.ctc', 'an object', ended);
    for (const head of ['answers', 'classifier', 'regression'] as const) {
      if (heads[head] !== undefined) throw contradiction(`heads.${head}`, 'absent', 'of audio only words are asked');
    }
    if (!isCausal(encoder)) throw contradiction('encoder.direction', 'causal', 'audio is heard as it comes', 'both');
    for (const head of ['ctc', 'decoder'] as const) {
      if (heads[head]?.symbols !== undefined) {
        throw contradiction(`heads.${head}.symbols`, 'no symbols', 'what is heard is written by the vocabulary');
      }
    }
    return;
  }
  for (const [field, value] of Object.entries({ vocabulary, decoding })) {
    if (value !== undefined) throw contradiction(field, 'absent', `the source is ${source.kind}; it is for audio`);
  }
  if (heads.phones !== undefined) {
    throw contradiction('heads.phones', 'absent', `the source is ${source.kind}; phones are heard`);
  }
  for (const head of ['ctc', 'decoder'] as const) {
    if (heads[head] !== undefined && heads[head].symbols === undefined) {
      throw fieldError(`heads.${head}.symbols`, 'an object', heads[head].symbols);
    }
  }
}

function assertEncoder({ source, encoder }: Pick<ModelConfig, 'source' | 'encoder'>, field = 'encoder'): void {
  if (encoder.kind === 'stacked') {
    if (!isCausal(encoder))
      throw contradiction(field, 'causal', 'one encoder hears what another one makes as it comes');
    assertEncoder({ source, encoder: encoder.below }, `${field}.below`);
    assertEncoder({ source, encoder: encoder.above }, `${field}.above`);
    return;
  }
  if ((source.kind === 'image') !== (encoder.kind === 'grid')) {
    const expected = source.kind === 'image' ? 'grid' : 'another';
    throw contradiction(`${field}.kind`, expected, `the source is ${source.kind}`, encoder.kind);
  }
  if (source.kind === 'image' && encoder.kind === 'grid') {
    for (const side of ['height', 'width', 'channels'] as const) {
      if (encoder.image[side] === source[side]) continue;
      throw fieldError(`${field}.image.${side}`, `that of the source, ${source[side]}`, encoder.image[side]);
    }
  }
  const ofTokens = encoder.kind === 'none' || encoder.kind === 'pair' || encoder.kind === 'surprise';
  if (ofTokens && source.kind === 'audio') {
    throw contradiction(`${field}.kind`, 'another', `\`${encoder.kind}\` takes embeddings, and the source is audio`);
  }
  const isRecurrent = encoder.kind === 'lstm' || encoder.kind === 'gru';
  if (isRecurrent && !isCausal(encoder) && encoder.units % 2 !== 0) {
    throw contradiction(`${field}.units`, 'an even number', 'half of them run each way', encoder.units);
  }
  if (!('heads' in encoder)) return;
  if (encoder.units % encoder.heads !== 0) {
    throw fieldError(`${field}.heads`, `a divisor of \`${field}.units\`, ${encoder.units}`, encoder.heads);
  }
  if (encoder.kind === 'self-attention' && isCausal(encoder) && encoder.window === undefined) {
    throw contradiction(`${field}.window`, 'an integer', 'a causal encoder streams, and keeps no more than its window');
  }
}

function assertMemory({ source, encoder, memory, heads }: ModelConfig): void {
  const depth = encoderDepth(encoder, sourceDepth(source));
  if (memory.kind === 'hierarchical' && memory.depth !== depth) {
    throw fieldError('memory.depth', `the depth of an encoded vector, ${depth}`, memory.depth);
  }
  if (memory.kind === 'hierarchical' && memory.associative !== undefined && heads.answers === undefined) {
    throw contradiction('memory.associative', 'absent', 'only `heads.answers` reads it');
  }
  if (memory.kind === 'hierarchical' && memory.cold !== undefined && heads.answers === undefined) {
    throw contradiction('memory.cold', 'absent', 'only `heads.answers` reads it');
  }
  if (source.kind === 'image' && memory.kind !== 'full' && memory.kind !== 'last') {
    throw contradiction(
      'memory.kind',
      'full or last',
      'parts of an image do not come one after the other',
      memory.kind,
    );
  }
  if (memory.kind === 'last') return;
  if (memory.heads !== undefined && depth % memory.heads !== 0) {
    throw fieldError('memory.heads', `a divisor of ${depth}`, memory.heads);
  }
  const reader = (['ctc', 'answers', 'classifier', 'regression'] as const).find((head) => heads[head] !== undefined);
  if (reader !== undefined && memory.heads === undefined) {
    throw contradiction('memory.heads', 'an integer', `\`heads.${reader}\` reads in the memory`);
  }
}

function assertHeads({
  source,
  encoder,
  memory,
  heads: { ctc, decoder, answers, classifier, regression },
}: ModelConfig): void {
  if (![ctc, decoder, answers, classifier, regression].some((head) => head !== undefined)) {
    throw contradiction('heads', 'one head or more', 'a model without any says nothing');
  }
  if (source.kind === 'image') {
    for (const [head, given] of Object.entries({ ctc, answers })) {
      if (given === undefined) continue;
      throw contradiction(
        `heads.${head}`,
        'absent',
        'it speaks at every vector in turn, and parts of an image have no turns',
      );
    }
  }
  if (ctc !== undefined && encoder.kind === 'none') {
    throw contradiction('encoder.kind', 'another', '`heads.ctc` needs vectors that know what stands around them');
  }
  if (answers?.tied === true && (source.kind !== 'tokens' || answers.labelCount > alphabetSize(source))) {
    const reason = 'tied labels are symbols of the source';
    throw contradiction(
      'heads.answers.labelCount',
      'no more than the symbols of the source',
      reason,
      answers.labelCount,
    );
  }
  if (answers !== undefined) assertAnswers(encoder, { ctc, decoder, classifier, regression });
  if (decoder === undefined) return;
  const { attention, order, inputFeeding } = decoder;
  if (memory.kind === 'last' && attention.kind !== 'global') {
    throw contradiction(
      'heads.decoder.attention.kind',
      'global',
      'a memory of one vector has no places',
      attention.kind,
    );
  }
  if (memory.kind === 'hierarchical' && (attention.kind === 'local-m' || attention.kind === 'local-p')) {
    const reason = 'entries of a hierarchical memory stand for spans of unlike length, which have no place';
    throw contradiction('heads.decoder.attention.kind', 'global or one that stops', reason, attention.kind);
  }
  if (order === 'bahdanau' && inputFeeding) {
    throw contradiction(
      'heads.decoder.inputFeeding',
      'false',
      "a step of Bahdanau's order takes in its context itself",
      true,
    );
  }
}

function assertAnswers(encoder: EncoderConfig, others: Omit<HeadsConfig, 'answers'>): void {
  const reason = '`heads.answers` answers at every vector, as if the sequence ended there';
  if (!isCausal(encoder)) throw contradiction('encoder.direction', 'causal', reason, 'both');
  for (const [head, given] of Object.entries(others)) {
    if (given !== undefined) throw contradiction(`heads.${head}`, 'absent', '`heads.answers` stands alone');
  }
}

function contradiction(field: string, expected: string, reason: string, got?: unknown): HearkenError {
  const shown = got === undefined ? '' : `, got ${JSON.stringify(got)}`;
  return new HearkenError('model/config', `Expected \`${field}\` to be ${expected}${shown}: ${reason}`);
}
