import type { ServedModel } from '../../server/engine/client.ts';

const DIGITS = ['zero', 'one', 'two', 'three'];

/** A model as protocols know it, that no engine stands behind. */
export function servedModel(id: string, language = 'en'): ServedModel {
  return {
    kind: 'speech',
    id,
    version: '1',
    device: 'onnx-cpu',
    deviceReason: undefined,
    name: id,
    language,
    sampleRate: 16_000,
    vocabulary: {
      labels: DIGITS,
      grammars: { digits: DIGITS.map((word) => ({ label: word, word })) },
      defaultGrammar: 'digits',
    },
    memory: { window: 4, leafFanIn: 2, fanIn: 2 },
    secondsPerVector: 0.04,
    endpointing: { pauseMs: 950, blankThreshold: 0.5 },
  };
}
