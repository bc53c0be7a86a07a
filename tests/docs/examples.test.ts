import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Examples run in a folder of the package, where `node_modules` is found, that git ignores. */
const FOLDER = `${ROOT}.runs/examples`;

beforeAll(() => mkdir(FOLDER, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

/** The TypeScript blocks of a document. */
function examplesOf(document: string): string[] {
  const text = readFileSync(`${ROOT}${document}`, 'utf8');
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code);
}

/** Runs an example as it stands, with this package's sources for `hearken`; gives what it logged, a line a call. */
async function runExample(name: string, code: string): Promise<string[]> {
  const logged: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((...values: unknown[]) => {
    logged.push(values.join(' '));
  });
  const file = `${FOLDER}/${name}.ts`;
  await writeFile(file, code.replaceAll("'hearken'", JSON.stringify(`${ROOT}src/index.ts`)));
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
