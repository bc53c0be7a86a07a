/** What `session.update` and, in the dialect of the beta, `transcription_session.update` may hold. */
import { z } from 'zod';

import { formSchema } from '../../src/grammar/form-schema.ts';
import { type AudioFormat, PCM_24_KHZ, type SettingsChange, type TurnDetection } from './settings.ts';

const LOGPROBS = 'item.input_audio_transcription.logprobs';

/** Unknown fields are refused, as OpenAI does; what is known and has no effect is told to the log (see `inVain`). */
const transcription = z.strictObject({
  model: z.string().min(1).max(200).optional(),
  language: z.string().max(35).nullish(),
  languages: z.array(z.string().min(1).max(35)).max(100).nullish(),
  keywords: z.array(z.string().max(1000)).max(10_000).nullish(),
  grammar: z.union([z.string().max(200), z.array(z.string().max(200)).min(1).max(10_000), formSchema]).optional(),
  prompt: z.string().nullish(),
  delay: z.enum(['minimal', 'low', 'medium', 'high', 'xhigh']).nullish(),
});

const turnDetection = z.strictObject({
  type: z.literal('server_vad').optional(),
  threshold: z.number().min(0).max(1).optional(),
  prefix_padding_ms: z.number().int().min(0).max(10_000).optional(),
  silence_duration_ms: z.number().int().min(100).max(10_000).optional(),
  create_response: z.boolean().optional(),
  interrupt_response: z.boolean().optional(),
  idle_timeout_ms: z.null().optional(),
});

const noiseReduction = z.strictObject({
  type: z.enum(['near_field', 'far_field']).optional(),
  strength: z.number().optional(),
});
const include = z.array(z.literal(LOGPROBS)).max(8);

/** OpenAI takes PCM at 24 kHz only. */
const format = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('audio/pcm'), rate: z.number().int().min(8000).max(48_000).default(24_000) }),
  z.strictObject({ type: z.literal('audio/pcmu'), rate: z.literal(8000).default(8000) }),
  z.strictObject({ type: z.literal('audio/pcma'), rate: z.literal(8000).default(8000) }),
]);

const input = z.strictObject({
  format: format.optional(),
  transcription: transcription.optional(),
  turn_detection: turnDetection.nullish(),
  noise_reduction: noiseReduction.nullish(),
});

const BETA_FORMATS: Readonly<Record<'pcm16' | 'g711_ulaw' | 'g711_alaw', AudioFormat>> = {
  pcm16: PCM_24_KHZ,
  g711_ulaw: { type: 'audio/pcmu', rate: 8000 },
  g711_alaw: { type: 'audio/pcma', rate: 8000 },
};

/** The `session` of `session.update`. */
export const sessionSchema: z.ZodType<SettingsChange> = z
  .strictObject({
    type: z.literal('transcription'),
    include: include.nullish(),
    audio: z.strictObject({ input: input.optional() }).optional(),
  })
  .transform(({ include: included, audio }) => ({
    format: audio?.input?.format,
    transcription: audio?.input?.transcription,
    turnDetection: turnDetectionOf(audio?.input?.turn_detection),
    hasLogprobs: hasLogprobs(included),
    ignored: [
      ...inVain('transcription', audio?.input?.transcription, ['delay']),
      ...inVain('turn_detection', audio?.input?.turn_detection, ['create_response', 'interrupt_response']),
      ...inVain('audio.input', audio?.input, ['noise_reduction']),
    ],
  }));

/** The `session` of `transcription_session.update`. */
export const betaSessionSchema: z.ZodType<SettingsChange> = z
  .strictObject({
    include: include.nullish(),
    input_audio_format: z.enum(['pcm16', 'g711_ulaw', 'g711_alaw']).optional(),
    input_audio_transcription: transcription.optional(),
    input_audio_noise_reduction: noiseReduction.nullish(),
    turn_detection: turnDetection.nullish(),
  })
  .transform((session) => ({
    format: session.input_audio_format && BETA_FORMATS[session.input_audio_format],
    transcription: session.input_audio_transcription,
    turnDetection: turnDetectionOf(session.turn_detection),
    hasLogprobs: hasLogprobs(session.include),
    ignored: [
      ...inVain('input_audio_transcription', session.input_audio_transcription, ['delay']),
      ...inVain('turn_detection', session.turn_detection, ['create_response', 'interrupt_response']),
      ...inVain('session', session, ['input_audio_noise_reduction']),
    ],
  }));

/** The names of what `given` asks for that has no effect; nothing, or nothing in a list or a text, asks for nothing. */
function inVain<T extends object>(
  path: string,
  given: T | null | undefined,
  names: readonly (keyof T & string)[],
): string[] {
  const requested = names.filter((name) => {
    const value: unknown = given?.[name];
    return value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);
  });
  return requested.map((name) => `${path}.${name}`);
}

/** `undefined` leaves it as it is, `null` turns it off. */
function turnDetectionOf(
  given: z.infer<typeof turnDetection> | null | undefined,
): Partial<TurnDetection> | null | undefined {
  if (given === undefined || given === null) return given;
  const { threshold, prefix_padding_ms: prefixPaddingMs, silence_duration_ms: silenceDurationMs } = given;
  return {
    ...(threshold !== undefined && { threshold }),
    ...(prefixPaddingMs !== undefined && { prefixPaddingMs }),
    ...(silenceDurationMs !== undefined && { silenceDurationMs }),
  };
}

function hasLogprobs(given: readonly string[] | null | undefined): boolean | undefined {
  return given === undefined ? undefined : (given?.includes(LOGPROBS) ?? false);
}
