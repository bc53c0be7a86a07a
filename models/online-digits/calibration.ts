/**
 * How readily a trained decoder stops in use. Training leaves the probability of a stop spread over a few vectors, none of which may be likelier than
 * not; a step of the offset of its logit, chosen by the walk over held-out speech, mends that. The weights are those of the training otherwise.
 */
import { createTfjsExecutor } from '../../src/cell/tfjs-executor.ts';
import { decoderSteps } from '../../src/decoder/decoder-batch.ts';
import { inLockstep } from '../../src/decoder/lockstep.ts';
import { cellsOf } from '../../src/model/cells.ts';
import { type AskStep, startWalk, type Walked, walkOver } from './online-walk.ts';
import { valueOf } from '../../src/recognizer/search.ts';
import type { HostArray, HostArrays } from '../../src/tensor/host-array.ts';
import { countErrors, errorsIn } from '../../src/text/error-rate.ts';
import { resolveGrammar } from '../../src/text/vocabulary.ts';
import type { EncodedExample } from '../../src/training/decoder-task.ts';
import { configOf, type Kind, VECTORS_FOLDER } from './config.ts';
import { readExamples } from './vectors.ts';

/** What may be added to the offset of a stop's logit. */
const STEPS: readonly number[] = [0, 0.5, 1, 1.5, 2, 2.5, 3];
/** Vectors that a step may see: all that were heard, so that MILk needs no summaries here. */
const REACH = 1_024;

export type Calibrated = { readonly weights: HostArrays; readonly added: number; readonly error: number };

/** `weights` of a whole model, on the tfjs backend that is set, with the offset by which it writes the fewest labels wrong. */
export async function calibrated(kind: Kind, weights: HostArrays): Promise<Calibrated> {
  const name = Object.keys(weights).find((each) => /^decoder\.attention\.(stop\.)?offset$/.test(each));
  if (name === undefined) return { weights, added: 0, error: Number.NaN }; // it does not stop
  const heldOut = await readExamples(VECTORS_FOLDER, 'dev');
  const tried: Calibrated[] = [];
  for (const added of STEPS) {
    const changed = { ...weights, [name]: moved(weights[name]!, added) }; // it was found there
    tried.push({ weights: changed, added, error: await errorOf(kind, changed, heldOut) });
  }
  return tried.reduce((best, each) => (each.error < best.error ? each : best));
}

function moved({ shape, data }: HostArray, added: number): HostArray {
  return { shape, data: Float32Array.from(data, (value) => value + added) };
}

/** Share of labels wrong, as the walk writes. */
async function errorOf(kind: Kind, weights: HostArrays, examples: readonly EncodedExample[]): Promise<number> {
  const config = configOf(kind);
  await using executor = createTfjsExecutor(cellsOf(config), weights);
  const { allowed } = resolveGrammar(config.vocabulary, 'digits');
  const reach = config.decoder.attention.kind === 'mocha' ? config.decoder.attention.chunk - 1 : REACH;
  const steps = decoderSteps(executor);
  const walked = await inLockstep(
    examples.map(({ vectors }) => (ask: AskStep) => {
      const input = { first: 0, vectors, update: undefined, reach, allowed };
      return walkOver({ executor, config: config.memory }, startWalk(), input, ask);
    }),
    steps.run,
  );
  steps.end();
  let [wrong, total] = [0, 0];
  for (const [index, { labels }] of examples.entries()) {
    const written = valueOf<Walked>(walked[index]!).labels.map(({ label }) => String(label)); // one for each
    wrong += errorsIn(countErrors(Array.from(labels, String), written));
    total += labels.length;
  }
  return wrong / total;
}
