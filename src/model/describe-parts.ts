/** What each part of a model is, what it costs and how far it reaches: the rows of `inspect` and of model cards. */
import { type EncoderConfig, type ImageSize, isCausal } from '../encoder/config.ts';
import { type GridEncoderConfig, gridSize } from '../encoder/grid-size.ts';
import { featureCount } from '../memory/associative-sizes.ts';
import type { MemoryKindConfig } from '../memory/kinds.ts';
import { liveNodes } from '../memory/schedule.ts';
import { slotsOf } from '../memory/state.ts';
import { symbolCount, type Symbols } from '../text/symbols.ts';
import type { ModelConfig } from './config.ts';
import type { DecoderHead, HeadsConfig } from './heads.ts';
import type { SourceConfig } from './source.ts';

/** Name and description of each part. */
export function describeParts({
  source,
  encoder,
  memory,
  heads,
}: ModelConfig): (readonly [part: string, text: string])[] {
  return [
    ['source', describeSource(source)],
    ['encoder', describeEncoder(encoder)],
    ['memory', describeMemory(memory)],
    ...describeHeads(heads),
  ];
}

function describeSource(source: SourceConfig): string {
  if (source.kind === 'tokens') return `${describeSymbols(source.symbols)}, embedded in ${source.embedding}`;
  if (source.kind === 'numbers') return `${source.width} numbers at each time`;
  if (source.kind === 'image') return describeImage(source);
  const { sampleRate, bandCount, hopLength } = source.features;
  const vectorMs = (1_000 * hopLength * source.frameStack) / sampleRate;
  return `${sampleRate} Hz, ${bandCount} log-mel bands, a vector every ${vectorMs} ms`;
}

function describeImage({ height, width, channels }: ImageSize): string {
  return `image of ${height} x ${width} pixels, ${channels} ${channels === 1 ? 'channel' : 'channels'}`;
}

function describeSymbols(symbols: Symbols): string {
  return `${symbolCount(symbols)} ${symbols.unit}s`;
}

function describeEncoder(encoder: EncoderConfig): string {
  switch (encoder.kind) {
    case 'none':
      return 'none: vectors are the embeddings';
    case 'pair':
      return `pair, ${encoder.units} units; sees 2 inputs`;
    case 'lstm':
    case 'gru':
      return `${encoder.kind}, ${encoder.layers} layers of ${encoder.units}; ${isCausal(encoder) ? 'sees the whole past' : 'sees past and future, cannot stream'}`;
    case 'rnn':
      return `rnn, ${encoder.layers} layers of ${encoder.units}; sees the whole past`;
    case 'delta':
      return `delta rule, ${encoder.layers} layers of ${encoder.units}, ${encoder.heads} heads with keys of ${encoder.keyDepth}; sees the whole past`;
    case 'convolution':
      return `convolution, ${encoder.layers} layers of ${encoder.units}; sees ${1 + encoder.layers * (encoder.kernel - 1)} inputs`;
    case 'dilated':
      return `dilated convolutions, ${encoder.dilations.length} gated blocks of ${encoder.units}; sees ${receptiveField(encoder)} inputs`;
    case 'surprise':
      return `surprise, ${encoder.units} units, ${encoder.heads} heads; sees 2 inputs, and the ${encoder.kept} vectors of the past that were least predicted`;
    case 'self-attention':
      return `self-attention, ${encoder.layers} layers of ${encoder.units}, ${encoder.heads} heads; ${selfAttentionReach(encoder)}`;
    case 'grid':
      return describeGrid(encoder);
    case 'stacked':
      return `${describeEncoder(encoder.below)}; above it ${describeEncoder(encoder.above)}`;
    default:
      return encoder satisfies never;
  }
}

function describeGrid(encoder: GridEncoderConfig): string {
  const { rows, columns } = gridSize(encoder);
  const { kernel, layers, units } = encoder;
  let [reach, step] = [1, 1];
  for (const { stride } of layers) {
    reach += (kernel - 1) * step;
    step *= stride;
  }
  return `grid, ${layers.length} convolutions of ${kernel} x ${kernel}; ${rows} x ${columns} parts of ${units} units, each of which sees ${reach} x ${reach} pixels`;
}

