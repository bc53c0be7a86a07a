/**
 * The names that model folders and training runs had before they took up the field's words. What carries the old names is read as ever:
 * `config.json` by `withNewFields` (and `score` of a decoder, before it had a cell and other attention than global), tensors by `withNewTensorNames`, graphs by `src/cell/graph-names.ts`. Everything is written with the
 * new names, but a model's fingerprint is made from the old ones, so that it is the same in both forms and its streams go on.
 */
import type { HostArrays } from '../tensor/host-array.ts';

/** Fields of `config.json` by the object that they stand in: the old name and the new one. */
const FIELDS: Readonly<Record<string, readonly [old: string, now: string]>> = {
  features: ['normalisation', 'normalization'],
  encoder: ['stack', 'frameStack'],
  memory: ['massBias', 'tokenCountBias'],
};

/** Parts of tensors' names: the old one and the new one. */
const TENSORS: readonly (readonly [old: string, now: string])[] = [
  ['encoder.front.', 'encoder.inputProjection.'],
  ['memory.summarise.', 'memory.summarize.'],
  ['.mlp.raise.', '.mlp.up.'],
  ['.mlp.lower.', '.mlp.down.'],
  ['recall.embedding', 'source.embedding'],
  ['recall.encoder.', 'encoder.pair.'],
  ['recall.output', 'answers.kernel'],
];

/** `config`, as parsed from JSON, with the new names of its fields, in the same order. What has the wrong form stays as it is. */
export function withNewFields(config: unknown): unknown {
  return withDecoder(
    renamedFields(config, ([old, now]) => [old, now]),
    newDecoder,
  );
}

/** `config` with the old names of its fields, in the same order: what fingerprints are made from. */
export function withOldFields(config: unknown): unknown {
  return withDecoder(
    renamedFields(config, ([old, now]) => [now, old]),
    oldDecoder,
  );
}

/** `tensors` by their new names, in the same order. */
export function withNewTensorNames(tensors: HostArrays): HostArrays {
  return Object.fromEntries(Object.entries(tensors).map(([name, array]) => [newTensorName(name), array]));
}

/** `tensors` by their old names, in the same order. */
export function withOldTensorNames(tensors: HostArrays): HostArrays {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, array]) => [
      TENSORS.reduce((renamed, [old, now]) => renamed.replace(now, old), name),
      array,
    ]),
  );
}

/** Whether a tensor of `tensors` has a name that it had not before. */
export function hasNewTensorNames(tensors: HostArrays): boolean {
  return Object.keys(tensors).some((name) => TENSORS.some(([, now]) => name.includes(now)));
}

function newTensorName(name: string): string {
  return TENSORS.reduce((renamed, [old, now]) => renamed.replace(old, now), name);
}

/** What every decoder was before it said so. */
function firstDecoder({ order }: Fields): Fields {
  return { cell: 'gru', inputFeeding: order === 'luong', firstState: 'zeros' };
}

function withDecoder(config: unknown, change: (decoder: Fields) => Fields): unknown {
  if (!isRecord(config) || !isRecord(config['decoder'])) return config;
  return { ...config, decoder: change(config['decoder']) };
}

function newDecoder(decoder: Fields): Fields {
  const fields = Object.entries(decoder).flatMap(([field, value]) =>
    field === 'score' && decoder['attention'] === undefined
      ? Object.entries({ ...firstDecoder(decoder), attention: { kind: 'global', score: value } })
      : [[field, value] as const],
  );
  return Object.fromEntries(fields);
}

function oldDecoder(decoder: Fields): Fields {
  const { attention } = decoder;
  const first = firstDecoder(decoder);
  const isFirst = Object.entries(first).every(([field, value]) => decoder[field] === value);
  if (!isFirst || !isRecord(attention) || attention['kind'] !== 'global') return decoder;
  const fields = Object.entries(decoder).flatMap(([field, value]) => {
    if (field === 'attention') return [['score', attention['score']] as const];
    return Object.hasOwn(first, field) ? [] : [[field, value] as const];
  });
  return Object.fromEntries(fields);
}

type Fields = Readonly<Record<string, unknown>>;

type Renaming = (names: readonly [old: string, now: string]) => readonly [from: string, to: string];

function renamedFields(config: unknown, renaming: Renaming): unknown {
  if (!isRecord(config)) return config;
  return Object.fromEntries(
    Object.entries(config).map(([field, value]) => {
      const names = Object.hasOwn(FIELDS, field) ? FIELDS[field] : undefined;
      return [field, names !== undefined && isRecord(value) ? renamedField(value, renaming(names)) : value];
    }),
  );
}

/**
 * `value` with its field `from` renamed to `to`. Where both are there, both stay: the old one is refused as any unknown
 * field is.
 */
function renamedField(value: Readonly<Record<string, unknown>>, [from, to]: readonly [string, string]): unknown {
  if (Object.hasOwn(value, to)) return value;
  return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field === from ? to : field, inner]));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
