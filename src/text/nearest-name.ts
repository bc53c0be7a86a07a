import { countErrors } from './error-rate.ts';

/** The name with the fewest letters to change, unless all of them are quite different. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const letters = name.toLowerCase().split('');
  const distances = known.map((each) => {
    const { substitutions, insertions, deletions } = countErrors(each.toLowerCase().split(''), letters);
    return { each, distance: substitutions + insertions + deletions };
  });
  const [nearest] = distances.toSorted((a, b) => a.distance - b.distance);
  return nearest !== undefined && nearest.distance <= Math.max(2, name.length / 3) ? nearest.each : undefined;
}
