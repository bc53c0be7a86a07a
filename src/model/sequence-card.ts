import type { HostArrays } from '../tensor/host-array.ts';
import { describeParts } from './describe-parts.ts';
import type { ModelConfig } from './config.ts';

/** The `README.md` of the folder of a model of any parts: how it is built, and where its weights come from. */
export function sequenceCard(config: ModelConfig, weights: HostArrays): string {
  const { name, language, training = {} } = config;
  const parameters = Object.values(weights).reduce((sum, { data }) => sum + data.length, 0);
  const provenance = Object.entries(training).map(
    ([key, value]) => `| ${key} | ${typeof value === 'string' ? value : JSON.stringify(value)} |`,
  );
  return [
    ['---', ...(language === undefined ? [] : [`language: ${language}`]), 'library_name: hearken', '---'],
    [`# ${name}`],
    [
      `${config.source.kind === 'audio' ? 'A streaming recogniser' : 'A model of sequences'}, ${parameters.toLocaleString('en')} parameters.`,
    ],
    [
      '## Architecture',
      '',
      '| part | |',
      '|---|---|',
      ...describeParts(config).map(([part, text]) => `| ${part} | ${text} |`),
    ],
    ...(provenance.length === 0 ? [] : [['## Training', '', '| | |', '|---|---|', ...provenance]]),
    ['## Files', '', '`config.json` (format of hearken, version 2), `model.safetensors` (weights by name).', ''],
  ]
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}
