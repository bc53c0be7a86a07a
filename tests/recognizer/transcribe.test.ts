import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { encodeWav } from '../../src/audio/wav.ts';
import { loadModel, type Model, type Transcript } from '../../src/index.ts';
import { tones } from './tiny-engine.ts';
import { writeTracedModel } from './traced-model.ts';

const SECONDS = 8;
const [LEFT, RIGHT] = [tones(SECONDS, 3), tones(SECONDS, 5)];

let folder: string;
let model: Model;
let whole: Transcript;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hearken-transcribe-'));
  await writeTracedModel(folder);
  model = await loadModel(folder, { device: 'cpu' });
  whole = await model.transcribe(wav(LEFT));
});
afterAll(async () => {
  await model[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function wav(...channels: readonly Float32Array[]): Uint8Array {
  return encodeWav(channels, { sampleRate: 16_000 });
}

/** As far as they do not depend on how the samples were cut: the encoder rounds. */
function rounded(words: Transcript['words']): object[] {
  return words.map((word) => ({ ...word, confidence: Math.round(1_000 * word.confidence) }));
}

/** The same file, whose samples are said to be `more` bytes longer than they are. */
function claiming(file: Uint8Array, more: number): Uint8Array {
  const claimed = file.slice();
  const view = new DataView(claimed.buffer);
  for (const at of [4, 40]) view.setUint32(at, view.getUint32(at, true) + more, true);
  return claimed;
}

describe('a source', () => {
  test('of bytes is a recording, as its file is, by path or URL', async () => {
    const file = path.join(folder, 'tones.wav');
    await writeFile(file, wav(LEFT));
    expect(whole.words.length).toBeGreaterThan(3);
    expect(whole.durationSeconds).toBe(SECONDS);
    for (const source of [file, pathToFileURL(file), Buffer.from(wav(LEFT)), wav(LEFT).slice().buffer]) {
      const { words, durationSeconds } = await model.transcribe(source);
      expect({ words, durationSeconds }).toEqual({ words: whole.words, durationSeconds: SECONDS });
    }
  });

  test('of bytes that are no recording is refused', async () => {
    const samples = new Uint8Array(LEFT.buffer);
    await expect(model.transcribe(samples)).rejects.toMatchObject({ code: 'audio/unknown-container' });
    await expect(model.transcribe(new Uint8Array(0))).rejects.toMatchObject({ code: 'audio/unknown-container' });
  });
});

describe('a recording that is not whole', () => {
  test.each([
    ['was to have 1,000 bytes more', () => claiming(wav(LEFT), 1_000), 'wav/truncated'],
    ['ends in half a sample', () => claiming(Buffer.concat([wav(LEFT), Uint8Array.of(9)]), 1), 'wav/truncated'],
  ])('gives its words, and says why it may lack some: it %s', async (_, file, code) => {
    const { words, durationSeconds, incomplete } = await model.transcribe(file());
    expect(incomplete).toEqual({ code, message: expect.any(String) });
    expect({ words, durationSeconds }).toEqual({ words: whole.words, durationSeconds: SECONDS });
  });

  test('because of a number that is none, is heard to there', async () => {
    const broken = LEFT.slice();
    broken[7 * 16_000] = Number.NaN;
    const samples = await model.transcribe(broken);
    expect(samples.incomplete?.code).toBe('audio/non-finite-sample');
    expect(samples.durationSeconds).toBe(7);
    const before = await model.transcribe(broken.subarray(0, 7 * 16_000));
    expect(rounded(samples.words)).toEqual(rounded(before.words));
    const file = await model.transcribe(encodeWav([broken], { sampleRate: 16_000, encoding: 'float32' }));
    expect(file.incomplete?.code).toBe('audio/non-finite-sample');
    expect(file.durationSeconds).toBe(7);
    expect(rounded(file.words)).toEqual(rounded(before.words));
  });

  test('is refused where there is nothing to hear', async () => {
    await expect(model.transcribe(wav(LEFT).subarray(0, 44))).rejects.toMatchObject({ code: 'wav/truncated' });
    await expect(model.transcribe(Float32Array.of(Number.NaN, 0))).rejects.toMatchObject({
      code: 'audio/non-finite-sample',
    });
  });

  test('says nothing of the sort where it is whole', () => {
    expect(whole).not.toHaveProperty('incomplete');
    expect(whole).not.toHaveProperty('warnings');
  });
});

describe('of a recording with two channels', () => {
  test('one is heard as if it were alone', async () => {
    const file = wav(LEFT, RIGHT);
    const right = await model.transcribe(wav(RIGHT));
    for (const [channel, alone] of [
      ['left', whole],
      ['right', right],
      [1, right],
    ] as const) {
      expect(rounded((await model.transcribe(file, { channel })).words)).toEqual(rounded(alone.words));
    }
    await expect(model.transcribe(file, { channel: 2 })).rejects.toMatchObject({ code: 'wav/channel' });
  });

  test('each is heard as if it were alone, and words say whose they are', async () => {
    const right = await model.transcribe(wav(RIGHT));
    const { words, text, durationSeconds } = await model.transcribe(wav(LEFT, RIGHT), { channel: 'each' });
    for (const [index, alone] of [whole, right].entries()) {
      const own = words.filter(({ channel }) => channel === index);
      expect(rounded(own)).toEqual(rounded(alone.words.map((word) => ({ ...word, channel: index }))));
    }
    expect(text).toBe(`${whole.text}\n${right.text}`);
    expect(words.map(({ start }) => start)).toEqual(words.map(({ start }) => start).toSorted((a, b) => a - b));
    expect(durationSeconds).toBe(SECONDS);
  });

  test('the words of each are given where it is cut short', async () => {
    const cut = claiming(wav(LEFT, RIGHT), 1_000);
    const { words, incomplete } = await model.transcribe(cut, { channel: 'each' });
    expect(incomplete?.code).toBe('wav/truncated');
    expect(new Set(words.map(({ channel }) => channel))).toEqual(new Set([0, 1]));
  });

  test('hearing each stops at once when it is aborted', async () => {
    const reason = new Error('enough');
    const controller = new AbortController();
    const hearing = model.transcribe(wav(LEFT, RIGHT), { channel: 'each', signal: controller.signal });
    controller.abort(reason);
    await expect(hearing).rejects.toBe(reason);
  });

  test('a mix that cancels itself is warned of', async () => {
    const { warnings, incomplete } = await model.transcribe(
      wav(
        LEFT,
        LEFT.map((sample) => -sample),
      ),
    );
    expect(warnings).toEqual([{ code: 'audio/cancelled', message: expect.stringContaining('cancel each other') }]);
    expect(incomplete).toBeUndefined();
    expect(await model.transcribe(wav(LEFT, RIGHT))).not.toHaveProperty('warnings');
  });
});
