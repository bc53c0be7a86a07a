/**
 * `npm run mutation [-- PATH ... --minutes N]`: changes the sources of PATH (a folder or file of src/) in one place at a time, and
 * says which changes no test in the folder of that name under tests/ notices. A score is the share of changes that are noticed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** What is pure and fast: no sockets, processes or models. */
const PURE = [
  'src/attribution',
  'src/audio',
  'src/ctc',
  'src/memory/schedule.ts',
  'src/memory/state.ts',
  'src/memory/update.ts',
  'src/queue',
  'src/tensor',
  'src/text',
];

const ROOT = fileURLToPath(new URL('../', import.meta.url));
/** As stryker.config.json says. */
const EVENTS = join(ROOT, '.runs/mutation/events');

/** Fields of Stryker's report on a mutant. */
type Mutant = {
  readonly status: 'Killed' | 'Survived' | 'NoCoverage' | 'Timeout' | 'RuntimeError' | 'CompileError' | 'Ignored';
  readonly fileName: string;
  readonly location: { readonly start: { readonly line: number; readonly column: number } };
  readonly replacement?: string;
};

const { values, positionals } = parseArgs({ allowPositionals: true, options: { minutes: { type: 'string' } } });
const minutes = Number(values.minutes ?? Number.POSITIVE_INFINITY);
if (!(minutes > 0)) throw new RangeError(`Expected --minutes to be a number above 0, got ${values.minutes}`);

for (const path of positionals.length > 0 ? positionals : PURE) {
  const { mutants, isWhole } = await mutate(path.replace(/\/$/, ''));
  printSurvivors(mutants);
  printScore(path, mutants, isWhole);
}

/** Every mutant that was tested within the time. */
async function mutate(path: string): Promise<{ readonly mutants: readonly Mutant[]; readonly isWhole: boolean }> {
  rmSync(EVENTS, { recursive: true, force: true });
  const mutated = path.endsWith('.ts') ? path : `${path}/**/*.ts`;
  const child = spawn(join(ROOT, 'node_modules/.bin/stryker'), ['run', '--mutate', mutated], {
    cwd: ROOT,
    env: { ...process.env, MUTATION_TESTS: `tests/${path.split('/')[1]}` },
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true, // a group of its own, so that its workers end with it
  });
  const end = (): void => void process.kill(-child.pid!, 'SIGTERM'); // it was started
  const timer = Number.isFinite(minutes) ? setTimeout(end, minutes * 60_000) : undefined;
  process.once('SIGINT', end);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearTimeout(timer);
  process.off('SIGINT', end);
  const told = (existsSync(EVENTS) ? readdirSync(EVENTS) : []).filter((name) => name.endsWith('-onMutantTested.json'));
  const mutants = told.map((name) => JSON.parse(readFileSync(join(EVENTS, name), 'utf8')) as Mutant); // Stryker's
  return { mutants, isWhole: code === 0 };
}

function printSurvivors(mutants: readonly Mutant[]): void {
  for (const { status, fileName, location, replacement } of mutants) {
    if (status !== 'Survived' && status !== 'NoCoverage') continue;
    const place = `${fileName.replace(ROOT, '')}:${location.start.line}:${location.start.column}`;
    process.stdout.write(`${status === 'Survived' ? 'survived' : 'untested'} ${place}  ${replacement ?? ''}\n`);
  }
}

function printScore(path: string, mutants: readonly Mutant[], isWhole: boolean): void {
  const count = (...statuses: readonly Mutant['status'][]): number =>
    mutants.filter(({ status }) => statuses.includes(status)).length;
  const killed = count('Killed', 'Timeout');
  const valid = killed + count('Survived', 'NoCoverage');
  if (valid === 0) {
    process.exitCode = 1;
    process.stdout.write(`${path}: no change was tested\n`);
    return;
  }
  const score = ((100 * killed) / valid).toFixed(1);
  process.stdout.write(`${path}: ${score} % of ${valid} changes noticed${isWhole ? '' : ' (the time was up)'}\n`);
}
