/** Writes `label`, a percentage and the counts over the same line of stderr whenever the percentage has grown. */
export function createProgressLine(label: string, unit: string = 'utterances'): (done: number, total: number) => void {
  let reported = -1;
  return (done, total) => {
    const percent = Math.floor((100 * done) / total);
    if (percent > reported) {
      reported = percent;
      process.stderr.write(`\r${label} ${percent} % (${done}/${total} ${unit})`);
    }
  };
}
