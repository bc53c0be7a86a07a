/**
 * A GPU beside the processor, in one run: every cell of the models held against the processor, seconds of audio that streams get a second, training steps a
 * second, the calls and bytes of each advance, and the share of the time that copying takes. At most four minutes: what there is no time for is told. Without a GPU it says so and ends.
 *
 * `--streams 1,8 --batches 4` for other sizes, `--models recall-tokens` for fewer cells.
 */
import { findGpu } from './gpu/find-gpu.ts';
import { measureParity, type ParityRow } from './gpu/parity.ts';
import { openStreamMeter, type StreamRow } from './gpu/stream-speed.ts';
import { measureTraining, type TrainingRow } from './gpu/training-speed.ts';

export const OPTIONS: readonly string[] = ['streams', 'batches', 'models'];

/** Milliseconds after which nothing more of a part begins, from the start of the run. */
const ENDS = { parity: 60_000, streams: 140_000, training: 200_000 };

type Result = {
  readonly rows: readonly StreamRow[];
  readonly notes: readonly string[];
  readonly figures: {
    /** The GPU, for people; null where there is none. */ readonly adapter: string | null;
    readonly parity: readonly ParityRow[];
    readonly training: readonly TrainingRow[];
  };
};

export default async function benchGpu(options: Readonly<Record<string, string>>): Promise<Result> {
  const started = performance.now();
  const until =
    (end: number): (() => boolean) =>
    () =>
      performance.now() - started < end;
  const streams = numbersIn(options['streams'] ?? '1,16,64,256,1024');
  const batches = numbersIn(options['batches'] ?? '4,16,64,256');
  const { device, adapter, notes } = await findGpu();
  if (device === undefined) return { rows: [], notes, figures: { adapter: null, parity: [], training: [] } };
  const parity = await measureParity(device, options['models']?.split(','), until(ENDS.parity));
  const rows: StreamRow[] = [];
  const hasTime = until(ENDS.streams);
  await using onGpu = await openStreamMeter(device);
  await using onProcessor = await openStreamMeter('cpu');
  for (const count of streams) {
    for (const meter of [onGpu, onProcessor]) {
      if (hasTime()) rows.push(await meter.measure(count));
      else notes.push(`no time was left for ${count} streams on ${meter.device}`);
    }
  }
  const training = await measureTraining(device, batches, until(ENDS.training));
  const figures = { adapter, parity: parity.rows, training: training.rows };
  return {
    rows,
    figures,
    notes: [
      `${device}: ${adapter}`,
      ...summary(parity.rows, training.rows),
      ...notes,
      ...parity.notes,
      ...training.notes,
    ],
  };
}

function summary(parity: readonly ParityRow[], training: readonly TrainingRow[]): string[] {
  const worst = parity.toSorted((a, b) => b.worst - a.worst)[0];
  return [
    ...(worst === undefined
      ? []
      : [
          `${parity.length} cells differ from the processor by at most ${worst.worst.toExponential(1)} of an output's size (${worst.cell})`,
        ]),
    ...training.map(
      ({ device, batch, stepsPerSecond }) =>
        `training, ${device}, batch ${batch}: ${stepsPerSecond.toPrecision(3)} steps a second`,
    ),
    'copyShare: the time of as many calls that only carry the same bytes to the device and back; the processor is one thread of onnxruntime.',
    'callsPerAdvance, bytesToDevice and bytesFromDevice: of an advance of all streams by half a second, mean.',
  ];
}

function numbersIn(text: string): number[] {
  return text.split(',').map((each) => {
    const value = Number(each);
    if (Number.isInteger(value) && value >= 1 && value <= 4_096) return value;
    throw new Error(`Expected whole numbers in 1..4096 with commas between, got ${text}`);
  });
}
