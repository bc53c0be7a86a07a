import FFT from 'fft.js';

/** Power spectrum of a real frame: `frame` is `[fftLength]`, `power` `[fftLength / 2 + 1]` is overwritten. */
export type PowerSpectrum = (frame: Float64Array, power: Float64Array) => void;

/**
 * `|X[k]|^2` through one complex transform of half the length: even samples are its real, odd ones its imaginary part
 * (Sorensen et al., 1987), so `X[k] = E[k] + w^k O[k]` with `w = exp(-2 pi i / fftLength)`,
 * `E = (Z[k] + Z*[M - k]) / 2`, `O = (Z[k] - Z*[M - k]) / 2i`. `fftLength` is a power of two, at least 4.
 */
export function createPowerSpectrum(fftLength: number): PowerSpectrum {
  const half = fftLength / 2;
  const fft = new FFT(half);
  const spectrum = new Float64Array(fftLength); // Z, real and imaginary parts in turn
  const cosines = Float64Array.from({ length: half / 2 + 1 }, (_, k) => Math.cos((2 * Math.PI * k) / fftLength));
  const sines = Float64Array.from({ length: half / 2 + 1 }, (_, k) => Math.sin((2 * Math.PI * k) / fftLength));

  return (frame, power) => {
    fft.transform(spectrum, frame);
    const [real = 0, imaginary = 0] = spectrum;
    power[0] = (real + imaginary) ** 2;
    power[half] = (real - imaginary) ** 2;
    for (let k = 1; k <= half / 2; k++) {
      const mirror = half - k;
      const ar = spectrum[2 * k]!; // k and mirror are below half: every read is inside
      const ai = spectrum[2 * k + 1]!;
      const br = spectrum[2 * mirror]!;
      const bi = spectrum[2 * mirror + 1]!;
      const evenReal = ar + br; // twice E[k] and O[k]: the halves are taken from the power
      const evenImaginary = ai - bi;
      const oddReal = ai + bi;
      const oddImaginary = br - ar;
      const cosine = cosines[k]!;
      const sine = sines[k]!;
      const turnedReal = cosine * oddReal + sine * oddImaginary;
      const turnedImaginary = cosine * oddImaginary - sine * oddReal;
      power[k] = 0.25 * squaredLength(evenReal + turnedReal, evenImaginary + turnedImaginary);
      power[mirror] = 0.25 * squaredLength(evenReal - turnedReal, turnedImaginary - evenImaginary);
    }
  };
}

function squaredLength(real: number, imaginary: number): number {
  return real * real + imaginary * imaginary;
}
