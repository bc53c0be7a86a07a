/** One exported graph in onnxruntime: loaded, and run. Apart from the executor, whose declarations must name no type of onnxruntime. */
import { env, InferenceSession, Tensor } from 'onnxruntime-node';

import { HearkenError } from '../errors.ts';
import type { HostArray, HostArrays } from '../tensor/host-array.ts';
import { cellInputName, cellOutputName } from './graph-names.ts';
import type { OnnxDevice } from './onnx-device.ts';
import type { TensorSpec } from './tensor-spec.ts';

/** A graph that is ready to run, and the inputs of its cell. */
export type LoadedGraph = { readonly session: InferenceSession; readonly inputs: Readonly<Record<string, TensorSpec>> };

/** onnxruntime's `ORT_LOGGING_LEVEL_FATAL`. */
const LOG_FATAL_ONLY = 4;

/**
 * Loads the graph of `cell` from a file, or its bytes. Operators that the device lacks fall back to the processor. Throws
 * `executor/graph` where it is missing or damaged, `executor/device` where the device cannot be had.
 */
export async function openGraph(
  cell: string,
  source: string | Uint8Array,
  device: OnnxDevice,
  options: InferenceSession.SessionOptions = {},
): Promise<LoadedGraph> {
  env.logLevel = 'fatal'; // what goes wrong is thrown, not printed too
  const sessionOptions: InferenceSession.SessionOptions = {
    ...options,
    executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
    intraOpNumThreads: 1, // because one step is too small to parallelize
    interOpNumThreads: 1,
    logSeverityLevel: LOG_FATAL_ONLY,
  };
  try {
    // The two overloads of `create` do not take a union.
    const session = await (typeof source === 'string'
      ? InferenceSession.create(source, sessionOptions)
      : InferenceSession.create(source, sessionOptions));
    return { session, inputs: specsOf(session) };
  } catch (error) {
    throw refusal(cell, device, error);
  }
}

function specsOf(session: InferenceSession): Record<string, TensorSpec> {
  const tensors = session.inputMetadata.filter((metadata) => metadata.isTensor);
  return Object.fromEntries(
    tensors.map(({ name, shape, type }) => [
      cellInputName(name),
      { shape, dtype: type === 'int32' ? 'int32' : 'float32' },
    ]),
  );
}

function refusal(cell: string, device: OnnxDevice, cause: unknown): HearkenError {
  const reason = reasonOf(cause);
  if (device !== 'cpu' && /provider|backend|device|adapter|cuda/iu.test(reason)) {
    return new HearkenError('executor/device', `Expected device \`${device}\` to be available, got: ${reason}`, {
      cause,
    });
  }
  return new HearkenError('executor/graph', `Expected the graph of cell \`${cell}\` to load, got: ${reason}`, {
    cause,
  });
}

/** onnxruntime's own words, without the place in its sources and the condition that it checked there. */
function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  const [line = ''] = message.split('\n', 1);
  return line.replace(/^\/\S+:\d+ .* was false\. /u, '');
}

/** Runs a loaded graph. Throws `executor/run`. */
export async function runGraph(cell: string, session: InferenceSession, inputs: HostArrays): Promise<HostArrays> {
  const feeds: Record<string, Tensor> = {};
  for (const name of session.inputNames) {
    const array = inputs[cellInputName(name)];
    if (array !== undefined) feeds[name] = toTensor(array);
  }
  try {
    const results = await session.run(feeds);
    const outputs: Record<string, HostArray> = {};
    for (const [name, tensor] of Object.entries(results)) outputs[cellOutputName(name)] = toHostArray(tensor);
    return outputs;
  } catch (cause) {
    throw new HearkenError('executor/run', `Expected cell \`${cell}\` to run, got: ${reasonOf(cause)}`, { cause });
  }
}

function toTensor({ shape, data }: HostArray): Tensor {
  return data instanceof Float32Array ? new Tensor('float32', data, shape) : new Tensor('int32', data, shape);
}

function toHostArray(tensor: Tensor): HostArray {
  return { shape: tensor.dims, data: tensor.data as Float32Array | Int32Array }; // exported graphs give no other types
}
