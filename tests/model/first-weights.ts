import type { HostArray } from '../../src/tensor/host-array.ts';
import type { Random } from '../../src/tensor/random.ts';
import { modelConfigOfSpeech } from '../../src/model/config-migration.ts';
import { initModel } from '../../src/model/forward.ts';
import type { SpeechConfig } from '../../src/model/speech-config.ts';

/** First weights of a recogniser of speech, by checkpoint name: those of the model that it is by its parts. */
export function initRecognizer(config: SpeechConfig, random: Random): Record<string, HostArray> {
  return initModel(modelConfigOfSpeech(config), random);
}
