/** What CTC writes of a sequence: one label or none at every input. */
import { alignLabels } from '../ctc/alignment.ts';
import { decodeGreedily } from '../ctc/greedy.ts';
import type { LogProbabilityRows } from '../ctc/log-probabilities.ts';
import { createPrefixBeam } from '../ctc/prefix-beam.ts';
import { lengthPenalty } from '../decoder/beam-search.ts';
import type { DecodedSequence, SequenceSearch } from '../decoder/decode-sequences.ts';

/**
 * Hypotheses, best first: of a beam of 1 the best path, of a wider one prefixes by the sum of their paths. A label's alignment is the input
 * at which it is likeliest. None where each is longer than `maximumLength`.
 */
export function spell(
  rows: LogProbabilityRows,
  { labelCount, beamSize, nBest, lengthExponent }: SequenceSearch,
  maximumLength: number,
): DecodedSequence[] {
  const hypotheses = beamSize === 1 ? [decodeGreedily(rows)] : beamOf(rows, labelCount, beamSize);
  const count = rows.data.length / rows.width;
  return hypotheses
    .filter(({ labels }) => labels.length <= maximumLength)
    .map(({ labels, logProbability }) => ({
      labels,
      logProbability,
      score: logProbability / lengthPenalty(labels.length, lengthExponent),
      alignment: alignLabels(rows, labels).labels.map(({ peak }) => {
        const shares = new Float32Array(count);
        shares[peak] = 1;
        return shares;
      }),
    }))
    .toSorted((a, b) => b.score - a.score)
    .slice(0, nBest);
}

function beamOf(rows: LogProbabilityRows, labelCount: number, beamSize: number): DecodedLabels[] {
  const beam = createPrefixBeam({ labelCount, beamSize });
  beam.push(rows);
  return beam.hypotheses();
}

type DecodedLabels = Pick<DecodedSequence, 'labels' | 'logProbability'>;

/** The labels of the best path through `rows`, each with the number of its row; `before` is the label of the row before, 0 for none. */
export function spellOn(
  rows: LogProbabilityRows,
  before: number,
): { readonly labels: readonly { readonly label: number; readonly row: number }[]; readonly newest: number } {
  const { data, width } = rows;
  const labels: { label: number; row: number }[] = [];
  let newest = before;
  for (let row = 0; row * width < data.length; row++) {
    const best = bestOf(data.subarray(row * width, (row + 1) * width));
    if (best !== 0 && best !== newest) labels.push({ label: best, row });
    newest = best;
  }
  return { labels, newest };
}

/** The label of the largest number; of equals the first. */
export function bestOf(logProbabilities: Float32Array | Float64Array): number {
  let best = 0;
  for (let label = 1; label < logProbabilities.length; label++) {
    if (logProbabilities[label]! > logProbabilities[best]!) best = label;
  }
  return best;
}
