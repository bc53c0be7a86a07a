/** What is written and said: one type a kind. */

/** Fields by kind. */
type Fields = {
  readonly cardinal: { /** 0..999,999,999,999 */ readonly value: number };
  readonly ordinal: { /** 1..999,999 */ readonly value: number };
  readonly year: { /** 1000..2999 */ readonly value: number };
  readonly date: {
    /** 1000..2999 */ readonly year: number;
    /** 1..12 */ readonly month: number;
    /** 1..31 */ readonly day: number;
  };
  readonly time: { /** 0..23 */ readonly hour: number /** 0..59 */; readonly minute: number };
  readonly amount: { /** Hundredths of a unit of currency, 0..99,999,999. */ readonly cents: number };
};

export type Kind = keyof Fields;

export const KINDS: readonly Kind[] = ['cardinal', 'ordinal', 'year', 'date', 'time', 'amount'];

/** A quantity of one of the kinds `K`. */
export type Quantity<K extends Kind = Kind> = { [P in K]: { readonly kind: P } & Fields[P] }[K];

/** A function a kind, of quantities of that kind. */
export type ByKind<Result> = { readonly [P in Kind]: (quantity: Quantity<P>) => Result };
