import { aFunction, aRate, aString, type Check, type Checks, integerIn, oneOf } from '../src/arguments.ts';
import type { ReadAudioOptions, ReadPcmOptions } from '../src/audio/read-audio.ts';

const aChannel: Check = (name, value) => {
  if (typeof value === 'string') oneOf('mix')(name, value);
  else integerIn(0, 65_534)(name, value);
};

export const READ_AUDIO_CHECKS: Checks<ReadAudioOptions> = {
  sampleRate: aRate,
  channel: aChannel,
  onDamage: aFunction,
  onWarning: aFunction,
};

export const READ_PCM_CHECKS: Checks<ReadPcmOptions> = {
  ...READ_AUDIO_CHECKS,
  inputRate: aRate,
  encoding: aString, // which one it is, the decoder looks at
  channelCount: integerIn(1, 65_535),
};
