import { describe, expect, test } from 'vitest';

import { parseSpeechConfig } from '../../src/model/speech-config.ts';
import { EXAMPLE_CONFIG } from './example-config.ts';

/** The example with the value at `field`, a path of dots, replaced; `undefined` removes it. */
function withField(field: string, value: unknown): unknown {
  const copy = structuredClone(EXAMPLE_CONFIG) as unknown as Record<string, unknown>;
  const names = field.split('.');
  const parent = names.slice(0, -1).reduce((inner, name) => inner[name] as Record<string, unknown>, copy);
  const last = names.at(-1) ?? '';
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return copy;
}

describe('parseSpeechConfig', () => {
  test('gives back a valid configuration, also after a journey through JSON', () => {
    expect(parseSpeechConfig(JSON.parse(JSON.stringify(EXAMPLE_CONFIG)))).toEqual(EXAMPLE_CONFIG);
    expect(parseSpeechConfig(withField('training', undefined))).not.toHaveProperty('training');
    const convolution = { kind: 'convolution', frameStack: 4, units: 16, layers: 2, kernel: 5 };
    expect(parseSpeechConfig(withField('encoder', convolution)).encoder).toEqual(convolution);
  });

  test.each([
    ['format', 'other', 'Expected `format` to be "hearken", got "other"'],
    ['version', '1', 'Expected `version` to be 1, got "1"'],
    ['version', undefined, 'Expected `version` to be 1, got nothing'],
    ['name', '', 'Expected `name` to be a string of 1 character or more, got ""'],
    ['vocabulary.labels', [], 'Expected `vocabulary.labels` to be a list of 1 or more, got []'],
    ['vocabulary.labels', ['0', '0'], 'Expected `vocabulary.labels` to be a list without repetitions, got ["0","0"]'],
    ['vocabulary.labels', ['0', '1'], 'Expected `vocabulary.grammars.digits.1.label` to be a label, got "o"'],
    ['features.bandCount', 40.5, 'Expected `features.bandCount` to be an integer in 1..4096, got 40.5'],
    ['features.window', 'kaiser', 'Expected `features.window` to be one of povey, hann, hamming, got "kaiser"'],
    ['features.fftLength', 500, 'Expected `fftLength` to be a power of two, got 500 in `features`'],
    ['features.normalization.scale', 0, 'Expected `features.normalization.scale` to be a number above 0, got 0'],
    ['encoder.kind', 'gru', 'Expected `encoder.kind` to be one of lstm, convolution, got "gru"'],
    ['encoder', null, 'Expected `encoder` to be an object, got null'],
    ['encoder.units', '16', 'Expected `encoder.units` to be an integer in 1..8192, got "16"'],
    ['encoder.kernel', 5, 'Expected `encoder.kernel` to be absent, got 5'],
    ['memory.depth', 32, 'Expected `memory.depth` to be `encoder.units`, 16, got 32'],
    ['memory.heads', 3, 'Expected `memory.heads` to be a divisor of 16, got 3'],
    ['memory.tokenCountBias', 1, 'Expected `memory.tokenCountBias` to be true or false, got 1'],
    [
      'decoder.attention.score',
      undefined,
      'Expected `decoder.attention.score` to be one of additive, location, dot, general, concat, scaled-dot, cosine, network, got nothing',
    ],
    ['decoder.firstState', 'encoder', 'Expected `decoder.firstState` to be "zeros" in version 1, got "encoder"'],
    ['decoder.dropout', 1, 'Expected `decoder.dropout` to be a number in 0..0.95, got 1'],
  ])('names the field: %s = %j', (field, value, message) => {
    expect(() => parseSpeechConfig(withField(field, value))).toThrow(
      expect.objectContaining({ code: 'model/config', message }),
    );
  });

  test('a configuration of another version of the format is refused as such, whatever else it holds', () => {
    expect(() => parseSpeechConfig({ version: 2 })).toThrow(
      expect.objectContaining({ code: 'model/version', message: 'Expected `version` of the model to be 1, got 2' }),
    );
  });

  test.each([null, 'text', 3, []])('refuses %j', (value) => {
    expect(() => parseSpeechConfig(value)).toThrow(/^Expected `config.json` to be an object, got /);
  });
});
