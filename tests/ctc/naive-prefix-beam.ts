import type { Hypothesis } from '../../src/ctc/prefix-beam.ts';
import { logAdd, type LogProbabilityRows } from '../../src/ctc/log-probabilities.ts';

type Prefix = { readonly labels: readonly number[]; readonly blank: number; readonly label: number };

/** CTC prefix beam search as one would write it: every prefix of the next row is built, then they are sorted. */
export function naivePrefixBeam(
  { width, data }: LogProbabilityRows,
  { beamSize, allowed }: { readonly beamSize: number; readonly allowed: readonly number[] },
): Hypothesis[] {
  let beam: Prefix[] = [{ labels: [], blank: 0, label: Number.NEGATIVE_INFINITY }];
  for (let start = 0; start < data.length; start += width) {
    const at = (symbol: number): number => data[start + symbol]!; // symbols are less than `width`
    const inBeam = new Map(beam.map((prefix) => [prefix.labels.join(), prefix]));
    const extended = ({ labels, ...prefix }: Prefix, added: number): number =>
      (added === labels.at(-1) ? prefix.blank : total(prefix)) + at(added);
    const next = beam.flatMap((prefix): Prefix[] => {
      const last = prefix.labels.at(-1);
      const parent = last === undefined ? undefined : inBeam.get(prefix.labels.slice(0, -1).join());
      const repeated = last === undefined ? Number.NEGATIVE_INFINITY : prefix.label + at(last);
      const arrived = parent && last !== undefined ? extended(parent, last) : Number.NEGATIVE_INFINITY;
      const stayed = { labels: prefix.labels, blank: total(prefix) + at(0), label: logAdd(repeated, arrived) };
      const longer = allowed.map((added) => ({
        labels: [...prefix.labels, added],
        blank: Number.NEGATIVE_INFINITY,
        label: extended(prefix, added),
      }));
      return [stayed, ...longer.filter(({ labels }) => !inBeam.has(labels.join()))];
    });
    beam = next
      .filter((prefix) => total(prefix) > Number.NEGATIVE_INFINITY)
      .toSorted((a, b) => total(b) - total(a))
      .slice(0, beamSize);
  }
  return beam.map((prefix) => ({ labels: prefix.labels, logProbability: total(prefix) }));
}

function total({ blank, label }: Pick<Prefix, 'blank' | 'label'>): number {
  return logAdd(blank, label);
}
