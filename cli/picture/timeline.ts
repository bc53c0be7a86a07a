/** Feature frames over time in bounded memory: however long the recording, no more than a picture can show. */
export type Timeline = {
  /** `[frameCount, bandCount]`, row-major. */
  push(frames: Float32Array): void;
  /** `[columnCount, bandCount]`, row-major: means over equal stretches of all that was pushed, oldest first. */
  columns(): Float32Array;
};

/** Keeps between `resolution` and twice as many columns: when they are full, each two become one. */
export function createTimeline(bandCount: number, resolution: number): Timeline {
  const sums = new Float32Array(2 * resolution * bandCount);
  let framesPerColumn = 1;
  let frameCount = 0;

  const halve = (): void => {
    for (let column = 0; column < resolution; column++) {
      for (let band = 0; band < bandCount; band++) {
        const first = 2 * column * bandCount + band;
        sums[column * bandCount + band] = (sums[first] ?? 0) + (sums[first + bandCount] ?? 0);
      }
    }
    sums.fill(0, resolution * bandCount);
    framesPerColumn *= 2;
  };

  return {
    push(frames) {
      for (let offset = 0; offset < frames.length; offset += bandCount) {
        if (frameCount === 2 * resolution * framesPerColumn) halve();
        const start = Math.floor(frameCount / framesPerColumn) * bandCount;
        for (let band = 0; band < bandCount; band++)
          sums[start + band] = (sums[start + band] ?? 0) + (frames[offset + band] ?? 0);
        frameCount++;
      }
    },
    columns() {
      const columnCount = Math.ceil(frameCount / framesPerColumn);
      return Float32Array.from({ length: columnCount * bandCount }, (_, index) => {
        const column = Math.floor(index / bandCount);
        // The last column may not be full yet.
        return (sums[index] ?? 0) / Math.min(framesPerColumn, frameCount - column * framesPerColumn);
      });
    },
  };
}
