/** A training run on disk: weights, optimiser state and position in the data, written whole or not at all. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { HearkenError } from '../errors.ts';
import { withNewTensorNames } from '../model/old-names.ts';
import { writeWhole } from '../model/write-whole.ts';
import type { HostArrays } from '../tensor/host-array.ts';
import { decodeSafetensors, encodeSafetensors } from '../tensor/safetensors.ts';
import type { OptimizerState } from './optimizer.ts';

/** Where a training run stands: everything that the next step depends on. */
export type RunState = {
  readonly optimizer: OptimizerState;
  /** Index of the shard whose batch comes next; `batch` is its index there. */ readonly shard: number;
  readonly batch: number;
  /** Lowest validation error so far, or loss where checkpoints are chosen by it. */ readonly bestError: number;
};

const RUN_STATE_FILE = 'run-state.safetensors';
const GROUPS = ['weights', 'first', 'second', 'average'] as const;

export async function saveRunState(directory: string, state: RunState): Promise<void> {
  const tensors = Object.fromEntries(
    GROUPS.flatMap((group) =>
      Object.entries(state.optimizer[group]).map(([name, array]) => [`${group}/${name}`, array] as const),
    ),
  );
  const position = { step: state.optimizer.step, shard: state.shard, batch: state.batch };
  const bytes = encodeSafetensors(tensors, {
    run: JSON.stringify({ ...position, bestError: String(state.bestError) }),
  });
  await writeWhole(join(directory, RUN_STATE_FILE), bytes);
}

/** The state saved in `directory`, or `undefined` where no run was begun. Throws `training/run-state` on damage. */
export async function loadRunState(directory: string): Promise<RunState | undefined> {
  const path = join(directory, RUN_STATE_FILE);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const { tensors, metadata } = decodeSafetensors(bytes);
  const run: unknown = JSON.parse(metadata['run'] ?? 'null');
  if (!isPosition(run)) throw new HearkenError('training/run-state', `Expected a training run in ${path}, got none`);
  const [weights, first, second, average] = GROUPS.map((group) => groupOf(tensors, group)) as [
    HostArrays,
    HostArrays,
    HostArrays,
    HostArrays,
  ];
  const optimizer = { step: run.step, weights, first, second, average };
  return { optimizer, shard: run.shard, batch: run.batch, bestError: Number(run.bestError) };
}

function isPosition(run: unknown): run is { step: number; shard: number; batch: number; bestError: string } {
  return (
    typeof run === 'object' && run !== null && 'step' in run && 'shard' in run && 'batch' in run && 'bestError' in run
  );
}

function groupOf(tensors: HostArrays, group: string): HostArrays {
  const prefix = `${group}/`;
  const members = Object.entries(tensors).filter(([name]) => name.startsWith(prefix));
  return withNewTensorNames(Object.fromEntries(members.map(([name, array]) => [name.slice(prefix.length), array])));
}
