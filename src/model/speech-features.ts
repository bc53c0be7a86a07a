import type { SpeechConfig } from './speech-config.ts';

/**
 * Features from which speech at 16 kHz is well recognised: 40 log-mel bands every 10 ms, less a running mean of 1.5 s.
 */
export const SPEECH_FEATURES: SpeechConfig['features'] = {
  sampleRate: 16_000,
  frameLength: 400, // 25 ms
  hopLength: 160, // 10 ms
  fftLength: 512,
  bandCount: 40,
  lowHz: 64,
  highHz: 7_600,
  window: 'povey',
  preemphasis: 0.97,
  removeDcOffset: true,
  energyFloor: 1e-6,
  normalization: { timeConstantSeconds: 1.5, scale: 3 },
};
