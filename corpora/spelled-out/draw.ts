/** Quantities drawn at random: pure functions of a generator. */
import type { Random } from '../../src/tensor/random.ts';
import { integerBetween } from '../draw.ts';
import type { Kind, Quantity } from './quantity.ts';

/**
 * A cardinal of exactly `digits` decimal digits, 1 to 12. Half of them are round: each digit but the first is 0 with
 * probability 1/2 or more, so that words that stand for no digit ("and", 零) are met as often as they are said.
 */
export function drawCardinal(random: Random, digits: number): number {
  const isRound = random.integer(2) === 0;
  let value = integerBetween(random, digits === 1 ? 0 : 1, 9);
  for (let place = 1; place < digits; place++) {
    const digit = random.integer(10);
    value = 10 * value + (isRound && random.integer(2) === 0 ? 0 : digit);
  }
  return value;
}

/** A year from 1000 to 2099; half of them are of 1900 or later. */
export function drawYear(random: Random): number {
  return random.integer(2) === 0 ? integerBetween(random, 1000, 1899) : integerBetween(random, 1900, 2099);
}

type Draw<K extends Kind> = (random: Random, digits: number) => Quantity<K>;

const DRAWS: { readonly [K in Kind]: Draw<K> } = {
  cardinal: (random, digits) => ({ kind: 'cardinal', value: cardinalUpTo(random, digits) }),
  ordinal: (random, digits) => ({ kind: 'ordinal', value: Math.max(1, cardinalUpTo(random, Math.min(digits, 6))) }),
  year: (random) => ({ kind: 'year', value: drawYear(random) }),
  date: (random) => {
    const [year, month] = [drawYear(random), integerBetween(random, 1, 12)];
    const days = new Date(Date.UTC(year, month, 0)).getUTCDate(); // the day before the next month's first
    return { kind: 'date', year, month, day: integerBetween(random, 1, days) };
  },
  time: (random) => {
    const [hour, isEven] = [random.integer(24), random.integer(2) === 0];
    return { kind: 'time', hour, minute: isEven ? 5 * random.integer(12) : random.integer(60) };
  },
  amount: (random, digits) => {
    const units = cardinalUpTo(random, Math.min(digits, 6));
    return { kind: 'amount', cents: 100 * units + (random.integer(2) === 0 ? random.integer(100) : 0) };
  },
};

function cardinalUpTo(random: Random, digits: number): number {
  return drawCardinal(random, integerBetween(random, 1, digits));
}

/**
 * A quantity of `kind`. Cardinals have 1 to `digits` digits, each count equally often; so have ordinals and whole units of
 * an amount, but at most 6 of them. The other kinds do not look at `digits`.
 */
export function drawQuantity<K extends Kind>(random: Random, kind: K, digits: number): Quantity<K> {
  return DRAWS[kind](random, digits);
}
