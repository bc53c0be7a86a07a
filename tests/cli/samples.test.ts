import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import { runCommand } from './run-command.ts';

const SAMPLES = readdirSync('samples').filter((file) => file.endsWith('.wav'));

test.each(SAMPLES)('the shipped model hears what is said in %s', async (sample) => {
  const { stdout } = await runCommand('transcribe', '--json', `samples/${sample}`);
  const [transcript] = JSON.parse(stdout) as { text: string }[];
  expect(transcript?.text).toBe(readFileSync(`samples/${sample.replace('.wav', '.txt')}`, 'utf8').trim());
});
