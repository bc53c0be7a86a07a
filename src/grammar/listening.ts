/** How long a stream listens for a code: when its utterances end, and when nobody has said anything. */
import { assertNumber } from '../errors.ts';

/** Part of a form; times in milliseconds. */
export type ListeningChoice = {
  /**
   * Silence that ends an utterance whose code is not whole yet, 100..10,000: people pause between groups. Never less than the pause that ends other
   * utterances of the stream. Default 2,500.
   */
  readonly incompletePauseMs?: number | undefined;
  /**
   * Silence after which a code is final that is whole and that nothing may follow, 100..10,000, but never more than the pause that ends other utterances
   * of the stream: 10,000 switches the early end off. Default 300.
   */
  readonly completePauseMs?: number | undefined;
  /** Time without an utterance after which a stream tells of `no-input`, once, 100..600,000. Default: never. */
  readonly noInputMs?: number | undefined;
};

export const LISTENING_NAMES: readonly (keyof ListeningChoice)[] = [
  'incompletePauseMs',
  'completePauseMs',
  'noInputMs',
];

/** A choice with its defaults. */
export type Listening = {
  readonly incompletePauseMs: number;
  readonly completePauseMs: number;
  readonly noInputMs: number | undefined;
};

/** What was chosen, and the defaults of the rest. Throws `option/out-of-range`. */
export function listeningOf({
  incompletePauseMs = 2_500,
  completePauseMs = 300,
  noInputMs,
}: ListeningChoice): Listening {
  assertNumber('incompletePauseMs', incompletePauseMs, 100, 10_000);
  assertNumber('completePauseMs', completePauseMs, 100, 10_000);
  if (noInputMs !== undefined) assertNumber('noInputMs', noInputMs, 100, 600_000);
  return { incompletePauseMs, completePauseMs, noInputMs };
}
