/** Hertz to mel: `1127 ln(1 + f / 700)`, the scale of HTK and Kaldi. */
export function hzToMel(hz: number): number {
  return 1127 * Math.log1p(hz / 700);
}

/** The inverse of `hzToMel`. */
export function melToHz(mel: number): number {
  return 700 * Math.expm1(mel / 1127);
}

export type MelFilterbankOptions = {
  /** Sample rate in Hz. */ readonly sampleRate: number;
  /** Samples; a power of two. */ readonly fftLength: number;
  readonly bandCount: number;
  /** Lower edge of the first band, Hz. */ readonly lowHz: number;
  /** Upper edge of the last band, Hz. */ readonly highHz: number;
  /** Factor on every band's edges and centre in Hz (vocal tract length perturbation); 1 leaves them alone. */
  readonly warp: number;
};

/**
 * Adds up power in triangular bands: `power` is `[fftLength / 2 + 1]`, `energies` `[bandCount]` is overwritten; or of two
 * frames side by side, `[fftLength / 2 + 1, 2]` and `[bandCount, 2]`.
 */
export type MelFilterbank = (power: Float64Array, energies: Float64Array) => void;

/**
 * Triangles evenly spaced in mel, each from its left neighbour's centre to its right one's, of height 1 and linear in
 * mel: `MelBanks` of Kaldi's `mel-computations.cc`. A bin on an outer edge counts for nothing, nor does the Nyquist bin.
 *
 * A bin between two neighbouring edges is on the rising side of one band and on the falling side of the band before:
 * one pass over the bins serves both.
 */
export function createMelFilterbank(options: MelFilterbankOptions): MelFilterbank {
  const edges = warpedEdges(options);
  const { firstBins, rising, falling } = weighBins(options, edges);

  return (power, energies) => {
    let risen = 0;
    for (let side = 0; side <= energies.length; side++) {
      const end = firstBins[side + 1]!; // firstBins has one entry for each edge; bins stay below fftLength / 2
      let up = 0;
      let down = 0;
      for (let bin = firstBins[side]!; bin < end; bin++) {
        const binPower = power[bin]!;
        up += rising[bin]! * binPower;
        down += falling[bin]! * binPower;
      }
      if (side > 0) energies[side - 1] = risen + down;
      risen = up;
    }
  };
}

/** Makes a filterbank as `createMelFilterbank` does, for two frames side by side. */
export function createPairedMelFilterbank(options: MelFilterbankOptions): MelFilterbank {
  const edges = warpedEdges(options);
  const { firstBins, rising, falling } = weighBins(options, edges);
  const { bandCount } = options;

  return (power, energies) => {
    let risen0 = 0;
    let risen1 = 0;
    for (let side = 0; side <= bandCount; side++) {
      const end = firstBins[side + 1]!; // as above
      let up0 = 0;
      let up1 = 0;
      let down0 = 0;
      let down1 = 0;
      for (let bin = firstBins[side]!; bin < end; bin++) {
        const power0 = power[2 * bin]!;
        const power1 = power[2 * bin + 1]!;
        up0 += rising[bin]! * power0;
        up1 += rising[bin]! * power1;
        down0 += falling[bin]! * power0;
        down1 += falling[bin]! * power1;
      }
      if (side > 0) {
        energies[2 * side - 2] = risen0 + down0;
        energies[2 * side - 1] = risen1 + down1;
      }
      risen0 = up0;
      risen1 = up1;
    }
  };
}

/** Mel of the lowest edge, of every band's centre, and of the highest edge: `[bandCount + 2]`. */
function warpedEdges({ bandCount, lowHz, highHz, warp }: MelFilterbankOptions): number[] {
  const lowMel = hzToMel(lowHz);
  const step = (hzToMel(highHz) - lowMel) / (bandCount + 1);
  return Array.from({ length: bandCount + 2 }, (_, edge) => hzToMel(warp * melToHz(lowMel + step * edge)));
}

/** `firstBins[edge]` is the first bin above an edge; `rising` and `falling`, `[fftLength / 2]`, are weights of bins. */
function weighBins({ sampleRate, fftLength }: MelFilterbankOptions, edges: readonly number[]) {
  const bins = Float64Array.from({ length: fftLength / 2 }, (_, bin) => hzToMel((bin * sampleRate) / fftLength));
  const firstBins = Int32Array.from(edges, (edge) => bins.filter((mel) => mel <= edge).length);
  const rising = new Float64Array(bins.length);
  const falling = new Float64Array(bins.length);
  for (const [edge, left] of edges.slice(0, -1).entries()) {
    const right = edges[edge + 1]!; // edge + 1 is at most the last index
    for (let bin = firstBins[edge]!; bin < firstBins[edge + 1]!; bin++) {
      rising[bin] = (bins[bin]! - left) / (right - left);
      falling[bin] = 1 - rising[bin]!;
    }
  }
  return { firstBins, rising, falling };
}
