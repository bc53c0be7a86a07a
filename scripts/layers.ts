/**
 * Which folder may import which: the one table. `npx tsx scripts/layers.ts` writes it into ARCHITECTURE.md and, as rules
 * of lint, into layers.oxlintrc.json; a test holds both against it.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

export type Layer = {
  readonly folder: string;
  readonly holds: string;
  /** Folders of ours that it may import, beside itself. */ readonly imports: readonly string[];
  /** The packages of `GUARDED_PACKAGES` that the layer may import. */ readonly packages?: readonly string[];
};

/** Folders inside `src/`: each may import those before it, so that no two import each other. */
const ENGINE: readonly Omit<Layer, 'imports'>[] = [
  {
    folder: 'src/tensor',
    holds: 'shapes, host arrays, safetensors, snapshots, a seeded generator',
    packages: ['node', 'tfjs'],
  },
  { folder: 'src/queue', holds: 'the one bounded queue; browsers run it, too' },
  { folder: 'src/text', holds: 'vocabulary, grammars, words, error rates, subtitles', packages: ['node'] },
  {
    folder: 'src/grammar',
    holds: 'grammars as automata over labels: patterns of codes, rules, phrases, ways of speaking, walks, check digits',
  },
  { folder: 'src/audio', holds: 'recordings of all kinds, resampling, log-mel, running mean', packages: ['node'] },
  {
    folder: 'src/cell',
    holds: 'cells (pure functions over tensors) and the executors that run them',
    packages: ['node', 'tfjs', 'onnxruntime'],
  },
  { folder: 'src/attention', holds: 'scores, and attending by them', packages: ['node', 'tfjs'] },
  {
    folder: 'src/encoder',
    holds: 'encoders: recurrent one way or both, convolutional, dilated, self-attention',
    packages: ['node', 'tfjs'],
  },
  {
    folder: 'src/cold',
    holds: 'cold stores: keys and values of a stream’s past, found again by search or by a walk down its tree',
    packages: ['node'],
  },
  {
    folder: 'src/memory',
    holds: 'the schedule (integers only), summarise, read; naive, parallel and streaming form; attribution',
    packages: ['node', 'tfjs'],
  },
  {
    folder: 'src/ctc',
    holds: 'CTC: head, loss, greedy and prefix-beam search, scores, alignment',
    packages: ['node', 'tfjs'],
  },
  {
    folder: 'src/decoder',
    holds: 'the attention decoder in Bahdanau’s and Luong’s order; its search, for many sequences at once',
    packages: ['node', 'tfjs'],
  },
  {
    folder: 'src/model',
    holds: 'configuration by parts, checkpoint folder, the pass over sequences, cells',
    packages: ['node', 'tfjs'],
  },
  { folder: 'src/export', holds: 'tracing cells to ONNX', packages: ['node', 'tfjs'] },
  { folder: 'src/backend', holds: 'tfjs backends, devices, worker threads', packages: ['node', 'tfjs', 'onnxruntime'] },
  {
    folder: 'src/recognizer',
    holds: 'streams of audio to words: the batching engine, both passes, states, events',
    packages: ['node'],
  },
  {
    folder: 'src/sequence',
    holds: 'models that write about sequences of symbols: whole ones and streams, hypotheses with alignments',
    packages: ['node'],
  },
  {
    folder: 'src/lexicon',
    holds: 'how words are said: the dictionary, and what a model spells of the others',
  },
  { folder: 'src/tokens', holds: 'streams of tokens: model, states, answers', packages: ['node', 'tfjs'] },
  { folder: 'src/training', holds: 'losses, optimizer, loop, recipes, manifests, tasks', packages: ['node', 'tfjs'] },
  {
    folder: 'src/losses',
    holds: 'losses of walks and of choices; all losses, as users import them',
    packages: ['tfjs'],
  },
];

export const LAYERS: readonly Layer[] = [
  ...ENGINE.map((layer, index) => ({ ...layer, imports: ENGINE.slice(0, index).map(({ folder }) => folder) })),
  {
    folder: 'streams',
    holds: 'RxJS: sources, operators from bytes to words',
    imports: ['src'],
    packages: ['node', 'rxjs'],
  },
  {
    folder: 'corpora',
    holds: 'speech for training and evaluation: synthesis, clips, noise, evaluation sets',
    imports: ['src'],
    packages: ['node'],
  },
  {
    folder: 'client',
    holds: 'the client of live streams, for browsers and Node: no dependency',
    imports: ['src/queue', 'src/grammar'],
  },
  {
    folder: 'server',
    holds: 'WebSockets and HTTP: the engine’s thread, protocols, sessions, limits, metrics',
    imports: ['src', 'streams', 'client'],
    packages: ['node', 'rxjs'],
  },
  {
    folder: 'console',
    holds: 'the page at `/` (vite, Preact): microphone, words, the memory',
    imports: ['client', 'src'],
  },
  {
    folder: 'playground',
    holds:
      'the page `Attention`, with no server behind it (vite, Preact): models that run in the browser, and where they look',
    imports: ['client', 'src', 'server', 'console'],
    packages: ['onnxruntime'],
  },
  {
    folder: 'models',
    holds: 'a folder a model: configuration, weights, ONNX graphs, card, recipe',
    imports: ['src', 'corpora'],
    packages: ['node'],
  },
  {
    folder: 'cli',
    holds: 'the `hearken` command, a file a subcommand',
    imports: ['src', 'streams', 'client', 'server', 'corpora', 'models'],
    packages: ['node', 'rxjs', 'terminal'],
  },
  {
    folder: 'bench',
    holds: 'a file a benchmark; each prints a table or JSON',
    imports: ['src', 'streams', 'client', 'server', 'corpora', 'models', 'scripts', 'tests'],
    packages: ['node', 'tfjs', 'onnxruntime', 'rxjs', 'ws', 'terminal'],
  },
  {
    folder: 'scripts',
    holds: 'what is run by hand: data, samples, native TensorFlow, this table',
    imports: ['src', 'streams', 'client', 'server', 'corpora', 'models', 'bench'],
    packages: ['node', 'tfjs', 'onnxruntime', 'rxjs', 'ws', 'terminal'],
  },
];

