import type { AttentionConfig } from '../attention/config.ts';

export type DecoderConfig = {
  /**
   * When a step attends. `bahdanau`: with the state before the step, whose context the step then takes in. `luong`: with
   * the state after it.
   */
  readonly order: 'bahdanau' | 'luong';
  /** What recurs: a gated recurrent unit, or long short-term memory. */ readonly cell: 'gru' | 'lstm';
  /** How it attends, and by which score. */ readonly attention: AttentionConfig;
  /**
   * In Luong's order, whether a step takes in the attentional vector of the step before. Bahdanau's order takes its
   * context in whatever this says.
   */
  readonly inputFeeding: boolean;
  /** The state before the first step: zeros, or made of the encoder's last state (`decodeStart`). */
  readonly firstState: 'zeros' | 'encoder';
  /** Depth of the recurrent state. */ readonly units: number;
  /** Width in which learned scores compare query and entry. */ readonly attentionUnits: number;
  /** Depth of a token's embedding. */ readonly embedding: number;
  /** Share of the embeddings' and output features' elements dropped in training, 0 to 0.95. */
  readonly dropout: number;
};
