export type Tick = {
  /** Time of the mark in seconds. */ readonly time: number;
  readonly label: string;
};

/** How all times of one picture are written. */
export type Clock = {
  /** Name of the parts of a time, for a caption. */ readonly unit: string;
  /** `decimals` of the seconds. */ readonly write: (seconds: number, decimals: number) => string;
};

/** Steps between ticks, in seconds, that people read with ease. */
const STEPS = [
  0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 43_200, 86_400,
];

/** Ticks over `duration` seconds, from 0, at most about `count` of them. */
export function timeTicks(duration: number, count: number): Tick[] {
  const step = STEPS.find((seconds) => duration / seconds <= count) ?? Math.ceil(duration / count / 86_400) * 86_400;
  const last = Math.floor(duration / step + 1e-9);
  const { write } = clockFor(duration);
  return Array.from({ length: last + 1 }, (_, index) => {
    const time = index * step;
    return { time, label: write(time, step < 1 ? 1 : 0) };
  });
}

/** The clock of a picture of `duration` seconds: `12.5`, from a minute on `0:12.5`, from an hour on `0:00:12.5`. */
export function clockFor(duration: number): Clock {
  if (duration < 60) return { unit: 'seconds', write: (seconds, decimals) => seconds.toFixed(decimals) };
  const hasHours = duration >= 3600;
  return {
    unit: hasHours ? 'hours:minutes:seconds' : 'minutes:seconds',
    write: (time, decimals) => {
      const ticks = Math.round(time * 10 ** decimals);
      const [whole, rest] = [Math.floor(ticks / 10 ** decimals), ticks % 10 ** decimals];
      const fraction = decimals === 0 ? '' : `.${`${rest}`.padStart(decimals, '0')}`;
      const pair = (value: number) => `${value}`.padStart(2, '0');
      const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
      const before = hasHours ? `${hours}:${pair(minutes)}` : `${minutes}`;
      return `${before}:${pair(whole % 60)}${fraction}`;
    },
  };
}
