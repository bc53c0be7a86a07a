import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';

import { initRecall } from '../../src/tokens/network.ts';
import { Random } from '../../src/tensor/random.ts';
import { encodeSafetensors } from '../../src/tensor/safetensors.ts';
import { EXAMPLE_CONFIG } from '../model/example-config.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Examples run in a folder of the package, where `node_modules` is found, that git ignores. */
const FOLDER = `${ROOT}.runs/examples`;

beforeAll(() => mkdir(FOLDER, { recursive: true }));
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** The TypeScript blocks of a document. */
function examplesOf(document: string): string[] {
  const text = readFileSync(`${ROOT}${document}`, 'utf8');
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code);
}

/** Runs an example as it stands, with this package's sources for `hearken` and `hearken/streams`; gives what it logged, a line a call. */
async function runExample(name: string, code: string): Promise<string[]> {
  const logged: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((...values: unknown[]) => {
    logged.push(values.join(' '));
  });
  const file = `${FOLDER}/${name}.ts`;
  const own = code
    .replaceAll("'hearken'", JSON.stringify(`${ROOT}src/index.ts`))
    .replaceAll("'hearken/streams'", JSON.stringify(`${ROOT}streams/index.ts`));
  await writeFile(file, own);
  await import(/* @vite-ignore */ pathToFileURL(file).href);
  return logged;
}

test("the README's example prints what is said in the sample, with times", async () => {
  const [code = ''] = examplesOf('README.md');
  const [text, ...words] = await runExample('readme', code);
  expect(text).toBe(readFileSync(`${ROOT}samples/phone-number.txt`, 'utf8').trim());
  expect(words.map((line) => line.split(' ').at(-1)).join(' ')).toBe(text);
  for (const line of words) expect(line).toMatch(/^\d+\.\d\d \d+\.\d\d [a-z]+$/);
});

test('the guide listens to a stream: partial words, an endpoint, final words', async () => {
  const [, code = ''] = examplesOf('docs/guides/streaming-library.md');
  const lines = await runExample('stream', code);
  expect(lines.some((line) => line.startsWith('... five'))).toBe(true);
  expect(lines.some((line) => / s: (silence|end)$/.test(line))).toBe(true);
  const said = lines.filter((line) => /^[a-z]+ [\d.]+ [\d.]+ [\d.]+$/.test(line)).map((line) => line.split(' ')[0]);
  expect(said.join(' ')).toBe(readFileSync(`${ROOT}samples/phone-number.txt`, 'utf8').trim());
});

test('the guide tells errors apart by their code', async () => {
  const code = examplesOf('docs/guides/streaming-library.md').at(-1) ?? '';
  expect(await runExample('errors', code)).toEqual(['train one first']);
});

describe("the RxJS guide's example", () => {
  const [, recording = '', microphone = '', queue = '', twice = '', tokens = ''] = examplesOf('docs/guides/rxjs.md');
  const said = (sample: string): string => readFileSync(`${ROOT}samples/${sample}.txt`, 'utf8').trim();

  test('of a recording prints what is said in it', async () => {
    expect(await runExample('rxjs-recording', recording)).toEqual([said('phone-number')]);
  });

  test('of a microphone prints what is said into it', async () => {
    const folder = `${FOLDER}/programs`;
    await mkdir(folder, { recursive: true });
    const arecord = `#!/bin/sh\n[ "$*" = "-q -t raw -f S16_LE -r 16000" ] && tail -c +45 '${ROOT}samples/phone-number.wav'\n`;
    await writeFile(`${folder}/arecord`, arecord, { mode: 0o755 });
    vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`);
    const once = vi.spyOn(process, 'once');
    const logged = await runExample('rxjs-microphone', microphone);
    await expect.poll(() => logged, { timeout: 60_000 }).toEqual([said('phone-number')]);
    expect(once).toHaveBeenCalledWith('SIGINT', expect.any(Function));
    process.removeListener('SIGINT', once.mock.calls.find(([event]) => event === 'SIGINT')?.[1] ?? (() => {}));
  });

  test('of a queue ends with an error when it overruns its bound, which it never passed', async () => {
    const [message, marks] = await runExample('rxjs-queue', queue);
    expect(message).toBe('Expected room in the queue for one more item, got one that holds 160000 of 160000');
    expect(marks).toBe('160000 0');
  });

  test('of decoding twice prints what each grammar hears', async () => {
    const [digits, letters] = await runExample('rxjs-twice', twice);
    expect(digits).toBe(`digits ${said('pin')}`);
    expect(letters).toMatch(/^letters( [a-z])*$/);
  });

  test('of tokens prints an answer at the end of them', async () => {
    const folder = `${FOLDER}/salient-recall`; // untrained: any answer is as good
    const config = { memory: EXAMPLE_CONFIG.memory, labelCount: 64, alphabetSize: 66 };
    await mkdir(folder, { recursive: true });
    await writeFile(`${folder}/config.json`, JSON.stringify(config));
    await writeFile(`${folder}/model.safetensors`, encodeSafetensors(initRecall(config, Random.seeded(1))));
    const [answer] = await runExample('rxjs-tokens', tokens.replace('.runs/salient-recall', folder));
    expect(answer).toMatch(/^after 10002 tokens: \d+$/);
  });
});
