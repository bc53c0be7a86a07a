import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { describe, expect, onTestFinished, test } from 'vitest';

import { parseSpeechConfig } from '../../src/model/speech-config.ts';
import { DEFAULT_DECODING } from '../../src/model/decoding.ts';
import { fingerprintOf } from '../../src/recognizer/load-engine.ts';
import { EXAMPLE_CONFIG } from './example-config.ts';

/** `path: value` of everything in `tree` that is no object. */
function leaves(tree: object, parent = ''): Map<string, unknown> {
  return new Map(
    Object.entries(tree).flatMap(([name, value]: [string, unknown]) =>
      typeof value === 'object' && value !== null
        ? [...leaves(value, `${parent}${name}.`)]
        : [[`${parent}${name}`, value] as const],
    ),
  );
}

describe('the decoding of a model', () => {
  test('that says nothing of it is the default', () => {
    const { decoding: _, ...older } = EXAMPLE_CONFIG;
    expect(parseSpeechConfig(older).decoding).toEqual(DEFAULT_DECODING);
  });

  test('is the default in all that it leaves out', () => {
    const decoding = { ctcWeight: 0.5, endpointing: { pauseMs: 300 } };
    expect(parseSpeechConfig({ ...EXAMPLE_CONFIG, decoding }).decoding).toEqual({
      ...DEFAULT_DECODING,
      ctcWeight: 0.5,
      endpointing: { ...DEFAULT_DECODING.endpointing, pauseMs: 300 },
    });
  });

  test.each([
    [{ ctcWeight: 2 }, 'Expected `decoding.ctcWeight` to be a number in 0..1, got 2'],
    [{ ctcBeamSize: 0 }, 'Expected `decoding.ctcBeamSize` to be an integer in 1..4096, got 0'],
    [{ ctcBeam: 1 }, 'Expected `decoding.ctcBeam` to be absent, got 1'],
    [
      { endpointing: { pauseMs: '1' } },
      'Expected `decoding.endpointing.pauseMs` to be a number in 100..10000, got "1"',
    ],
    [{ wordTimes: 1 }, 'Expected `decoding.wordTimes` to be an object, got 1'],
  ])('is refused where it is wrong: %j', (decoding, message) => {
    expect(() => parseSpeechConfig({ ...EXAMPLE_CONFIG, decoding })).toThrow(
      expect.objectContaining({ code: 'model/config', message }),
    );
  });

  test('stands in the guide, every knob with its default', async () => {
    const guide = await readFile('docs/guides/decoding.md', 'utf8');
    const rows = guide.matchAll(/^\| `([A-Za-z.]+)` \|.*\| (\S+) \|$/gm);
    expect([...rows].map(([, knob, value]) => [knob, Number(value)])).toEqual([...leaves(DEFAULT_DECODING)]);
  });
});

describe('a model folder', () => {
  async function fingerprintWith(change: (config: Record<string, unknown>) => void): Promise<string> {
    const folder = await mkdtemp(path.join(tmpdir(), 'hearken-decoding-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await cp('models/codes-en', folder, { recursive: true });
    const file = path.join(folder, 'config.json');
    const config: Record<string, unknown> = JSON.parse(await readFile(file, 'utf8'));
    change(config);
    await writeFile(file, JSON.stringify(config));
    return fingerprintOf(folder);
  }

  test('from before decoding was written down is the same model, whose streams go on', async () => {
    const older = await fingerprintWith((config) => void delete config['decoding']);
    expect(older).toBe(await fingerprintWith((config) => void (config['decoding'] = DEFAULT_DECODING)));
  });

  test('that decodes otherwise is another model', async () => {
    const other = await fingerprintWith((config) => void (config['decoding'] = { ctcWeight: 0.6 }));
    expect(other).not.toBe(await fingerprintOf('models/codes-en'));
  });
});
