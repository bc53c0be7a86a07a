/** Model folders: configuration, weights and graphs, one file of a whole folder changed at a time. */
import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readSpeechConfig } from '../../../src/model/config-file.ts';
import { decodeSafetensors } from '../../../src/tensor/safetensors.ts';
import { CORPUS, type FuzzTarget } from '../target.ts';

/** A whole model that hears nonsense. */
export const MODEL_FOLDER: string = join(CORPUS, 'model');

const CELLS = ['decodePrepare', 'decodeStep', 'encode', 'read', 'summarizeInner', 'summarizeLeaf'];

export async function modelFile(name: string): Promise<Uint8Array> {
  return new Uint8Array(await readFile(join(MODEL_FOLDER, name)));
}

export const MODEL_CONFIG: FuzzTarget = {
  name: 'model-config',
  cases: 1_000,
  seeds: async () => [await modelFile('config.json')],
  open: async () => {
    const folder = await copyOfModel();
    return async (bytes) => {
      await writeFile(join(folder, 'config.json'), bytes);
      await readSpeechConfig(folder);
    };
  },
};

export const SAFETENSORS: FuzzTarget = {
  name: 'safetensors',
  cases: 3_000,
  seeds: async () => [await modelFile('model.safetensors')],
  open: async () => (bytes) => {
    decodeSafetensors(bytes);
  },
};

/** Configuration against weights, as training goes on from a checkpoint and tfjs streams it. */
export const CHECKPOINT: FuzzTarget = {
  name: 'checkpoint',
  cases: 400,
  seeds: async () => [await modelFile('config.json'), await modelFile('model.safetensors')],
  open: async () => {
    const { readCheckpoint } = await import('../../../src/model/checkpoint.ts');
    const whole = new Map([
      ['config.json', await modelFile('config.json')],
      ['model.safetensors', await modelFile('model.safetensors')],
    ]);
    const folder = await copyOfModel();
    return async (bytes) => {
      const changed = bytes[0] === '{'.charCodeAt(0) ? 'config.json' : 'model.safetensors';
      for (const [name, content] of whole) await writeFile(join(folder, name), name === changed ? bytes : content);
      const { weights } = await readCheckpoint(folder);
      if (Object.keys(weights).length === 0) throw new Error('a checkpoint without weights');
    };
  },
};

export const TOKEN_CHECKPOINT: FuzzTarget = {
  name: 'token-checkpoint',
  cases: 400,
  open: async () => {
    const [{ readTokenCheckpoint }, { initModel }, { tokenModel }, { encodeSafetensors }, { Random }] =
      await Promise.all([
        import('../../../src/tokens/checkpoint.ts'),
        import('../../../src/model/forward.ts'),
        import('../../../src/model/config-migration.ts'),
        import('../../../src/tensor/safetensors.ts'),
        import('../../../src/tensor/random.ts'),
      ]);
    const memory = { depth: 4, heads: 2, window: 4, leafFanIn: 2, fanIn: 2, slots: 1, tokenCountBias: false };
    const folder = await mkdtemp(join(tmpdir(), 'hearken-fuzz-tokens-'));
    const weights = initModel(tokenModel({ memory, alphabetSize: 10, labelCount: 8 }), Random.seeded(1));
    await writeFile(join(folder, 'model.safetensors'), encodeSafetensors(weights));
    return async (bytes) => {
      await writeFile(join(folder, 'config.json'), bytes);
      await readTokenCheckpoint(folder);
    };
  },
};

/** Configuration, weights or graph, as a stream is opened with them. */
export const MODEL_FOLDER_TARGET: FuzzTarget = {
  name: 'model-folder',
  cases: 60,
  seeds: () => Promise.all(['config.json', ...CELLS.map((cell) => join('onnx', `${cell}.onnx`))].map(modelFile)),
  open: async () => {
    const [{ loadEngine }, { advanceOne }, { startStream }, { resolveGrammar }] = await Promise.all([
      import('../../../src/recognizer/load-engine.ts'),
      import('../../recognizer/advance-one.ts'),
      import('../../../src/recognizer/state.ts'),
      import('../../../src/text/vocabulary.ts'),
    ]);
    const folder = await copyOfModel();
    return async (bytes, random) => {
      const isConfig = bytes[0] === '{'.charCodeAt(0);
      const file = isConfig ? 'config.json' : join('onnx', `${CELLS[random.integer(CELLS.length)]}.onnx`);
      await writeFile(join(folder, file), bytes);
      try {
        const engine = await loadEngine(folder, 'cpu');
        try {
          const state = startStream(engine, { grammar: resolveGrammar(engine.config.vocabulary), decoder: 'joint' });
          await advanceOne(engine, state, { samples: SOUND, isLast: true });
        } finally {
          await engine.executor[Symbol.asyncDispose]();
        }
      } finally {
        await writeFile(join(folder, file), await modelFile(file));
      }
    };
  },
};

/** Half a second of tones at 16 kHz. */
export const SOUND: Float32Array = Float32Array.from(
  { length: 8_000 },
  (_, index) => 0.2 * Math.sin(index / 9) * Math.sin(index / 999),
);

async function copyOfModel(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hearken-fuzz-model-'));
  await cp(MODEL_FOLDER, folder, { recursive: true });
  return folder;
}
