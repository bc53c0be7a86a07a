/**
 * What a query costs by each mechanism, over 100, 1,000 and 10,000 entries: processor time and memory of tfjs, beside what
 * tfjs's users write by hand, `softmax(matMul)`, and PyTorch where it is installed. tf.layers has no attention layer.
 */
import { execFileSync } from 'node:child_process';

import * as tf from '@tensorflow/tfjs';

import {
  ATTENTION_SCORES,
  type AttentionMechanism,
  averagePooling,
  general,
  kernelRegression,
  localMonotonic,
  localPredictive,
  milk,
  mocha,
  monotonic,
  multiHead,
  normalArray,
  Random,
  sampledAttention,
  scaledDot,
  tensorsOf,
} from '../src/attention/index.ts';
import { loadBackend } from '../src/backend/backends.ts';

const ENTRIES = [100, 1_000, 10_000];
const [BATCH, DEPTH, REACH] = [8, 64, 10];
const SIZES = { queryDepth: DEPTH, memoryDepth: DEPTH, attentionUnits: DEPTH };
/** Processor time that each figure is measured over, ms. */
const LONG_ENOUGH = 150;

const MECHANISMS: Readonly<Record<string, AttentionMechanism>> = {
  averagePooling,
  kernelRegression: kernelRegression(),
  ...ATTENTION_SCORES,
  'local-m (far hidden)': localMonotonic({ reach: REACH, attention: general }),
  'local-m (window cut out)': localMonotonic({ reach: REACH, attention: general, padding: 'behind' }),
  'local-p (far hidden)': localPredictive({ reach: REACH, attention: general }),
  'local-p (window cut out)': localPredictive({ reach: REACH, attention: general, padding: 'behind' }),
  monotonic: monotonic(),
  'monotonic, hard': monotonic({ stops: 'hard' }),
  'mocha 4': mocha({ chunk: 4 }),
  'mocha 4, hard': mocha({ chunk: 4, stops: 'hard' }),
  milk: milk(),
  'milk, hard': milk({ stops: 'hard' }),
  'multiHead of 4 scaled-dot': multiHead(scaledDot, 4),
  'hard, of scaled-dot': sampledAttention({ attention: scaledDot, random: Random.seeded(1) }),
};

export default async function benchAttention(): Promise<{ rows: Record<string, unknown>[]; notes: string[] }> {
  const { name, source } = await loadBackend();
  const rows: Record<string, unknown>[] = [];
  const torch = torchFigures();
  for (const entries of ENTRIES) {
    const peer = await measured(() => byHand(entries));
    rows.push(rowOf('by hand: softmax(q Kᵀ / √d) V', entries, peer, peer));
    for (const [mechanism, each] of Object.entries(MECHANISMS)) {
      rows.push(rowOf(mechanism, entries, await measured(() => queryOf(each, entries)), peer));
    }
    if ('figures' in torch) {
      for (const [what, ms] of Object.entries(torch.figures[String(entries)] ?? {})) {
        rows.push({ mechanism: `PyTorch: ${what}`, entries, ms: rounded(ms), ratio: rounded(ms / peer.ms) });
      }
    }
  }
  return {
    rows,
    notes: [
      `${name} (${source}); a query for each of ${BATCH} memories of depth ${DEPTH}, prepared before; float32.`,
      'ms: processor time of all threads a query; ratio: to the form by hand at as many entries, in this run; KiB: tensors at the peak.',
      'tf.layers has no attention layer to compare with: by hand is the whole of scaled dot attention without a mask.',
      ...('skipped' in torch ? [`PyTorch: skipped, ${torch.skipped}`] : []),
    ],
  };
}

type Figures = { readonly ms: number; readonly bytes: number };

