/**
 * How many weights a configuration needs at the least, by its largest kernels: a damaged one that asks for gigabytes is refused before
 * anything of that size is made.
 */
import type { DecoderConfig } from '../decoder/config.ts';
import type { MemoryConfig } from '../memory/config.ts';
import type { SpeechConfig } from './speech-config.ts';

/** The least number of weights of a recogniser; between an eighth of what it has and all. */
export function leastWeightCount({ features, encoder, memory, decoder }: SpeechConfig): number {
  const { units, layers, frameStack } = encoder;
  const perLayer = encoder.kind === 'lstm' ? 8 * units * units : encoder.kernel * units * units;
  return (
    features.bandCount * frameStack * units +
    layers * perLayer +
    leastMemoryCount(memory) +
    3 * decoder.units * (decoder.units + decoder.embedding) +
    leastAttentionCount(decoder, memory.depth)
  );
}

function leastAttentionCount({ attention, attentionUnits }: DecoderConfig, depth: number): number {
  if (attention.kind === 'monotonic') return attentionUnits * depth;
  const { score } = attention;
  if (score === 'dot' || score === 'general' || score === 'cosine') return 0; // no space of attention units
  return attentionUnits * (score === 'network' ? depth + attentionUnits : depth);
}

/** The least number of weights of a memory alone. */
export function leastMemoryCount({ depth, slots }: MemoryConfig): number {
  return 4 * depth * depth + slots * depth;
}