/** Inputs that a vector of dilated convolutions depends on. */
export function receptiveField({ kernel, dilations }: Extract<EncoderConfig, { readonly kind: 'dilated' }>): number {
  return 1 + (kernel - 1) * dilations.reduce((sum, dilation) => sum + dilation, 0);
}

function selfAttentionReach(encoder: Extract<EncoderConfig, { readonly kind: 'self-attention' }>): string {
  if (!isCausal(encoder)) return 'sees past and future, cannot stream; O(N²)';
  const { window = 1, layers } = encoder;
  return `sees ${1 + layers * (window - 1)} inputs, ${window} a layer`;
}

function describeMemory(memory: MemoryKindConfig): string {
  switch (memory.kind) {
    case 'last':
      return 'last: the newest vector; 1 entry, O(1)';
    case 'window':
      return `window: the newest ${memory.window} vectors; ${memory.window} entries at the most, O(1)`;
    case 'full':
      return 'full: all N vectors; N entries, O(N)';
    case 'hierarchical': {
      const entries = [1_000, 1_000_000].map((count) =>
        liveNodes(memory, count).reduce(
          (sum, { start, end }, level) => sum + (end - start) * slotsOf(memory, level),
          0,
        ),
      );
      const { window, leafFanIn, fanIn, slots, heads, summary, associative, cold, merging, strongest, refined } =
        memory;
      const handedUp = refined === 'leaves' ? ', handed up as they are' : '';
      const writers = strongest === undefined ? '' : ` of the ${strongest} strongest`;
      const channel = associative === undefined ? '' : `; associative channel of ${featureCount(associative)} features`;
      const found = cold?.descent === undefined ? '' : `, found by descent, beam ${cold.descent.beam}`;
      const leaves =
        cold === undefined
          ? ''
          : `; cold store of ${cold.retention} leaves, of which ${cold.nearest} a head are read${found}`;
      return `hierarchical: the whole past, window ${window}, fan-in ${leafFanIn} and ${fanIn}, ${slots} slots by ${summary}${writers}${handedUp}${merging === 'eager' ? ', merged eagerly' : ''}, ${heads} heads; ${entries[0]} entries after 1,000 vectors, ${entries[1]} after 1,000,000, O(log N)${channel}${leaves}`;
    }
    default:
      return memory satisfies never;
  }
}

function describeHeads({
  ctc,
  phones,
  decoder,
  answers,
  classifier,
  regression,
}: HeadsConfig): (readonly [string, string])[] {
  return [
    ...(ctc === undefined ? [] : [['ctc', 'labels at every vector'] as const]),
    ...(phones === undefined ? [] : [['phones', `${phones.symbols.length} phones at every vector`] as const]),
    ...(decoder === undefined ? [] : [['decoder', describeDecoder(decoder)] as const]),
    ...(answers === undefined ? [] : [['answers', `one of ${answers.labelCount} labels at every vector`] as const]),
    ...(classifier === undefined
      ? []
      : [['classifier', `one of ${classifier.labels.length} labels at the end`] as const]),
    ...(regression === undefined ? [] : [['regression', `${regression.outputs} numbers at the end`] as const]),
  ];
}

function describeDecoder({ order, cell, attention, units, inputFeeding, firstState, symbols }: DecoderHead): string {
  const score = 'score' in attention ? `, ${attention.score} scores` : '';
  const fed = order === 'luong' && inputFeeding ? ', input feeding' : '';
  const begins = firstState === 'encoder' ? "the encoder's last state" : 'zeros';
  const written = symbols === undefined ? '' : `, writes ${describeSymbols(symbols)}`;
  return `${order}, ${cell} of ${units}, ${attention.kind} attention${score}${fed}, begins with ${begins}${written}`;
}
