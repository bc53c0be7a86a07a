import { EMPTY, of } from 'rxjs';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { encodeWav } from '../../src/audio/wav.ts';
import type { HearkenError, Model } from '../../src/index.ts';
import { createModel } from '../../src/recognizer/model.ts';
import { channels, eachChannel, fileBytes, PullObservable, pull, recognize, watch } from '../../streams/index.ts';
import { settled } from '../recognizer/listen.ts';
import { onnxTiny, tinyEngine, tones } from '../recognizer/tiny-engine.ts';
import { collect } from './collect.ts';

let model: Model;
beforeAll(async () => {
  model = createModel(await tinyEngine(await onnxTiny()));
});
afterAll(() => model.dispose());

const [left, right] = [tones(4, 3), tones(4, 5)];
const wav = encodeWav([left, right], { sampleRate: 16_000, encoding: 'float32' });
/** In pieces of a size that fits nothing. */
const bytes = new PullObservable(function* () {
  for (let start = 0; start < wav.length; start += 9_999) yield wav.subarray(start, start + 9_999);
});

test('each channel of a recording is heard as it is heard alone', async () => {
  const heard = await collect(pull(bytes.pipe(channels(), recognize(eachChannel(model), {}))));
  for (const [channel, samples] of [left, right].entries()) {
    const own = heard.filter((each) => each.channel === channel).map(({ event }) => event);
    expect(settled(own)).toEqual(settled(await collect(model.stream([samples]))));
    expect(own.some(({ type }) => type === 'final')).toBe(true);
  }
});

test('one of the channels, or their mean, comes as one channel; raw samples each for itself', async () => {
  const samplesOf = async (options: Parameters<typeof channels>[0]): Promise<(readonly number[])[]> => {
    const pieces = await collect(pull(bytes.pipe(channels(options))));
    const count = pieces[0]?.channels.length ?? 0;
    return Array.from({ length: count }, (_, channel) =>
      pieces.flatMap((piece) => [...(piece.channels[channel] ?? [])]).slice(0, 5),
    );
  };
  const start = (samples: Float32Array): number[] => [...samples.subarray(0, 5)];
  expect(await samplesOf({ channel: 'right' })).toEqual([start(right)]);
  expect(await samplesOf({ channel: 'mix' })).toEqual([
    start(Float32Array.from(left, (sample, index) => (sample + (right[index] ?? 0)) / 2)),
  ]);
  const raw = { encoding: 's16le', inputRate: 8_000, channelCount: 2 } as const;
  const pieces = await collect(pull(of(new Uint8Array(Int16Array.of(1, 2, 3, 4).buffer)).pipe(channels({ raw }))));
  expect(pieces.map((piece) => piece.channels.map((samples) => [...samples].map((sample) => 32_768 * sample)))).toEqual(
    [
      [
        [1, 3],
        [2, 4],
      ],
    ],
  );
});

test('damage is told after every sample before it, a source without samples opens no stream', async () => {
  const damages: HearkenError[] = [];
  const cut = of(wav.subarray(0, wav.length - 1_000)).pipe(channels({ onDamage: (error) => damages.push(error) }));
  let samples = 0;
  const counted = cut.pipe(
    watch(({ channels: [first] }) => {
      samples += first?.length ?? 0;
    }),
  );
  expect((await collect(pull(counted.pipe(recognize(eachChannel(model), {}))))).length).toBeGreaterThan(0);
  expect(samples).toBe(left.length - 125);
  expect(damages).toMatchObject([{ code: 'wav/truncated' }]);
  expect(await collect(pull(EMPTY.pipe(recognize(eachChannel(model), {}))))).toEqual([]);
});

test('a file comes as its bytes, anew to each that asks', async () => {
  const file = fileBytes(new URL('../../samples/pin.wav', import.meta.url));
  for (let turn = 0; turn < 2; turn++) {
    const [first] = await collect(pull(file));
    expect(Buffer.from(first ?? []).toString('latin1', 0, 4)).toBe('RIFF');
  }
  await expect(collect(pull(fileBytes('none.wav')))).rejects.toMatchObject({ code: 'audio/no-file' });
});
