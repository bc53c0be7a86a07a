/**
 * A time axis on which the past shrinks as the memory lets it: linear for the newest seconds, logarithmic beyond, so that
 * summaries of all levels are alike in size and a day fits beside a second.
 */
export type AgeAxis = {
  /** Pixels from the left of a moment `age` seconds before the end. */ readonly toX: (age: number) => number;
  /** Ages to write at the axis, seconds. */ readonly ticks: readonly number[];
};

/** `linearSeconds` is where the axis turns from linear to logarithmic; `left` to `right` is where it lies. */
export function ageAxis(left: number, right: number, totalSeconds: number, linearSeconds: number): AgeAxis {
  const whole = Math.log1p(totalSeconds / linearSeconds);
  const toX = (age: number): number => right - ((right - left) * Math.log1p(age / linearSeconds)) / whole;
  const ticks = [1, 2, 5, 10, 30, 60, 300, 1800, 3600, 4 * 3600, 24 * 3600].filter((age) => age < totalSeconds);
  return { toX, ticks };
}

/** `90` is `1.5 min`: at most two digits that matter. */
export function durationOf(seconds: number): string {
  const [value, unit] = seconds < 60 ? [seconds, 's'] : seconds < 3600 ? [seconds / 60, 'min'] : [seconds / 3600, 'h'];
  return `${Number(value.toPrecision(2))} ${unit}`;
}
