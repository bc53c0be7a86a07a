/** `npm run build:playground [-- --out FOLDER]`: the page `Attention`, its runtime and its models, as static files; in `dist/playground` unless told. */
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { build } from 'vite';

import { loadBackend } from '../src/backend/backends.ts';
import { exportModel } from '../src/export/export-model.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Models of the page; their graphs are in half precision, in half the bytes. The first is fetched with the page, others when they are asked for. */
const MODELS = [
  'length/bahdanau',
  'length/luong',
  'length/hierarchical',
  'length/fixed-vector',
  'g2p-en',
  'caption-digits',
  'codes-en',
];
const SAMPLES: ReadonlySet<string> = new Set(['phone-number.wav', 'digits.png']);
/** Bytes that the page may fetch before anything is asked of it. */
const MOST = { models: 3e6, runtime: 15e6 };

const { values } = parseArgs({ options: { out: { type: 'string', default: path.join(ROOT, 'dist', 'playground') } } });
const OUT = path.resolve(values.out);

type Part = { readonly name: string; readonly bytes: number };

const configFile = path.join(ROOT, 'playground', 'vite.config.ts');
const output = await build({ configFile, logLevel: 'error', build: { outDir: OUT } });
const { first, later } = partsOf(output);
await cp(path.join(ROOT, 'samples'), path.join(OUT, 'samples'), {
  recursive: true,
  filter: (file) => path.extname(file) === '' || SAMPLES.has(path.basename(file)),
});
await loadBackend();
const models = [];
for (const model of MODELS) models.push(await addModel(model));
await writeFile(path.join(OUT, 'models', 'models.json'), JSON.stringify(models));
const [firstModel, ...otherModels] = models;
for (const [when, parts] of [
  ['to begin with', [...first, firstModel!]],
  ['when it is asked for', [...later, ...otherModels]],
] as const) {
  say(`${megabytes(sum(parts))}  ${when}`);
  for (const { name, bytes } of parts) say(`  ${megabytes(bytes)}  ${name}`);
}
assertBelow('runtime', sum(first));
assertBelow('models', firstModel!.bytes);

/** Writes the configuration and the graphs of `model` into the page's folder. */
async function addModel(model: string): Promise<Part & { readonly cells: readonly string[] }> {
  const name = path.basename(model);
  const folder = path.join(OUT, 'models', name);
  const copy = await mkdtemp(path.join(tmpdir(), 'hearken-playground-'));
  try {
    for (const file of ['config.json', 'model.safetensors']) {
      await cp(path.join(ROOT, 'models', model, file), path.join(copy, file));
    }
    const reports = await exportModel(copy, { precision: 'float16' });
    await mkdir(folder, { recursive: true });
    await cp(path.join(copy, 'config.json'), path.join(folder, 'config.json'));
    for (const { file, cell } of reports) await cp(file, path.join(folder, `${cell}.onnx`));
    return { name, cells: reports.map(({ cell }) => cell), bytes: sum(reports) };
  } finally {
    await rm(copy, { recursive: true });
  }
}

/** What the page fetches at once, and what it imports later. */
function partsOf(built: Awaited<ReturnType<typeof build>>): { readonly first: Part[]; readonly later: Part[] } {
  if (Array.isArray(built) || !('output' in built)) throw new TypeError('Expected one build of the page');
  const isLater = new Set<string>();
  const entries = built.output.filter((file) => file.type === 'chunk' && file.isEntry);
  for (const entry of entries) if (entry.type === 'chunk') for (const name of entry.dynamicImports) isLater.add(name);
  const parts = built.output.map((file) => ({
    name: file.fileName,
    bytes: Buffer.byteLength(file.type === 'chunk' ? file.code : file.source),
  }));
  return {
    first: parts.filter(({ name }) => !isLater.has(name)),
    later: parts.filter(({ name }) => isLater.has(name)),
  };
}

function sum(parts: readonly { readonly bytes: number }[]): number {
  return parts.reduce((total, { bytes }) => total + bytes, 0);
}

function assertBelow(what: keyof typeof MOST, bytes: number): void {
  if (bytes <= MOST[what]) return;
  throw new Error(`Expected at most ${megabytes(MOST[what])} of ${what} to begin with, got ${megabytes(bytes)}`);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2).padStart(6)} MB`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
