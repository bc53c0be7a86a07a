import type { HostArrays } from '../tensor/host-array.ts';
import { decoderLine } from './decoder-line.ts';
import type { SpeechConfig } from './speech-config.ts';

/** The `README.md` of a checkpoint folder: what the model hears, how it is built, where its weights come from. */
export function modelCard(config: SpeechConfig, weights: HostArrays): string {
  const { name, language, vocabulary, encoder, memory, decoder, decoding, features, training = {} } = config;
  const parameters = Object.values(weights).reduce((sum, { data }) => sum + data.length, 0);
  const vectorMs = (1000 * encoder.frameStack * features.hopLength) / features.sampleRate;
  const grammars = Object.entries(vocabulary.grammars).map(
    ([grammar, entries]) => `| \`${grammar}\` | ${entries.length} | ${entries.map(({ word }) => word).join(', ')} |`,
  );
  const provenance = Object.entries(training).map(
    ([key, value]) => `| ${key} | ${typeof value === 'string' ? value : JSON.stringify(value)} |`,
  );
  return [
    ['---', `language: ${language}`, 'library_name: hearken', 'pipeline_tag: automatic-speech-recognition', '---'],
    [`# ${name}`],
    [
      `A streaming recogniser of ${vocabulary.labels.length} spoken labels, ${parameters.toLocaleString('en')} parameters.`,
    ],
    ['| grammar | words | |', '|---|---|---|', ...grammars],
    [
      '## Architecture',
      '',
      '| part | |',
      '|---|---|',
      `| audio | ${features.sampleRate} Hz, ${features.bandCount} log-mel bands, one vector every ${vectorMs} ms |`,
      `| encoder | ${encoder.kind}, ${encoder.layers} layers of ${encoder.units} |`,
      `| memory | window ${memory.window}, fan-in ${memory.leafFanIn} and ${memory.fanIn}, ${memory.slots} slots a node, ${memory.heads} heads |`,
      `| decoder | ${decoderLine(decoder)}; CTC beside it |`,
      `| decoding | share of CTC ${decoding.ctcWeight}, beams of ${decoding.ctcBeamSize} and ${decoding.attentionBeamSize}; a pause of ${decoding.endpointing.pauseMs} ms ends an utterance |`,
    ],
    ...(provenance.length === 0 ? [] : [['## Training', '', '| | |', '|---|---|', ...provenance]]),
    [
      '## Files',
      '',
      '`config.json` (format of hearken, version 1), `model.safetensors` (weights by name), `onnx/` (one graph a cell;',
      'batch and length are dynamic; what replaces the state `state.x` is called `state.x.next`).',
    ],
    ['## Use', '', '```sh', 'npx hearken transcribe recording.wav --model FOLDER', '```', ''],
  ]
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}
