import type { Random } from '../tensor/random.ts';

/** `items` in a random order (Fisher-Yates). */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = random.integer(last + 1);
    [order[last], order[other]] = [order[other] as T, order[last] as T]; // both in 0..last
  }
  return order;
}
