/** Low-pass filters by the window method: a sinc under a Kaiser window (Kaiser, 1974; Oppenheim and Schafer, 7.5.3). */

export type LowPassDesign = {
  /** Frequency at which the gain is 1/2, in cycles a sample, below 0.5. */ readonly cutoff: number;
  /** Width from the end of the pass-band to the start of the stop-band, in cycles a sample. */
  readonly transition: number;
  /** Attenuation of the stop-band in dB, above 50. */ readonly attenuation: number;
};

export type LowPass = {
  /** The kernel is zero from this many samples on, either side; a whole number. */ readonly halfWidth: number;
  /** Impulse response at a time in samples, which need not be whole; even, with an integral of 1. */
  readonly kernel: (time: number) => number;
};

export function designLowPass({ cutoff, transition, attenuation }: LowPassDesign): LowPass {
  const shape = 0.1102 * (attenuation - 8.7); // Kaiser's beta
  const order = (attenuation - 7.95) / (2.285 * 2 * Math.PI * transition);
  const halfWidth = Math.ceil(order / 2) + 1;
  const scale = 1 / besselI0(shape);
  return {
    halfWidth,
    kernel: (time) => {
      const ratio = time / halfWidth;
      if (Math.abs(ratio) >= 1) return 0;
      return 2 * cutoff * sinc(2 * cutoff * time) * scale * besselI0(shape * Math.sqrt(1 - ratio * ratio));
    },
  };
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Modified Bessel function of order 0: its power series, whose terms all have one sign, to float64's last digit. */
function besselI0(x: number): number {
  const quarter = (x * x) / 4;
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * Number.EPSILON; k++) {
    term *= quarter / (k * k);
    sum += term;
  }
  return sum;
}
