/** Recurrences over whole sequences, one node each. Shapes: T vectors, B batch, D input depth, H units. */
import type { TensorInfo } from '@tensorflow/tfjs-core';

import { GRU_SEQUENCE } from '../encoder/gru-sequence.ts';
import { DELTA_SEQUENCE } from '../encoder/delta-rule.ts';
import { LSTM_SEQUENCE } from '../encoder/lstm.ts';
import { RNN_SEQUENCE } from '../encoder/rnn-sequence.ts';
import { HearkenError } from '../errors.ts';
import type { Body } from './onnx-graph.ts';
import type { TraceBackend } from './trace-backend.ts';
import { traceKernel, type TraceKernels } from './trace-kernel.ts';

type GruInputs = {
  /** `[T, B, D]` */ readonly x: TensorInfo;
  /** `[D + H, 3 H]`, gates in the order reset, update, candidate. */ readonly kernel: TensorInfo;
  /** `[3 H]` */ readonly bias: TensorInfo;
  /** `[H]` */ readonly candidateBias: TensorInfo;
  /** `[B, H]` */ readonly h0: TensorInfo;
};

type LstmInputs = {
  /** `[T, B, D]` */ readonly x: TensorInfo;
  /** `[D + H, 4 H]`, gates in the order input, candidate, forget, output. */ readonly kernel: TensorInfo;
  /** `[4 H]` */ readonly bias: TensorInfo;
  /** `[B, H]` */ readonly h0: TensorInfo;
  /** `[B, H]` */ readonly c0: TensorInfo;
};

/** Places of ONNX's gates of an LSTM (input, output, forget, candidate) among ours (input, candidate, forget, output). */
const LSTM_GATES = [0, 3, 2, 1] as const;
/** Places of ONNX's gates of a GRU (update, reset, candidate) among ours (reset, update, candidate). */
const GRU_GATES = [1, 0, 2] as const;

/** `[T, B, H, *]` each, and `state`, `[B, H, C, V]`; as `DeltaInputs` tells. */
type TracedDelta = Readonly<Record<'queries' | 'keys' | 'values' | 'write' | 'logKeep' | 'state', TensorInfo>>;

/** One step of the gated delta rule: S, and of this time q and k, both as rows, k as a column, v, b and a. */
const DELTA_STEP: Body = {
  inputs: ['before', 'q', 'k', 'column', 'v', 'b', 'a'],
  nodes: [
    { operator: 'Mul', inputs: ['before', 'a'], outputs: ['faded'] },
    { operator: 'MatMul', inputs: ['k', 'faded'], outputs: ['told'] },
    { operator: 'Sub', inputs: ['v', 'told'], outputs: ['missing'] },
    { operator: 'Mul', inputs: ['b', 'missing'], outputs: ['update'] },
    { operator: 'Mul', inputs: ['column', 'update'], outputs: ['written'] },
    { operator: 'Add', inputs: ['faded', 'written'], outputs: ['after'] },
    { operator: 'MatMul', inputs: ['q', 'after'], outputs: ['output'] },
  ],
  outputs: ['after', 'output'],
};

export const RECURRENCE_KERNELS: TraceKernels = {
  [DELTA_SEQUENCE]: traceKernel<TracedDelta>(({ inputs, trace }) => {
    const { queries, keys, values, write, logKeep, state } = inputs;
    const { dtype } = values;
    const asRows = (x: TensorInfo, axis = 3): TensorInfo =>
      trace.emit('Unsqueeze', [x, trace.integers([axis])], { shape: x.shape.toSpliced(axis, 0, 1), dtype });
    const keep = trace.emit('Exp', [logKeep], logKeep);
    const scanned = [asRows(queries), asRows(keys), asRows(keys, 4), asRows(values), asRows(write), asRows(keep)];
    const [after, outputs] = trace.emitMany(
      'Scan',
      [state, ...scanned],
      [state, { shape: values.shape.toSpliced(3, 0, 1), dtype }],
      { body: { body: DELTA_STEP }, num_scan_inputs: { int: scanned.length } },
    );
    return [trace.emit('Squeeze', [outputs!, trace.integers([3])], values), after!]; // one for each spec
  }),

  [LSTM_SEQUENCE]: traceKernel<LstmInputs>(({ inputs, trace }) =>
    emitRecurrence(
      trace,
      'LSTM',
      inputs,
      [inputs.h0, inputs.c0],
      gateWeights(trace, 'export/lstm', inputs, LSTM_GATES),
    ),
  ),

  [GRU_SEQUENCE]: traceKernel<GruInputs>(({ inputs, trace }) => {
    const recalled = weightOf(trace, 'export/gru', inputs.candidateBias).values;
    const weights = gateWeights(trace, 'export/gru', inputs, GRU_GATES, recalled);
    // As in cuDNN, the reset gate comes after the recurrent product.
    return emitRecurrence(trace, 'GRU', inputs, [inputs.h0], weights, { linear_before_reset: { int: 1 } });
  }),

  [RNN_SEQUENCE]: traceKernel<GateInputs>(({ inputs, trace }) =>
    emitRecurrence(trace, 'RNN', inputs, [inputs.h0], gateWeights(trace, 'export/rnn', inputs, [0])),
  ),
};

