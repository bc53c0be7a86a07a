import type { DecoderStep } from '../search/decoder-step.ts';
import { concatenate } from '../tensor/concatenate.ts';
import type { DecodedRow, DecoderRow } from './decode-together.ts';

/** A label sequence that some hypothesis begins with. */
type Prefix = {
  readonly token: number;
  /** The prefix without its last label; none for the start. */ readonly parent: Prefix | undefined;
  readonly extended: Map<number, Prefix>;
  /** What the decoder made of it, once it was asked. */ decoded: DecodedRow | undefined;
};

/**
 * Searches over one utterance that share what they have in common: each prefix is a row of `decode` once, whichever
 * search and whichever hypothesis comes to it. So candidates of CTC's that the attention decoder's own beam went through
 * cost nothing more, and the others only from where they part.
 *
 * What is returned opens a search, from the decoder's start.
 */
export function sharePrefixes(
  decode: (rows: readonly DecoderRow[]) => Promise<readonly DecodedRow[]>,
): () => DecoderStep {
  const start = prefixOf(0, undefined);
  return () => {
    let hypotheses: readonly Prefix[] = [];
    return async (tokens, parents) => {
      hypotheses = Array.from(tokens, (token, index) => {
        const parent = hypotheses[parents[index] ?? 0];
        return parent === undefined ? start : extend(parent, token);
      });
      const undecoded = [...new Set(hypotheses.filter(({ decoded }) => decoded === undefined))];
      if (undecoded.length > 0) {
        const rows = await decode(undecoded.map(({ token, parent }) => ({ token, state: parent?.decoded?.state })));
        for (const [index, prefix] of undecoded.entries()) prefix.decoded = rows[index];
      }
      const decoded = hypotheses.map((prefix) => prefix.decoded as DecodedRow); // just made, or before
      const logProbabilities = decoded.map((row) => row.logProbabilities);
      return {
        logProbabilities: { width: logProbabilities[0]?.length ?? 0, data: concatenate(logProbabilities) },
        alignment: concatenate(decoded.map(({ alignment }) => alignment)),
      };
    };
  };
}

function prefixOf(token: number, parent: Prefix | undefined): Prefix {
  return { token, parent, extended: new Map(), decoded: undefined };
}

function extend(parent: Prefix, token: number): Prefix {
  const known = parent.extended.get(token) ?? prefixOf(token, parent);
  parent.extended.set(token, known);
  return known;
}
