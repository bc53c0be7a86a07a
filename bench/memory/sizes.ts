/** Sizes of the memory benchmark: those of `models/codes-en`, with random weights. */
import type { MemoryConfig } from '../../src/memory/config.ts';

/** What stands beside each other in the benchmark. */
export const MODELS = ['hierarchical', 'full', 'window', 'gru'] as const;
export type ModelName = (typeof MODELS)[number];

export const HIERARCHICAL: MemoryConfig = {
  depth: 192,
  heads: 4,
  window: 32,
  leafFanIn: 8,
  fanIn: 8,
  slots: 4,
  tokenCountBias: true,
};

/** What a process can measure: a model, or the keys and values that all but the GRU need of a vector. */
export type Measured = ModelName | 'project';

/** The newest w vectors and nothing else. */
export const WINDOW_ONLY: MemoryConfig = { ...HIERARCHICAL, beyond: 'forgotten' };

/** What one process measures, for every number of queries a call. */
export type MeasureRequest<M extends Measured = Measured> = {
  readonly model: M;
  /** N: vectors of the past, in the middle of what is measured. */ readonly n: number;
  readonly streams: number;
  readonly queries: readonly number[];
  /** Folder of the ONNX graphs. */ readonly graphs: string;
};

export type MemoryRow<M extends Measured = ModelName> = {
  readonly model: M;
  readonly n: number;
  readonly streams: number;
  /** Vectors a stream brings in a call, each of which reads. */ readonly queries: number;
  /** Median and 99 % of the wall time of a call, us. */ readonly p50Us: number;
  readonly p99Us: number;
  /** 99 % of the processor time of a call, us: what `p99Us` would be on a machine with nothing else to do. */
  readonly p99CpuUs: number;
  /** Mean processor time of all threads a vector, us. */ readonly cpuUs: number;
  /** Vectors over which it is the mean. */ readonly vectors: number;
  /** What a stream keeps. */ readonly stateBytes: number;
  /** Live nodes above the window. */ readonly roots: number;
  /** Modules between the oldest vector and the newest output. */ readonly pathLength: number;
  /** Memory of the process that held nothing but this model, these streams and the runtime. */ readonly rssBytes: number;
};