/** Outputs `[T, B, H]`, then each last state, `[B, H]`. */
function emitRecurrence(
  trace: TraceBackend,
  operator: string,
  { x, h0 }: { readonly x: TensorInfo; readonly h0: TensorInfo },
  states: readonly TensorInfo[],
  weights: readonly string[],
  attributes: Readonly<Record<string, { readonly int: number }>> = {},
): TensorInfo[] {
  const [length = 0, batch = 0] = x.shape;
  const units = h0.shape[1]!;
  const { dtype } = x;
  const lifted = { shape: [1, batch, units], dtype };
  const first = trace.integers([0]);
  const [outputs, ...last] = trace.emitMany(
    operator,
    [x, ...weights, '', ...states.map((each) => trace.emit('Unsqueeze', [each, first], lifted))], // '': no sequence lengths
    [{ shape: [length, 1, batch, units], dtype }, ...states.map(() => lifted)],
    { hidden_size: { int: units }, ...attributes },
  );
  return [
    trace.emit('Squeeze', [outputs!, trace.integers([1])], { shape: [length, batch, units], dtype }), // one for each spec
    ...last.map((each) => trace.emit('Squeeze', [each, first], { shape: [batch, units], dtype })),
  ];
}

type GateInputs = Pick<GruInputs, 'x' | 'kernel' | 'bias' | 'h0'>;

/**
 * The weights as ONNX wants them, for G gates: of the input `[1, G H, D]`, recurrent `[1, G H, H]`, biases `[1, 2 G H]`,
 * of which the second half is 0 but for `recalled`, the last gate's.
 */
function gateWeights(
  trace: TraceBackend,
  code: ComputedWeights,
  { x, kernel, bias, h0 }: GateInputs,
  gates: readonly number[],
  recalled: ArrayLike<number> = [],
): string[] {
  const [depth, units] = [x.shape[2]!, h0.shape[1]!];
  const columns = gates.length * units;
  const kernelWeight = weightOf(trace, code, kernel);
  const biasWeight = weightOf(trace, code, bias);
  const sourceColumn = (column: number): number => gates[Math.floor(column / units)]! * units + (column % units);
  const rows = (from: number, count: number): Float32Array => {
    const values = new Float32Array(columns * count);
    for (let column = 0; column < columns; column++) {
      const source = sourceColumn(column);
      for (let row = 0; row < count; row++) {
        values[column * count + row] = kernelWeight.values[(from + row) * columns + source]!;
      }
    }
    return values;
  };
  const biases = new Float32Array(2 * columns);
  for (let column = 0; column < columns; column++) biases[column] = biasWeight.values[sourceColumn(column)]!;
  biases.set(Float32Array.from(recalled), 2 * columns - recalled.length);
  const add = (shape: number[], values: Float32Array, weightName: string | undefined, part: string): string =>
    trace.graph.constant({ shape, type: 'float32', values }, weightName && `${weightName}.${part}`);
  return [
    add([1, columns, depth], rows(0, depth), kernelWeight.name, 'input'),
    add([1, columns, units], rows(depth, units), kernelWeight.name, 'recurrent'),
    add([1, 2 * columns], biases, biasWeight.name, 'gates'),
  ];
}

/** Codes of the error that weights are computed. */
type ComputedWeights = 'export/lstm' | 'export/gru' | 'export/rnn';

function weightOf(
  trace: TraceBackend,
  code: ComputedWeights,
  tensor: TensorInfo,
): { name?: string; values: ArrayLike<number> } {
  const constant = trace.constantOf(tensor);
  if (constant !== undefined) return constant;
  throw new HearkenError(code, 'Expected kernels and biases of a recurrence to be weights, got computed values');
}
