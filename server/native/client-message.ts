import { z } from 'zod';

import type { ClientMessage, ResumeMessage, StartMessage } from '../../client/protocol.ts';
import { HearkenError } from '../../src/errors.ts';
import { formSchema } from '../../src/grammar/form-schema.ts';

const model = z.string().min(1).max(200).optional();

const startTokensSchema = z.strictObject({ type: z.literal('start'), encoding: z.literal('i32le'), model });

const startAudioSchema = z.strictObject({
  type: z.literal('start'),
  encoding: z.enum(['s16le', 'f32le', 'mulaw']),
  sampleRate: z.number().int().min(4000).max(768_000),
  model,
  grammar: z.union([z.string().max(200), z.array(z.string().max(200)).min(1).max(10_000), formSchema]).optional(),
  attention: z.boolean().optional(),
});

const resumeSchema = z.strictObject({
  type: z.literal('resume'),
  session: z.string().min(1).max(64),
  epoch: z.string().min(1).max(64),
  lastEventOffset: z.number().int().min(-1),
  firstSample: z.number().int().min(0),
});

const controlSchema = z.strictObject({ type: z.enum(['Finalize', 'CloseStream', 'KeepAlive']) });

/** Schema of a client's messages, for the documents that are made of it. */
export const clientMessageSchema: z.ZodType<ClientMessage> = z.union([
  startAudioSchema,
  startTokensSchema,
  resumeSchema,
  controlSchema,
]);

/** Parses a client's message. Throws `protocol/bad-json` or `protocol/bad-message`, naming the field. */
export function parseClientMessage(text: string): ClientMessage {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new HearkenError('protocol/bad-json', 'Expected a JSON object in a text frame, got text that is not JSON');
  }
  const parsed = schemaOf(json as { type?: unknown; encoding?: unknown } | null).safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new HearkenError('protocol/bad-message', issue === undefined ? 'Expected a message' : refusalOf(issue));
}

function refusalOf(issue: z.core.$ZodIssue): string {
  const [field] = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') return `Expected no field \`${issue.keys[0]?.slice(0, 100)}\`, got one`;
  if (field === undefined) return `Expected a message, got: ${issue.message}`;
  // Where the type is unknown, it is held against the control messages: see `schemaOf`.
  if (field === 'type')
    return 'Expected `type` to be one of start, resume, Finalize, CloseStream, KeepAlive, got another';
  return `Expected \`${issue.path.join('.')}\` to be valid, got: ${issue.message}`;
}

/** The schema of what `json` seems to be, so that a refusal names what is wrong with that. */
function schemaOf(json: { type?: unknown; encoding?: unknown } | null): z.ZodType<ClientMessage> {
  if (json?.type === 'resume') return resumeSchema;
  if (json?.type !== 'start') return controlSchema;
  return json.encoding === 'i32le' ? startTokensSchema : startAudioSchema;
}

/** The start message that a session was opened with, as its record keeps it. Throws `session/damaged`. */
export function parseStart(json: unknown): StartMessage {
  const parsed = z.union([startAudioSchema, startTokensSchema]).safeParse(json);
  if (!parsed.success)
    throw new HearkenError('session/damaged', 'Expected the start message of a session, got another');
  return parsed.data;
}

export type OpeningMessage = StartMessage | ResumeMessage;

/** `message` as the first of a connection. Throws `protocol/bad-message` unless it can be the first. */
export function asOpening(message: ClientMessage): OpeningMessage {
  if (message.type === 'start' || message.type === 'resume') return message;
  throw new HearkenError('protocol/bad-message', `Expected \`start\` or \`resume\` first, got \`${message.type}\``);
}
