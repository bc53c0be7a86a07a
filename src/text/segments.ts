/** What scores of translations share. */
import { HearkenError } from '../errors.ts';

/** The version of sacreBLEU that the scores are tested against. */
export const SACREBLEU_VERSION = '2.6.0';

/** Throws `text/segments` unless there are as many references as hypotheses, at least one. */
export function assertSegments(hypotheses: readonly string[], references: readonly string[]): void {
  if (hypotheses.length > 0 && hypotheses.length === references.length) return;
  throw new HearkenError(
    'text/segments',
    `Expected as many references as hypotheses, at least one, got ${references.length} and ${hypotheses.length}`,
  );
}