/** Packages that only the layers which name them may import. */
const GUARDED_PACKAGES: Readonly<Record<string, string>> = {
  tfjs: '^@tensorflow/',
  onnxruntime: '^onnxruntime',
  rxjs: '^rxjs(/|$)',
  ws: '^ws(/|$)',
  terminal: '^(commander|cli-progress|pngjs)(/|$)',
  node: '^node:',
};
/** The only file of a layer that may import a package which the layer may not. */
const EXCEPTIONS = [{ files: 'server/websockets.ts', layer: 'server', packages: ['ws'] }];

type Pattern = { readonly regex: string; readonly message: string };

/** The rules as a configuration that `.oxlintrc.json` extends. */
export function lintRules(layers: readonly Layer[] = LAYERS): object {
  const overrides = layers.map((layer) => ({ files: [`${layer.folder}/**`], ...rule(patternsOf(layers, layer)) }));
  const exceptions = EXCEPTIONS.flatMap(({ files, layer, packages }) => {
    const own = layers.find(({ folder }) => folder === layer);
    if (own === undefined) return [];
    const wider = { ...own, packages: [...(own.packages ?? []), ...packages] };
    return [{ files: [files], ...rule(patternsOf(layers, wider)) }];
  });
  return { overrides: [...overrides, ...exceptions] };
}

function rule(patterns: readonly Pattern[]): object {
  return { rules: { 'no-restricted-imports': ['error', { patterns }] } };
}

function patternsOf(layers: readonly Layer[], { folder, imports, packages = [] }: Layer): Pattern[] {
  const [top = ''] = folder.split('/');
  const mayImport = (name: string): boolean =>
    name === folder || imports.some((allowed) => allowed === name || name.startsWith(`${allowed}/`));
  const folders = [...layers.map((layer) => layer.folder), 'tests'];
  const inside = folders.filter((name) => name.startsWith(`${top}/`) && !mayImport(name));
  const outside = folders.filter((name) => !name.includes('/') && name !== top && !mayImport(name));
  const isEngineClosed = top !== 'src' && !imports.includes('src');
  const engine = folders.filter((name) => name.startsWith('src/') && !mayImport(name));
  const forbidden = [
    ...inside.map((name) => name.slice(top.length + 1)),
    ...outside,
    ...(isEngineClosed ? [...engine, 'src/[^/]+\\.ts$'] : []),
  ];
  const may = imports.length === 0 ? 'nothing of ours' : imports.join(', ');
  const guarded = Object.entries(GUARDED_PACKAGES).filter(([name]) => !packages.includes(name));
  return [
    ...(forbidden.length > 0
      ? [
          {
            regex: `^(\\.\\./)+(${forbidden.join('|')})(/|$)`,
            message: `${folder}/ may import ${may}: see scripts/layers.ts.`,
          },
        ]
      : []),
    ...guarded.map(([name, regex]) => ({ regex, message: `${folder}/ does not know ${name}: see scripts/layers.ts.` })),
  ];
}

/** The table for people. */
export function layerTable(layers: readonly Layer[] = LAYERS): string {
  const rows = layers.map(({ folder, holds, imports }) => {
    const isEngine = folder.startsWith('src/');
    const may = isEngine ? 'those above it' : imports.map((name) => `\`${name}/\``).join(', ') || 'nothing of ours';
    return `| \`${folder}/\` | ${holds} | ${imports.length === 0 ? 'nothing of ours' : may} |`;
  });
  return ['| folder | what it holds | may import |', '|---|---|---|', ...rows].join('\n');
}

const BEGIN = '<!-- layers: written by scripts/layers.ts -->';
const END = '<!-- end of layers -->';

/** `document` with the table between its two marks. */
export function withTable(document: string): string {
  const [before = '', rest = ''] = document.split(BEGIN);
  const [, after = ''] = rest.split(END);
  return `${before}${BEGIN}\n${layerTable()}\n${END}${after}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await writeFile('layers.oxlintrc.json', `${JSON.stringify(lintRules(), null, 2)}\n`);
  await writeFile('ARCHITECTURE.md', withTable(await readFile('ARCHITECTURE.md', 'utf8')));
}
