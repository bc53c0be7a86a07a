/** Hertz to mel: `1127 ln(1 + f / 700)`, the scale of HTK and Kaldi. */
export function hzToMel(hz: number): number {
  return 1127 * Math.log1p(hz / 700);
}

/** The inverse of `hzToMel`. */
export function melToHz(mel: number): number {
  return 700 * Math.expm1(mel / 1127);
}

export type MelFilterbankOptions = {
  /** Hz */ readonly sampleRate: number;
  /** Samples; a power of two. */ readonly fftLength: number;
  readonly bandCount: number;
  /** Lower edge of the first band, Hz. */ readonly lowHz: number;
  /** Upper edge of the last band, Hz. */ readonly highHz: number;
  /** Factor on every band's edges and centre in Hz (vocal tract length perturbation); 1 leaves them alone. */
  readonly warp: number;
};

/** Adds up power in triangular bands: `power` is `[fftLength / 2 + 1]`, `energies` `[bandCount]` is overwritten. */
export type MelFilterbank = (power: Float64Array, energies: Float64Array) => void;

/**
 * Triangles evenly spaced in mel, each from its left neighbour's centre to its right one's, of height 1 and linear in
 * mel: `MelBanks` of Kaldi's `mel-computations.cc`. A bin on an edge counts for nothing, nor does the Nyquist bin.
 */
export function createMelFilterbank(options: MelFilterbankOptions): MelFilterbank {
  const bands = Array.from({ length: options.bandCount }, (_, band) => triangle(options, band));
  const firstBins = Int32Array.from(bands, ({ firstBin }) => firstBin);
  const offsets = new Int32Array(bands.length + 1); // band b's weights: [offsets[b], offsets[b + 1])
  for (const [band, { weights }] of bands.entries()) offsets[band + 1] = (offsets[band] ?? 0) + weights.length;
  const weights = Float64Array.from(bands.flatMap((band) => band.weights));

  return (power, energies) => {
    for (let band = 0; band < firstBins.length; band++) {
      const end = offsets[band + 1] as number; // indices stay inside the arrays built above
      let index = offsets[band] as number;
      let bin = firstBins[band] as number;
      let energy = 0;
      for (; index < end; index++, bin++) energy += (weights[index] as number) * (power[bin] as number);
      energies[band] = energy;
    }
  };
}

function triangle(options: MelFilterbankOptions, band: number): { firstBin: number; weights: number[] } {
  const lowMel = hzToMel(options.lowHz);
  const step = (hzToMel(options.highHz) - lowMel) / (options.bandCount + 1);
  const [left = 0, centre = 0, right = 0] = [band, band + 1, band + 2].map((edge) =>
    hzToMel(options.warp * melToHz(lowMel + step * edge)),
  );
  const weights: number[] = [];
  let firstBin = 0;
  for (let bin = 0; bin < options.fftLength / 2; bin++) {
    const mel = hzToMel((bin * options.sampleRate) / options.fftLength);
    if (mel <= left || mel >= right) continue;
    if (weights.length === 0) firstBin = bin;
    weights.push(mel <= centre ? (mel - left) / (centre - left) : (right - mel) / (right - centre));
  }
  return { firstBin, weights };
}
