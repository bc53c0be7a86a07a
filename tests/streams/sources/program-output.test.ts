import { lastValueFrom, toArray } from 'rxjs';
import { expect, test } from 'vitest';

import { programOutput, pull } from '../../../streams/index.ts';
import { collect } from '../collect.ts';

/** What node gives that runs `code`. */
const nodeRuns = (code: string) => programOutput(process.execPath, ['-e', code]);

/** Writes numbers, 4 bytes each, for ever, as fast as they are taken. */
const COUNTING = `
  let next = 0;
  const write = () => {
    let goesOn = true;
    while (goesOn) {
      const numbers = new Uint32Array(4096).map((_, index) => next + index);
      next += 4096;
      goesOn = process.stdout.write(Buffer.from(numbers.buffer));
    }
    process.stdout.once('drain', write);
  };
  write();
`;

test('what a program writes comes whole, then the end; each subscription starts it anew', async () => {
  const source = nodeRuns("process.stdout.write('hea'); process.stdout.write('rken')");
  expect(Buffer.concat(await lastValueFrom(source.pipe(toArray()))).toString()).toBe('hearken');
  expect(Buffer.concat(await collect(pull(source))).toString()).toBe('hearken');
});

test('a program that writes faster than it is read waits in its pipe: nothing is lost, order is kept', async () => {
  const numbers: number[] = [];
  let rest = Buffer.alloc(0);
  for await (const bytes of pull(nodeRuns(COUNTING))) {
    rest = Buffer.concat([rest, bytes]);
    for (; rest.length >= 4; rest = rest.subarray(4)) numbers.push(rest.readUInt32LE());
    if (numbers.length > 100_000) break;
    await new Promise((resolve) => setTimeout(resolve, 1)); // slower than it writes
  }
  expect(numbers.every((number, index) => number === index)).toBe(true);
});

test('a program that fails is told of with what it said last', async () => {
  const complaining = nodeRuns("process.stdout.write('a'); console.error('no such device'); process.exitCode = 3");
  await expect(collect(pull(complaining))).rejects.toMatchObject({
    code: 'program/failed',
    message: expect.stringMatching(/to end with status 0, got 3: no such device$/),
  });
});

test('a program that is not there is told of', async () => {
  await expect(lastValueFrom(programOutput('no-such-program-xyz'))).rejects.toMatchObject({
    code: 'program/not-found',
  });
  await expect(lastValueFrom(programOutput('/'))).rejects.toMatchObject({ code: 'program/not-started' });
});

test('an unsubscription ends the program, even one that writes nothing', async () => {
  const silent = nodeRuns('console.log(process.pid); setInterval(() => {}, 1000)');
  let pid = 0;
  const subscription = silent.subscribe((bytes) => {
    pid = Number(Buffer.from(bytes).toString());
  });
  await expect.poll(() => pid, { timeout: 30_000 }).toBeGreaterThan(0);
  expect(isRunning(pid)).toBe(true);
  subscription.unsubscribe();
  await expect.poll(() => isRunning(pid), { timeout: 30_000 }).toBe(false);
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