function rowOf(mechanism: string, entries: number, { ms, bytes }: Figures, peer: Figures): Record<string, unknown> {
  return { mechanism, entries, ms: rounded(ms), ratio: rounded(ms / peer.ms), KiB: Math.round(bytes / 1024) };
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

function drawn(seed: number, ...shape: number[]): tf.Tensor {
  return tf.tensor(normalArray(Random.seeded(seed), shape, 1).data, shape);
}

/** A query by `mechanism`, to be asked again and again. */
function queryOf(mechanism: AttentionMechanism, entries: number): () => tf.Tensor {
  const weights = tensorsOf(mechanism.init(SIZES, Random.seeded(1)));
  const values = drawn(2, BATCH, entries, DEPTH) as tf.Tensor3D; // three axes, and two
  const prepared = mechanism.prepare(weights, { values, bias: tf.zeros([BATCH, entries]) });
  const [query, state] = [drawn(3, BATCH, DEPTH) as tf.Tensor2D, mechanism.start(prepared)];
  return () => mechanism.attend(weights, query, prepared, state).context;
}

function byHand(entries: number): () => tf.Tensor {
  const [keys, values] = [drawn(1, BATCH, entries, DEPTH), drawn(2, BATCH, entries, DEPTH)];
  const query = drawn(3, BATCH, 1, DEPTH);
  const scale = 1 / Math.sqrt(DEPTH);
  return () => tf.matMul(tf.softmax(tf.mul(tf.matMul(query, keys, false, true), scale)), values);
}

/** Time of a query that `prepare` makes ready, and the bytes of its memory and of the query at their peak. */
async function measured(prepare: () => () => tf.Tensor): Promise<Figures> {
  tf.engine().startScope(); // what is prepared goes with the end of it
  try {
    const before = tf.memory().numBytes;
    const { ms, peakBytes } = await timed(prepare());
    return { ms, bytes: peakBytes - before };
  } finally {
    tf.engine().endScope();
  }
}

async function timed(run: () => tf.Tensor): Promise<{ readonly ms: number; readonly peakBytes: number }> {
  const once = async (): Promise<void> => {
    const result = tf.tidy(run);
    await result.data();
    result.dispose();
  };
  for (let warmUp = 0; warmUp < 3; warmUp++) await once();
  const { peakBytes } = await tf.profile(() => tf.tidy(run));
  let runs = 0;
  const start = process.cpuUsage();
  let spent = 0;
  while (spent < LONG_ENOUGH) {
    await once();
    runs++;
    const { user, system } = process.cpuUsage(start);
    spent = (user + system) / 1000;
  }
  return { ms: spent / runs, peakBytes };
}

/** Processor time of PyTorch's own attention and of `nn.MultiheadAttention`, ms a query, by entries. */
const TORCH = `
import json, time, torch
torch.manual_seed(1)
figures = {}
def measure(run):
    for _ in range(3): run()
    runs, start = 0, time.process_time()
    while time.process_time() - start < ${LONG_ENOUGH / 1000}:
        run(); runs += 1
    return 1000 * (time.process_time() - start) / runs
with torch.inference_mode():
    for entries in ${JSON.stringify(ENTRIES)}:
        q, k, v = torch.randn(${BATCH}, 1, ${DEPTH}), torch.randn(${BATCH}, entries, ${DEPTH}), torch.randn(${BATCH}, entries, ${DEPTH})
        heads = torch.nn.MultiheadAttention(${DEPTH}, 4, batch_first=True)
        figures[str(entries)] = {
            'scaled_dot_product_attention': measure(lambda: torch.nn.functional.scaled_dot_product_attention(q, k, v)),
            'MultiheadAttention, keys not prepared': measure(lambda: heads(q, k, v)),
        }
print(json.dumps(figures))
`;

type Torch = { readonly figures: Record<string, Record<string, number>> } | { readonly skipped: string };

function torchFigures(): Torch {
  try {
    const printed = execFileSync('python3', ['-c', TORCH], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    return { figures: JSON.parse(printed) as Record<string, Record<string, number>> }; // of the program above
  } catch (error) {
    const lines = String(error instanceof Error && 'stderr' in error ? error.stderr : error)
      .trim()
      .split('\n');
    return { skipped: lines.at(-1) ?? 'python3 failed' };
  }
}
