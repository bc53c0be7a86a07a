/** A table as lines: columns as wide as their widest cell, two spaces between; those that are `isFigure` are set right. */
export function tableLines(rows: readonly (readonly string[])[], isFigure: readonly boolean[]): string[] {
  const widths = isFigure.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => (isFigure[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
}
