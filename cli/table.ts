/** Prints columns as wide as their content; cells that are figures are set right. */
export function printTable(header: readonly string[], rows: readonly (readonly string[])[]): void {
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const isFigure = header.map(
    (_, column) => rows.length > 0 && rows.every((row) => /^-?[\d.,e+-]*( %)?$/.test(row[column] ?? '')),
  );
  for (const line of lines) {
    const cells = line.map((cell, column) =>
      isFigure[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
    );
    process.stdout.write(`${cells.join('  ').trimEnd()}\n`);
  }
}
