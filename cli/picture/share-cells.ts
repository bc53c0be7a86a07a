/** Shares of one word's attention over the past, in cells of equal length; they sum to 1. */
export type ShareCells = {
  readonly shares: Float32Array;
  readonly secondsPerCell: number;
};

/** Joins cells so that at most `maximum` are left. */
export function joinCells({ shares, secondsPerCell }: ShareCells, maximum: number): ShareCells {
  const joined = Math.max(1, Math.ceil(shares.length / maximum));
  const sums = new Float32Array(Math.ceil(shares.length / joined));
  for (const [index, share] of shares.entries()) sums[Math.floor(index / joined)]! += share;
  return { shares: sums, secondsPerCell: secondsPerCell * joined };
}

/** The shares on another grid, by overlap; cells after the last share are 0. */
export function regrid(cells: ShareCells, secondsPerCell: number, cellCount: number): Float32Array {
  const grid = new Float32Array(cellCount);
  for (const [index, share] of cells.shares.entries()) {
    const start = (index * cells.secondsPerCell) / secondsPerCell;
    const end = start + cells.secondsPerCell / secondsPerCell;
    // Rounding must not leave a sliver in the next cell.
    for (let cell = Math.floor(start + 1e-6); cell < end - 1e-6 && cell < cellCount; cell++) {
      const overlap = Math.min(end, cell + 1) - Math.max(start, cell);
      grid[cell]! += (share * overlap) / (end - start);
    }
  }
  return grid;
}
