/** Models of the page: their files are fetched from beside it, and run in it by onnxruntime's WebAssembly. */
import { env } from 'onnxruntime-web/wasm';

import { createGraphExecutor } from '../../src/cell/graph-executor.ts';
import { HearkenError } from '../../src/errors.ts';
import { parseModelConfig } from '../../src/model/config.ts';
import { recognizerConfigOf } from '../../src/model/config-migration.ts';
import { createEngine, type Engine } from '../../src/recognizer/engine.ts';
import { createSequenceEngine } from '../../src/sequence/engine.ts';
import { createSequenceModel, type SequenceModel } from '../../src/sequence/model.ts';
import type { Executor } from '../../src/cell/executor.ts';
import type { ModelConfig } from '../../src/model/config.ts';
import { symbolCodec } from '../../src/text/symbols.ts';

/** What the build says of each model: `models/models.json`. */
export type ModelFiles = {
  readonly name: string;
  /** Cells, each a file `models/NAME/CELL.onnx`. */ readonly cells: readonly string[];
};

type Fetched = { readonly config: ModelConfig; readonly executor: Executor };

/** The model `name` of sequences. Throws `executor/...`, and what `fetch` throws. */
export async function fetchSequenceModel(name: string): Promise<SequenceModel> {
  const { config, executor } = await fetchModel(name);
  return createSequenceModel(await createSequenceEngine({ config, executor, fingerprint: name, codecOf: symbolCodec }));
}

/** The engine of the recogniser `name`. Throws as `fetchSequenceModel`. */
export async function fetchEngine(name: string): Promise<Engine> {
  const { config, executor } = await fetchModel(name);
  return createEngine({ config: recognizerConfigOf(config), executor, fingerprint: name });
}

async function fetchModel(name: string): Promise<Fetched> {
  env.wasm.numThreads = 1; // more need headers of isolation, which a file server does not send
  const listed = (await fetchJson('models/models.json')) as readonly ModelFiles[]; // as the build wrote it
  const files = listed.find((each) => each.name === name);
  if (files === undefined) throw new HearkenError('model/not-found', `Expected a model of the page, got ${name}`);
  const [config, ...graphs] = await Promise.all([
    fetchJson(`models/${name}/config.json`),
    ...files.cells.map(async (cell) => [cell, await fetchBytes(`models/${name}/${cell}.onnx`)] as const),
  ]);
  const executor = createGraphExecutor(new Map(graphs), {
    device: 'cpu',
    unknownCell: (cell) => new HearkenError('executor/unknown-cell', `Expected a cell of ${name}, got ${cell}`),
  });
  return { config: parseModelConfig(config), executor };
}

async function fetchJson(address: string): Promise<unknown> {
  return (await answer(address)).json();
}

async function fetchBytes(address: string): Promise<Uint8Array> {
  return new Uint8Array(await (await answer(address)).arrayBuffer());
}

async function answer(address: string): Promise<Response> {
  const response = await fetch(address);
  if (response.ok) return response;
  throw new HearkenError('model/missing-file', `Expected a file at ${address}, got ${response.status}`);
}
