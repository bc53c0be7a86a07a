/**
 * Who may save a session next. An owner is fenced off where another one has taken the session over, and only there: where
 * records are gone, or are those of an owner before it, the store has lost what was saved, and it saves anew.
 *
 * Records are ordered by the terms of their owners: whoever takes a session over has a higher one (see `termAfter`). So an
 * owner that does not know yet that it was followed, and saves into a store that has lost everything, does not fence off
 * its follower.
 */
import { HearkenError } from '../../src/errors.ts';
import type { SessionRecord, Tenure } from './session-record.ts';

/** The newest record of a session in a store. */
export type Latest = {
  readonly revision: number;
  /** Whose it is, as far as that can be told: a damaged record tells nothing. */ readonly tenure: Tenure | undefined;
};

/** Revision and tenure under which a record may be saved. */
export type Place = {
  readonly revision: number;
  /** Whether the store lacks what this owner had saved before. */ readonly wasLost: boolean;
};

/**
 * The term of an owner that takes a session over from one of `term`: higher, whatever the clock says. Clocks matter only
 * where a store has lost everything, and an owner long followed has saved into it and is followed once more: then they
 * tell the last owner from those between.
 */
export function termAfter(term: number): number {
  return Math.max(term + 1, Date.now());
}

/**
 * The place of `record` where `latest` is the newest that is there. `from`: the record of an owner before, which `record`
 * goes on from; it must be the newest still, or gone. Throws `session/fenced` where another owner goes on with the session.
 */
export function placeOf(record: SessionRecord, latest: Latest | undefined, from?: SessionRecord): Place {
  const { revision, tenure } = record;
  if (latest === undefined) return { revision, wasLost: revision > 1 };
  if (from !== undefined) {
    if (latest.revision !== from.revision || latest.tenure?.id !== from.tenure?.id) throw fenced(record, latest);
    return { revision, wasLost: false };
  }
  const next = Math.max(revision, latest.revision + 1);
  if (latest.tenure === undefined) {
    if (latest.revision >= revision) throw fenced(record, latest);
    return { revision, wasLost: true };
  }
  // A save that seemed to fail may have left its record: that is a newer one of ours, and nothing is lost.
  if (latest.tenure.id === tenure?.id) return { revision: next, wasLost: latest.revision < revision - 1 };
  if (latest.tenure.term >= (tenure?.term ?? 0)) throw fenced(record, latest);
  return { revision: next, wasLost: true };
}

/** The error of an owner that has lost the session to another. */
function fenced({ revision }: SessionRecord, latest: Latest): HearkenError {
  const message = `Expected to go on with the session by revision ${revision}, got revision ${latest.revision} of another owner`;
  return new HearkenError('session/fenced', message);
}
