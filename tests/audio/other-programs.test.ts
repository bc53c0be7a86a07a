import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { containerOf } from '../../src/audio/container.ts';
import { createSoundFileReader } from '../../src/audio/sound-file.ts';
import { missingPrograms, skipNote } from '../installed.ts';

const speech = fileURLToPath(new URL('../../samples/two-numbers.wav', import.meta.url));
const missing = missingPrograms('sox', 'ffmpeg');

function run(program: string, ...args: readonly string[]): Buffer {
  return execFileSync(program, args, { maxBuffer: 2 ** 27, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Options of sox for the file that it writes. */
const BY_SOX: readonly (readonly [name: string, ...options: string[]])[] = [
  ...['aiff', 'aifc', 'au', 'caf', 'w64', 'wav'].flatMap((extension) =>
    ['16', '24', '32'].map((bits): [string, ...string[]] => [`s${bits}.${extension}`, '-e', 'signed', '-b', bits]),
  ),
  ['s8.aiff', '-e', 'signed', '-b', '8'],
  ['s8.au', '-e', 'signed', '-b', '8'],
  ['u8.wav', '-e', 'unsigned', '-b', '8'],
  ['rifx.wav', '-B', '-b', '16'],
  ['rifx24.wav', '-B', '-b', '24'],
  ['rifx-mulaw.wav', '-B', '-e', 'u-law'],
  ['little.au', '-L', '-e', 'signed', '-b', '16'],
  ['mulaw.au', '-e', 'u-law'],
  ['alaw.caf', '-e', 'a-law'],
  ['mulaw.caf', '-e', 'u-law'],
  ['float.aifc', '-e', 'float'],
  ['float.au', '-e', 'float'],
  ['ima.wav', '-e', 'ima-adpcm'],
  ['ms.wav', '-e', 'ms-adpcm'],
];
/** Codecs of ffmpeg, and the program that reads the file back where ffmpeg rounds otherwise. */
const BY_FFMPEG: readonly { readonly name: string; readonly codec: string; readonly reader?: 'sox' }[] = [
  ...['f32be', 'f64be', 's8', 's24be', 's16le', 'alaw', 'mulaw'].map((codec) => ({
    name: `${codec}.aiff`,
    codec: `pcm_${codec}`,
  })),
  ...['f32le', 'f64be', 's8', 's24le', 's16le', 'alaw', 'mulaw'].map((codec) => ({
    name: `${codec}.caf`,
    codec: `pcm_${codec}`,
  })),
  { name: 'f64.au', codec: 'pcm_f64be' },
  { name: 'alaw.w64', codec: 'pcm_alaw' },
  { name: 's24.w64', codec: 'pcm_s24le' },
  { name: 'ima4.aiff', codec: 'adpcm_ima_qt' },
  { name: 'ima4.caf', codec: 'adpcm_ima_qt' },
  { name: 'ima.wav', codec: 'adpcm_ima_wav', reader: 'sox' },
  { name: 'ms.wav', codec: 'adpcm_ms', reader: 'sox' },
  { name: 'ms.w64', codec: 'adpcm_ms', reader: 'sox' },
];

function expectSamplesOf(path: string, reader: 'sox' | 'ffmpeg', frames = 0, original = path): void {
  const content = readFileSync(path);
  const container = containerOf(content);
  if (container?.by !== 'read') throw new Error(`Expected a container that is read, got ${JSON.stringify(container)}`);
  const sounds = createSoundFileReader({ container: container.name, channel: 'all' });
  const samples = Buffer.from(Float32Array.from([...sounds.push(content), ...sounds.finish()]).buffer);
  const options = {
    sox: ['-D', original, '-t', 'f32', '-'],
    ffmpeg: ['-v', 'error', '-i', original, '-f', 'f32le', '-'],
  };
  const expected = run(reader, ...options[reader]);
  expect(sounds.damage()).toBe(undefined);
  expect(samples.length).toBeGreaterThanOrEqual(frames * 8);
  // sox hears the padding of a last block
  expect(samples.equals(expected.subarray(0, samples.length))).toBe(true);
}

describe.skipIf(missing.length > 0)(`samples are those that other programs read${skipNote(missing)}`, () => {
  /** Files are made when the tests run, and read back by the program that the case names. */
  let folder: string;
  let wav: string;

  beforeAll(() => {
    folder = mkdtempSync(joinPath(tmpdir(), 'hearken-audio-'));
    wav = joinPath(folder, 'stereo.wav');
    run(
      'sox',
      '-D',
      speech,
      '-b',
      '16',
      '-r',
      '8000',
      wav,
      'remix',
      '1',
      '1',
      'trim',
      '0.5',
      '0.50025',
      'delay',
      '0',
      '0.1',
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(BY_SOX)('%s by sox', (name, ...options) => {
    const path = joinPath(folder, `sox-${name}`);
    run('sox', '-D', wav, ...options, path);
    expectSamplesOf(path, 'sox', 4802);
  });

  test.each(BY_FFMPEG)('$name by ffmpeg', ({ name, codec, reader }) => {
    const path = joinPath(folder, `ffmpeg-${name}`);
    run('ffmpeg', '-v', 'error', '-i', wav, '-c:a', codec, path);
    expectSamplesOf(path, reader ?? 'ffmpeg', 4802);
  });

  test('GSM 6.10 in WAV by sox', () => {
    const path = joinPath(folder, 'gsm.wav');
    run('sox', '-D', wav, '-e', 'gsm-full-rate', path, 'remix', '1');
    expectSamplesOf(path, 'sox');
  });

  test.each(['aiff', 'au', 'w64', 'wav'])(
    'what ffmpeg writes to a pipe as %s, though it may not read it itself',
    (format) => {
      const path = joinPath(folder, `piped.${format}`);
      run('sh', '-c', `ffmpeg -v error -i "${wav}" -f ${format} - | cat > "${path}"`);
      expectSamplesOf(path, 'ffmpeg', 4802, wav);
    },
  );
});
