/** Reads a configuration file of `hearken serve`, and says line and column of everything in it that cannot be. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { type Document, isMap, isScalar, isSeq, LineCounter, type Pair, parseDocument, visit } from 'yaml';
import { z } from 'zod';

import { existingFile } from '../existing.ts';
import { UsageError } from '../usage-error.ts';
import { type Config, configSchema } from './config-schema.ts';
import { nearestName } from '../../src/text/nearest-name.ts';

type Issue = { readonly offset: number; readonly text: string };

/** YAML, and so JSON. Paths in it are seen from its folder. Throws a usage error with a line for each fault. */
export async function readConfig(file: string): Promise<Config> {
  await existingFile(file);
  const lines = new LineCounter();
  const document = parseDocument(await readFile(file, 'utf8'), { lineCounter: lines, prettyErrors: false });
  const fail = (issues: readonly Issue[]): never => {
    const texts = issues
      .toSorted((a, b) => a.offset - b.offset)
      .map(({ offset, text }) => {
        const { line, col } = lines.linePos(offset);
        return `${file}:${line}:${col} ${text}`;
      });
    throw new UsageError(texts);
  };
  // A warning is about something that would be read in a way that nobody asked for, such as an unknown tag.
  const syntax = [...document.errors, ...document.warnings];
  if (syntax.length > 0)
    fail(syntax.map(({ pos, message }) => ({ offset: pos[0], text: `Expected YAML: ${message}` })));
  const parsed = configSchema.safeParse(valueOf(document, fail) ?? {});
  if (parsed.success) return seenFrom(dirname(file), parsed.data);
  return fail(parsed.error.issues.flatMap((issue) => issuesOf(issue, document)));
}

/** Refuses aliases of nothing, and those that would unfold to more than anybody writes by hand. */
function valueOf(document: Document, fail: (issues: readonly Issue[]) => never): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    let offset = 0;
    visit(document, {
      Alias: (_, alias) => {
        offset = startOf(alias) ?? 0;
        return alias.resolve(document) === undefined ? visit.BREAK : undefined;
      },
    });
    return fail([{ offset, text: `Expected YAML: ${(error as Error).message}` }]); // `yaml` throws no others
  }
}

function issuesOf(issue: z.core.$ZodIssue, document: Document): Issue[] {
  if (issue.code === 'unrecognized_keys') {
    const known = namesAt(issue.path);
    return issue.keys.map((key) => {
      const nearest = nearestName(key, known);
      const hint = nearest === undefined ? `there are ${known.join(', ')}` : `did you mean \`${nearest}\`?`;
      const { offset } = find(document, [...issue.path, key], 'name');
      return { offset, text: `Expected a setting, got \`${[...issue.path, key].join('.')}\`; ${hint}` };
    });
  }
  const isName = issue.code === 'invalid_key';
  const { offset, value } = find(document, issue.path, isName ? 'name' : 'value');
  const name = issue.path.length === 0 ? 'the file' : `\`${issue.path.join('.')}\``;
  const expected = isName ? issue.issues[0]?.message : issue.message;
  const got = isName ? '' : `, got ${shown(value)}`;
  return [{ offset, text: `Expected ${name} to be ${expected ?? 'something else'}${got}` }];
}

/** The names that settings have under `path`. */
function namesAt(path: readonly PropertyKey[]): string[] {
  let schema: z.core.JSONSchema.BaseSchema = z.toJSONSchema(configSchema, { io: 'input' });
  for (const key of path) schema = (schema.properties?.[String(key)] ?? {}) as z.core.JSONSchema.BaseSchema;
  return Object.keys(schema.properties ?? {});
}

/** The node at `path`, or, where there is none, the nearest one around it. */
function find(
  document: Document,
  path: readonly PropertyKey[],
  what: 'name' | 'value',
): { readonly offset: number; readonly value: unknown } {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [depth, key] of path.entries()) {
    const pair = isMap(node) ? node.items.find((each) => nameOf(each) === String(key)) : undefined;
    const next: unknown = isSeq(node) ? node.items[Number(key)] : pair?.value;
    if (next === undefined && pair === undefined) return { offset, value: undefined };
    const isLast = depth === path.length - 1;
    offset = startOf(isLast && what === 'value' ? (next ?? pair?.key) : (pair?.key ?? next)) ?? offset;
    node = next;
  }
  return { offset, value: isMap(node) || isSeq(node) || isScalar(node) ? node.toJS(document) : undefined };
}

function nameOf({ key }: Pair): string {
  return String(isScalar(key) ? key.value : key);
}

function startOf(node: unknown): number | undefined {
  const range = (node as { range?: readonly number[] | null } | null)?.range; // nodes have it, absent values do not
  return range?.[0];
}

/** A value on one line, and not a long one. */
function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  const text = JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}

/**
 * The configuration with paths seen from `folder`. A name without a slash among models is one that comes with hearken.
 */
function seenFrom(folder: string, { models = {}, sessions, keys, tokens, tls, ...rest }: Config): Config {
  const path = <T extends string | undefined>(text: T): T => (text && resolve(folder, text)) as T; // it is or is not there
  const folders = Object.entries(models).map(([id, name]) => [id, name.includes('/') ? path(name) : name]);
  const isAddress = /^https?:/.test(tokens?.jwks ?? '');
  const given = {
    sessions: path(sessions),
    keys: path(keys),
    models: folders.length === 0 ? undefined : Object.fromEntries(folders),
    tokens: tokens && { ...tokens, secret: path(tokens.secret), jwks: isAddress ? tokens.jwks : path(tokens.jwks) },
    tls: tls && { cert: path(tls.cert), key: path(tls.key) },
  };
  return { ...rest, ...given };
}
