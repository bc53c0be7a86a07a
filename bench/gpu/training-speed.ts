/** Training steps a second at growing batches, on a GPU and on the processor, each in a process of its own: TensorFlow is loaded once. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { TrainingDevice } from '../../src/backend/training-device.ts';

export type TrainingRow = { readonly device: string; readonly batch: number; readonly stepsPerSecond: number };

/** What the process tells: what it trains on, a row for each batch, or why there is none. */
export type TrainingMessage = { readonly row: TrainingRow } | { readonly failed: string };

/** Milliseconds for the batches of one device. */
const DEVICE_MS = 30_000;

export async function measureTraining(
  gpu: Exclude<TrainingDevice, 'auto' | 'cpu'>,
  batches: readonly number[],
  hasTime: () => boolean,
): Promise<{ readonly rows: TrainingRow[]; readonly notes: string[] }> {
  const rows: TrainingRow[] = [];
  const notes: string[] = [];
  for (const device of [gpu, 'cpu'] as const) {
    if (!hasTime()) {
      notes.push(`no time was left to train on ${device}`);
      continue;
    }
    const told = await trainedOn(device, batches);
    rows.push(...told.flatMap((message) => ('row' in message ? [message.row] : [])));
    notes.push(
      ...told.flatMap((message) => ('failed' in message ? [`not trained on ${device}: ${message.failed}`] : [])),
    );
    const measured = told.filter((message) => 'row' in message).length;
    if (measured > 0 && measured < batches.length)
      notes.push(`no time was left for batches of ${batches.slice(measured).join(', ')} on ${device}`);
  }
  return { rows, notes };
}

/** What a process that trains on `device` tells until it ends, or is ended. */
async function trainedOn(device: TrainingDevice, batches: readonly number[]): Promise<TrainingMessage[]> {
  const file = fileURLToPath(new URL('training-process.ts', import.meta.url));
  const child = fork(file, [device, ...batches.map(String)], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const told: TrainingMessage[] = [];
  child.on('message', (message) => told.push(message as TrainingMessage)); // as it sends
  const ending = setTimeout(() => child.kill('SIGKILL'), DEVICE_MS);
  await once(child, 'exit');
  clearTimeout(ending);
  return told;
}
