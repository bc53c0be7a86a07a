import { z } from 'zod';

import { RequestError } from './request-error.ts';
import { betaSessionSchema, sessionSchema } from './session-update.ts';
import type { SettingsChange } from './settings.ts';

/** Which of OpenAI's two forms of the protocol a client speaks: the current one or that of the beta. */
export type Dialect = 'current' | 'beta';

export type ClientEvent =
  | { readonly type: 'update'; readonly dialect: Dialect; readonly change: SettingsChange }
  | { readonly type: 'append'; readonly audio: Uint8Array }
  | { readonly type: 'commit' }
  | { readonly type: 'clear' };

const event_id = z.string().max(512).optional();

/** Every message of a client, by its type. */
const SCHEMAS = {
  'session.update': z
    .strictObject({ type: z.string(), event_id, session: sessionSchema })
    .transform(({ session }): ClientEvent => ({ type: 'update', dialect: 'current', change: session })),
  'transcription_session.update': z
    .strictObject({ type: z.string(), event_id, session: betaSessionSchema })
    .transform(({ session }): ClientEvent => ({ type: 'update', dialect: 'beta', change: session })),
  'input_audio_buffer.append': z
    .strictObject({ type: z.string(), event_id, audio: z.string() })
    .transform(({ audio }): ClientEvent => ({ type: 'append', audio: fromBase64(audio) })),
  'input_audio_buffer.commit': z
    .strictObject({ type: z.string(), event_id })
    .transform((): ClientEvent => ({ type: 'commit' })),
  'input_audio_buffer.clear': z
    .strictObject({ type: z.string(), event_id })
    .transform((): ClientEvent => ({ type: 'clear' })),
} as const satisfies Readonly<Record<string, z.ZodType<ClientEvent>>>;

/** The object in a text frame. Throws a `RequestError` on anything else. */
export function parseObject(text: string): Readonly<Record<string, unknown>> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new RequestError('invalid_json', 'Expected a JSON object in a text frame, got text that is not JSON');
  }
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return { ...json };
  throw new RequestError('invalid_json', 'Expected a JSON object in a text frame, got other JSON');
}

/** The client's own id of a message, by which errors refer to it. */
export function eventIdOf({ event_id: id }: Readonly<Record<string, unknown>>): string | null {
  return typeof id === 'string' ? id.slice(0, 512) : null;
}

/** Parses a client's message. Throws a `RequestError` that names the field. */
export function parseClientEvent(json: Readonly<Record<string, unknown>>): ClientEvent {
  const { type } = json;
  if (type === undefined) throw missing('type');
  if (!isKnownType(type)) {
    const expected = `Expected \`type\` to be one of ${Object.keys(SCHEMAS).join(', ')}`;
    throw new RequestError('invalid_value', `${expected}, got ${JSON.stringify(type).slice(0, 100)}`, 'type');
  }
  const parsed = SCHEMAS[type].safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw issue === undefined ? new RequestError('invalid_value', 'Expected a valid message') : refusalOf(issue, json);
}

function isKnownType(type: unknown): type is keyof typeof SCHEMAS {
  return typeof type === 'string' && Object.hasOwn(SCHEMAS, type);
}

function refusalOf(issue: z.core.$ZodIssue, json: unknown): RequestError {
  const path = issue.path.map(String);
  const param = path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const unknown = [...path, issue.keys[0]?.slice(0, 100)].join('.');
    return new RequestError('unknown_parameter', `Expected no field \`${unknown}\`, got one`, unknown);
  }
  const isMissing = path.reduce<unknown>((value, name) => (value as never)?.[name], json) === undefined; // any JSON
  if (isMissing) return missing(param);
  const code = issue.code === 'invalid_type' ? 'invalid_type' : 'invalid_value';
  return new RequestError(code, `Expected \`${param}\` to be valid, got: ${issue.message}`, param);
}

function missing(param: string): RequestError {
  return new RequestError('missing_required_parameter', `Expected \`${param}\`, got none`, param);
}

/** `Buffer` passes over what is no base64; here it is refused. Padding may be left out. */
function fromBase64(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '')) return bytes;
  throw new RequestError('invalid_value', 'Expected `audio` to be base64, got other text', 'audio');
}
