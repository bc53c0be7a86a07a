import type { HostArray } from '../tensor/host-array.ts';
import type { Random } from '../tensor/random.ts';
import { modelConfigOfSpeech } from './config-migration.ts';
import { initModel } from './forward.ts';
import type { SpeechConfig } from './speech-config.ts';

/** First weights of a recogniser of speech, by checkpoint name: those of the model that it is by its parts. */
export function initRecognizer(config: SpeechConfig, random: Random): Record<string, HostArray> {
  return initModel(modelConfigOfSpeech(config), random);
}
