/** Files that whoever runs it writes: settings, keys, key sets, manifests, grammars, tokens. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readConfig } from '../../../cli/serve-config/read-config.ts';
import { readTokens } from '../../../cli/token-input.ts';
import { UsageError } from '../../../cli/usage-error.ts';
import { parseApiKeys } from '../../../server/access/api-keys.ts';
import { openAuthenticator } from '../../../server/access/authenticator.ts';
import { grammarFromText, resolveGrammar, type Vocabulary } from '../../../src/text/vocabulary.ts';
import { readManifest } from '../../../src/training/manifest.ts';
import { type FuzzTarget, type TakeInput, textOf } from '../target.ts';

async function fileFor(take: (file: string) => Promise<unknown>): Promise<TakeInput> {
  const file = join(await mkdtemp(join(tmpdir(), 'hearken-fuzz-file-')), 'input');
  return async (bytes) => {
    await writeFile(file, bytes);
    await take(file);
  };
}

export const SERVER_CONFIG: FuzzTarget = {
  name: 'server-config',
  cases: 400,
  isRefusal: (error) => error instanceof UsageError,
  open: () => fileFor(readConfig),
};

export const API_KEYS: FuzzTarget = {
  name: 'api-keys',
  cases: 3_000,
  open: async () => (bytes) => {
    parseApiKeys(textOf(bytes), 'keys');
  },
};

export const KEY_SET: FuzzTarget = {
  name: 'key-set',
  cases: 400,
  open: () =>
    fileFor(async (jwks) => {
      const { authenticate } = await openAuthenticator({
        keys: undefined,
        tokens: { jwks, issuer: 'https://id.example', audience: 'hearken' },
      });
      await authenticate('eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.eyJzdWIiOiJhIiwiZXhwIjo5OTk5OTk5OTk5fQ.AAAA');
    }),
};

export const MANIFEST: FuzzTarget = {
  name: 'manifest',
  cases: 800,
  open: () =>
    fileFor(async (file) => {
      for (const { offset, duration } of await readManifest(file)) {
        if (!(offset >= 0 && duration > 0 && Number.isFinite(offset + duration)))
          throw new Error(`${offset} + ${duration}`);
      }
    }),
};

const LETTERS: Vocabulary = {
  labels: ['0', '1', 'o', 'a'],
  grammars: {
    digits: ['zero', 'one', 'oh'].map((word, index) => ({ label: ['0', '1', 'o'][index] ?? '', word })),
    letters: ['o', 'a'].map((word) => ({ label: word, word })),
  },
  defaultGrammar: 'digits',
};

export const GRAMMAR: FuzzTarget = {
  name: 'grammar',
  cases: 3_000,
  open: async () => (bytes) => {
    const text = textOf(bytes);
    const { allowed, words } = grammarFromText(LETTERS, 'words.txt', text);
    if (allowed.length !== words.size || allowed.length === 0) throw new Error('a grammar of nothing');
    resolveGrammar(LETTERS, text);
  },
};

export const TOKEN_TEXT: FuzzTarget = {
  name: 'token-text',
  cases: 2_000,
  open: async () => async (bytes, random) => {
    const at = random.integer(bytes.length + 1);
    for await (const tokens of readTokens(inPieces(bytes.subarray(0, at), bytes.subarray(at)))) {
      if (tokens.some((token) => token < 0)) throw new Error('a negative token');
    }
  },
};

async function* inPieces(...pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, undefined> {
  yield* pieces;
}
