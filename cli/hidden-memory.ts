/** `hearken eval --hide-memory`: the same model twice, as it is and with the summaries of its memory hidden. */
import type { ComparedModel, HiddenMemoryReport } from '../corpora/hidden-memory.ts';
import type { DecoderName } from '../corpora/evaluation.ts';
import type { ScoredItem } from '../corpora/scores.ts';
import type { StreamingDevice } from '../src/index.ts';
import type { Engine, HiddenFrom } from '../src/recognizer/engine.ts';
import type { Model } from '../src/recognizer/model.ts';
import { tellDevice } from './device-option.ts';
import { percent, printTable } from './table.ts';
import { UsageError } from './usage-error.ts';

export type HidingOptions = {
  readonly hideMemory?: HiddenFrom;
  readonly decoder?: DecoderName;
  readonly device?: StreamingDevice;
};

/** A loaded model, and what compares it with itself where that was asked for. */
export type EvaluatedModels = AsyncDisposable & {
  readonly model: Model;
  /** Has the items that were `heard` by the model heard `again` with its summaries hidden. */
  readonly compare?: (
    heard: readonly ScoredItem[],
    again: (model: ComparedModel) => Promise<readonly ScoredItem[]>,
  ) => Promise<HiddenMemoryReport>;
};

/** Loads the model in `folder`. Throws as `loadModel` does, and a usage error where there is nothing to hide. */
export async function loadEvaluated(
  folder: string,
  { hideMemory: from, decoder, device = 'cpu' }: HidingOptions,
  signal: AbortSignal,
): Promise<EvaluatedModels> {
  const { loadEngine } = await import('../src/recognizer/load-engine.ts');
  const { createModel } = await import('../src/recognizer/model.ts');
  const engine = await loadEngine(folder, device, { signal });
  const model = createModel(engine);
  tellDevice(model);
  const disposal = { [Symbol.asyncDispose]: () => model.dispose() };
  if (from === undefined) return { model, ...disposal };
  try {
    assertHides(engine, from, decoder);
  } catch (error) {
    await model.dispose();
    throw error;
  }
  const { compareHidden } = await import('../corpora/hidden-memory.ts');
  const models = { asIs: model, hidden: createModel({ ...engine, hidden: from }) }; // one executor, which `model` frees
  return { model, compare: (heard, again) => compareHidden({ from, models, heard, again }), ...disposal };
}

/** Refuses to measure what cannot change anything. */
function assertHides({ config }: Engine, from: HiddenFrom, decoder: DecoderName | undefined): void {
  if (config.memory.beyond === 'forgotten') {
    throw new UsageError(`Expected --hide-memory with a model whose memory has summaries, got ${config.name}`);
  }
  if (from === 'decoder' && (config.decoder === undefined || decoder === 'ctc')) {
    const attends = config.decoder === undefined ? `${config.name}, which has no attention decoder` : '--decoder ctc';
    throw new UsageError(`Expected --hide-memory read with ${attends}, got decoder`);
  }
}

const READERS = { read: "CTC's read", decoder: 'the attention decoder', both: "CTC's read and the attention decoder" };

export function printHidden({ from, isolated, connected, rows }: HiddenMemoryReport): void {
  process.stdout.write(`\nthe memory's summaries hidden from ${READERS[from]}\n\n`);
  const scores = { isolated, connected };
  printTable(
    ['words', 'errors', 'hidden', 'of', 'more', '95 % interval', 'heard otherwise'],
    (['isolated', 'connected'] as const).flatMap((kind) => {
      const score = scores[kind];
      if (score === undefined) return [];
      const { errors, errorsHidden, total, difference, ci95, changedWords } = score;
      const interval = `${percent(ci95.low)} to ${percent(ci95.high)}`;
      return [[kind, `${errors}`, `${errorsHidden}`, `${total}`, percent(difference), interval, `${changedWords}`]];
    }),
  );
  if (rows === undefined) return;
  const { rows: count, changedRows, meanKl } = rows;
  process.stdout.write(
    `\nCTC's rows: mean KL ${meanKl.toExponential(1)} nats, another label in ${changedRows} of ${count}\n`,
  );
}
