/** `npm run fuzz -- --minutes N [--seed S] [--only TARGET]`: mutated inputs for every parser, and what fails kept for the tests. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { createFuzzer, keepFailure } from './fuzzer.ts';
import { TARGETS } from './targets.ts';

/** How long a target has its turn. */
const TURN_MS = 5_000;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string' },
    only: { type: 'string', multiple: true },
  },
});
const minutes = Number(values.minutes);
const firstSeed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
const targets = TARGETS.filter(({ name }) => values.only?.includes(name) ?? true);
if (!(minutes > 0) || !Number.isInteger(firstSeed) || firstSeed < 0 || targets.length === 0) {
  const names = TARGETS.map(({ name }) => name).join(', ');
  console.error(`Expected --minutes above 0, --seed from 0 on, and --only of ${names}`);
  process.exit(2);
}

console.log(`seed ${firstSeed}`);
const fuzzer = createFuzzer(join(import.meta.dirname, 'targets.ts'));
const counts = new Map(targets.map(({ name }) => [name, 0]));
const known = new Set<string>();
const end = Date.now() + 60_000 * minutes;
// One run for all would spend its time on the first targets; the turns have seeds of their own.
for (let turn = 0; Date.now() < end; turn++) {
  for (const { name } of targets) {
    const ms = Math.min(TURN_MS, (60_000 * minutes) / targets.length, end - Date.now());
    if (ms <= 0) break;
    const { cases, failures } = await fuzzer.run({ target: name, seed: (firstSeed + turn) % 2 ** 32, ms });
    counts.set(name, (counts.get(name) ?? 0) + cases);
    for (const failure of failures) {
      const places = failure.what.split('\n').filter((line) => line.trim().startsWith('at '));
      const kind = `${name} ${places.slice(0, 2).join() || failure.what}`;
      if (known.has(kind)) continue;
      known.add(kind);
      console.log(`\n${name} failed, kept in ${await keepFailure(name, failure)}\n${failure.what}`);
    }
  }
}
fuzzer.close();
console.log('');
for (const [name, count] of counts) console.log(`${name.padEnd(20)} ${count}`);
const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
console.log(`${total} cases, ${known.size} failures, seed ${firstSeed}`);
process.exitCode = known.size === 0 ? 0 : 1;
