/** `npm run -s bench -- NAME [--json] [options of the benchmark]`: runs one benchmark and prints its rows as a table, or as JSON with the machine. */
import { readdirSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';

import { tableLines } from '../src/text/table.ts';

/** The default export of a benchmark file. Its options come by name, as they were typed. */
type Benchmark = (options: Readonly<Record<string, string>>) => Promise<{
  readonly rows: readonly Record<string, unknown>[];
  readonly notes?: readonly string[];
  /** Figures that sum up the rows. */ readonly figures?: Record<string, unknown>;
}>;

/** A benchmark file; `OPTIONS` are the names of its options, each with a value. */
type Module = { readonly default: Benchmark; readonly OPTIONS?: readonly string[] };

/** Files of this folder that are no benchmarks. */
const OTHER_FILES = new Set([
  'main',
  'long-recording',
  'live-streams',
  'serve-process',
  'bench-server',
  'stage-times',
  'sequence-writer',
]);

const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length))
  .filter((name) => !OTHER_FILES.has(name));
const name = process.argv.slice(2).find((argument) => !argument.startsWith('-'));

if (name === undefined || !names.includes(name)) {
  process.stderr.write(`Expected the name of a benchmark (${names.join(', ')}), got ${name ?? 'nothing'}\n`);
  process.exitCode = 2;
} else {
  // The file was found in this folder; what it exports is checked by calling it.
  const { default: run, OPTIONS = [] } = (await import(`./${name}.ts`)) as Module;
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      ...Object.fromEntries(OPTIONS.map((option) => [option, { type: 'string' } as const])),
    },
    allowPositionals: true,
  });
  const { json, ...options } = values as { json: boolean } & Record<string, string>; // as declared above
  const { rows, notes = [], figures = {} } = await run(options);
  if (json) {
    process.stdout.write(
      `${JSON.stringify({ benchmark: name, machine: machine(), rows, ...figures, notes }, null, 2)}\n`,
    );
  } else {
    printTable(rows);
    for (const note of notes) process.stdout.write(`${note}\n`);
  }
}

function machine(): Record<string, unknown> {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    platform: `${process.platform}-${process.arch}`,
    node: process.version,
  };
}

/** Left-aligned text, right-aligned numbers, one line a row. */
function printTable(rows: readonly Record<string, unknown>[]): void {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = rows.map((row) => columns.map((column) => format(row[column])));
  const isNumeric = columns.map((column) => rows.some((row) => typeof row[column] === 'number'));
  const rules = columns.map((column, i) =>
    '-'.repeat(Math.max(column.length, ...cells.map((row) => row[i]?.length ?? 0))),
  );
  for (const line of tableLines([columns, rules, ...cells], isNumeric)) process.stdout.write(`${line}\n`);
}

function format(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'object' && !Array.isArray(value)) {
    return Object.entries(value)
      .map(([key, part]) => `${key} ${format(part)}`)
      .join(', ');
  }
  if (typeof value !== 'number') return typeof value === 'string' ? value : JSON.stringify(value);
  return Number.isInteger(value) ? String(value) : value.toPrecision(4);
}
