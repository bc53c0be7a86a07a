/**
 * How many weights a configuration needs at the least, by its largest kernels: a damaged one that asks for gigabytes is refused before
 * anything of that size is made.
 */
import type { EncoderConfig } from '../encoder/config.ts';
import { partCount } from '../encoder/grid-size.ts';
import type { MemoryKindConfig } from '../memory/kinds.ts';
import { labelCountOf, type ModelConfig, modelDepth } from './config.ts';
import { type DecoderHead, readsMemory } from './heads.ts';
import { alphabetSize, sourceDepth } from './source.ts';

/** The least number of weights of a model; between an eighth of what it has and all. */
export function leastWeightCount(config: ModelConfig): number {
  const { source, encoder, memory, heads } = config;
  const depth = modelDepth(config);
  const { phones, decoder, answers, classifier, regression } = heads;
  const outputs =
    (phones?.symbols.length ?? 0) +
    (answers === undefined || answers.tied === true ? 0 : answers.labelCount) +
    (classifier?.labels.length ?? 0) +
    (regression?.outputs ?? 0);
  return (
    (source.kind === 'tokens' ? alphabetSize(source) * source.embedding : 0) +
    leastEncoderCount(encoder, sourceDepth(source)) +
    leastMemoryCount(memory, readsMemory(heads)) +
    (decoder === undefined ? 0 : leastDecoderCount(decoder, depth, labelCountOf(config, 'decoder'))) +
    depth * outputs
  );
}

function leastEncoderCount(encoder: EncoderConfig, inputs: number): number {
  if (encoder.kind === 'none') return 0;
  if (encoder.kind === 'stacked') {
    return leastEncoderCount(encoder.below, inputs) + leastEncoderCount(encoder.above, encoder.below.units);
  }
  if (encoder.kind === 'grid') return leastGridCount(encoder);
  const { units } = encoder;
  const square = units * units;
  switch (encoder.kind) {
    case 'pair':
      return inputs * units + 4 * square;
    case 'lstm':
    case 'gru':
    case 'rnn':
      return inputs * units + encoder.layers * square;
    case 'delta':
      return inputs * units + encoder.layers * (2 * units * encoder.heads * encoder.keyDepth + 2 * square);
    case 'convolution':
      return inputs * units + encoder.layers * encoder.kernel * square;
    case 'dilated':
      return inputs * units + encoder.dilations.length * encoder.kernel * square;
    case 'surprise':
      return inputs * units + 12 * square;
    case 'self-attention':
      return inputs * units + 4 * encoder.layers * square;
    default:
      return encoder satisfies never;
  }
}

function leastGridCount(encoder: Extract<EncoderConfig, { readonly kind: 'grid' }>): number {
  const { image, kernel, layers, units } = encoder;
  const kernels = layers.reduce((sum, { channels }, layer) => {
    const inputs = layer === 0 ? image.channels : layers[layer - 1]!.channels;
    return sum + kernel * kernel * inputs * channels;
  }, 0);
  const [count, last] = [partCount(encoder), layers.at(-1)?.channels ?? image.channels];
  return kernels + last * units + count * units + count * units * units;
}

function leastMemoryCount(memory: MemoryKindConfig, isRead: boolean): number {
  if (memory.kind !== 'hierarchical') return 0;
  const { depth, slots, summary, associative } = memory;
  const channel = associative === undefined ? 0 : 2 * depth * depth;
  return channel + (isRead ? 4 * depth * depth : 0) + (summary === 'mean' ? 0 : 2 * depth * depth + slots * depth);
}

function leastDecoderCount(decoder: DecoderHead, depth: number, labelCount: number): number {
  const { units, embedding } = decoder;
  return 3 * units * (units + embedding) + (labelCount + 1) * embedding + leastAttentionCount(decoder, depth);
}

function leastAttentionCount({ attention, attentionUnits }: DecoderHead, depth: number): number {
  const score = 'score' in attention ? attention.score : 'additive';
  if (score === 'dot' || score === 'general' || score === 'cosine') return 0; // no space of attention units
  return attentionUnits * (score === 'network' ? depth + attentionUnits : depth);
}
