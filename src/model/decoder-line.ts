import type { DecoderConfig } from '../decoder/config.ts';

/** What a decoder is, in a line for people: `luong, location scores, 128 units`. */
export function decoderLine({ order, cell, attention, inputFeeding, firstState, units }: DecoderConfig): string {
  return [
    order,
    ...(attention.kind === 'global' ? [] : [attention.kind]),
    ...(attention.kind === 'monotonic' ? [] : [`${attention.score} scores`]),
    `${units} units`,
    ...(cell === 'lstm' ? ['LSTM'] : []),
    ...(order === 'luong' && !inputFeeding ? ['no input feeding'] : []),
    ...(firstState === 'encoder' ? ['first state from the encoder'] : []),
  ].join(', ');
}
