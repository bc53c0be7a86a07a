export type Tick = {
  /** Seconds */ readonly time: number;
  readonly label: string;
};

/** Steps between ticks, in seconds, that people read with ease. */
const STEPS = [
  0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 43_200, 86_400,
];

/** Ticks over `duration` seconds, from 0, at most about `count` of them. */
export function timeTicks(duration: number, count: number): Tick[] {
  const step = STEPS.find((seconds) => duration / seconds <= count) ?? Math.ceil(duration / count / 86_400) * 86_400;
  const last = Math.floor(duration / step + 1e-9);
  return Array.from({ length: last + 1 }, (_, index) => ({ time: index * step, label: clock(index * step, step) }));
}

/** `12.5`, `1:05`, `2:00:30`: as short as the resolution `step` (in seconds) allows. */
function clock(time: number, step: number): string {
  if (time < 60) return step < 1 ? time.toFixed(1) : `${Math.round(time)}`;
  const whole = Math.floor(time + 1e-9);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const seconds = `${whole % 60}`.padStart(2, '0');
  const fraction = step < 1 ? (time - whole).toFixed(1).slice(1) : '';
  if (hours === 0) return `${minutes}:${seconds}${fraction}`;
  return `${hours}:${`${minutes}`.padStart(2, '0')}:${seconds}${fraction}`;
}
