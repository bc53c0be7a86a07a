/** `config.json` of a checkpoint folder. Needs no tensor library, so that streaming processes start fast. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { HearkenError } from '../errors.ts';
import { type ModelConfig, parseModelConfig } from './config.ts';
import { recognizerConfigOf, speechConfigOf } from './config-migration.ts';
import type { RecognizerConfig, SpeechConfig } from './speech-config.ts';
import { writeWhole } from './write-whole.ts';

const CONFIG_FILE = 'config.json';

/** The configuration of the model in `folder`, whatever its parts. Throws as `readSpeechConfig`, but that it need not be of speech. */
export async function readModelConfig(folder: string): Promise<ModelConfig> {
  return parseModelConfig(await readModelJson(folder));
}

/**
 * The configuration of the recogniser in `folder`. Throws `model/missing-file` where there is none, and `model/config` or
 * `model/version` as `parseModelConfig` does.
 */
export async function readSpeechConfig(folder: string): Promise<SpeechConfig> {
  return speechConfigOf(parseModelConfig(await readModelJson(folder)));
}

/** What streams of the recogniser in `folder` go by. Throws as `readSpeechConfig`, but that its parts may be any that hear. */
export async function readRecognizerConfig(folder: string): Promise<RecognizerConfig> {
  return recognizerConfigOf(await readModelConfig(folder));
}

/** Parses the `config.json` of `folder`. Throws `model/missing-file`, or `model/config` where it is no JSON. */
export async function readModelJson(folder: string): Promise<unknown> {
  const json = new TextDecoder().decode(await readModelFile(folder, CONFIG_FILE));
  try {
    return JSON.parse(json);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HearkenError('model/config', `Expected \`${CONFIG_FILE}\` to be JSON, got: ${reason}`, { cause });
  }
}

/** Writes `config` to `folder`, which must be there. */
export async function writeModelConfig(folder: string, config: SpeechConfig | ModelConfig): Promise<void> {
  await writeWhole(path.join(folder, CONFIG_FILE), `${JSON.stringify(config, undefined, 2)}\n`);
}

/** The bytes of `file` in the model's `folder`. Throws `model/missing-file`, naming both. */
export async function readModelFile(folder: string, file: string): Promise<Uint8Array> {
  try {
    return await readFile(path.join(folder, file));
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new HearkenError(
      'model/missing-file',
      `Expected a model folder with \`${file}\` at ${folder}, got ${reason}`,
      {
        cause,
      },
    );
  }
}
