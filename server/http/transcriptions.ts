/** Recordings over HTTP, with the fields and response formats of OpenAI's API. An upload is heard while it comes in. */
import multipart, { type MultipartFile } from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';

import { HearkenError } from '../../src/errors.ts';
import type { ChannelOption } from '../../src/audio/channels.ts';
import type { Admission } from '../access/admission.ts';
import { limitAudio } from '../access/limit-audio.ts';
import type { Hearing, ServedModel } from '../engine/hearing.ts';
import type { ServerMetrics } from '../metrics.ts';
import type { IdentityOf } from './guard.ts';
import { hearRecording, type HeardRecording } from './hear-recording.ts';
import { RESPONSE_FORMATS, writeTranscription } from './response-formats.ts';
import { UPLOAD_ROUTES, type UploadTraces } from './trace-uploads.ts';

export type TranscriptionOptions = {
  readonly hearing: Hearing;
  readonly admission: Admission;
  readonly identityOf: IdentityOf;
  readonly metrics: ServerMetrics;
  readonly traceOf: UploadTraces['traceOf'];
};

/** What a request may hold: bytes of its recording, and of all other fields. */
const LIMITS = { fileSize: 2 ** 31, files: 1, fields: 32, fieldSize: 16_384 };

/** Bytes of a recording and of what is around it. */
const LONGEST_FORM = LIMITS.fileSize + 2 ** 20;

/** Fields beside the recording. What steers other recognisers (`language`, `prompt`, `temperature`) has no effect. */
const fieldsSchema = z.object({
  model: z.string().optional(),
  response_format: z.enum(RESPONSE_FORMATS).default('json'),
  'timestamp_granularities[]': z.array(z.enum(['word', 'segment'])).default(['segment']),
  stream: z.literal('false').optional(),
  channel: z
    .union(
      [
        z.enum(['mix', 'each', 'left', 'right']),
        z
          .string()
          .regex(/^\d{1,5}$/)
          .transform(Number),
      ],
      {
        error: 'expected mix, each, left, right, or a number from 0',
      },
    )
    .default('mix'),
});

export async function addTranscriptions(app: FastifyInstance, options: TranscriptionOptions): Promise<void> {
  const { admission, identityOf, metrics, traceOf } = options;
  await app.register(multipart, { limits: LIMITS, throwFileSizeLimit: true });
  for (const path of UPLOAD_ROUTES) {
    app.post(path, async (request, reply) => {
      const client = admission.enter(identityOf(request));
      const disconnect = metrics.connected('http');
      try {
        const { heard, fields } = await takeRequest(request, {
          ...options,
          hearing: traceOf(request).watch(limitAudio(options.hearing, client.audio)),
        });
        const { type, body, headers } = writeTranscription(heard, {
          format: fields.response_format,
          hasWords: fields['timestamp_granularities[]'].includes('word'),
        });
        return await reply.type(type).headers(headers).send(body);
      } finally {
        disconnect();
        client.leave();
      }
    });
  }
}

type Taken = { readonly heard: HeardRecording; readonly fields: z.infer<typeof fieldsSchema> };

/** Reads the request to its end. Model and channel must be named before the recording, for that is heard as it comes. */
async function takeRequest(request: FastifyRequest, options: TranscriptionOptions): Promise<Taken> {
  if (!request.isMultipart()) throw new HearkenError('request/form', 'Expected a form of multipart/form-data');
  if (Number(request.headers['content-length'] ?? 0) > LONGEST_FORM) throw tooBig();
  const fields = new Map<string, string[]>();
  let heard: HeardRecording | undefined;
  let heardBy: ServedModel | undefined;
  let heardChannel: ChannelOption = 'mix';
  for await (const part of request.parts()) {
    if (part.type === 'field') {
      fields.set(part.fieldname, [...(fields.get(part.fieldname) ?? []), String(part.value)]);
    } else if (part.fieldname === 'file') {
      heardBy = modelCalled(fields.get('model')?.[0], options.hearing);
      heardChannel = parseFields(fields).channel;
      heard = await hear(part, heardBy, heardChannel, options);
    } else {
      throw new HearkenError('request/form', 'Expected the recording in the field `file`, got a file in another');
    }
  }
  const parsed = parseFields(fields);
  if (heard === undefined || heardBy === undefined) {
    throw new HearkenError('request/form', 'Expected a recording in the field `file`, got none');
  }
  if (parsed.model !== undefined && modelCalled(parsed.model, options.hearing).id !== heardBy.id) {
    throw new HearkenError('request/form', 'Expected the field `model` before `file`, which is heard as it comes');
  }
  if (parsed.channel !== heardChannel) {
    throw new HearkenError('request/form', 'Expected the field `channel` before `file`, which is heard as it comes');
  }
  return { heard, fields: parsed };
}

async function hear(
  { file }: MultipartFile,
  model: ServedModel,
  channel: ChannelOption,
  { hearing, metrics }: TranscriptionOptions,
): Promise<HeardRecording> {
  let broken: unknown;
  const bytes = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield* file;
    } catch (error) {
      broken = error;
      throw error;
    }
  };
  const heard = await hearRecording(bytes(), model, { hearing, metrics, channel });
  if (broken !== undefined) throw broken; // the upload broke off, which decoders may take for a fault of the recording
  if (!file.truncated) return heard;
  throw tooBig();
}

function tooBig(): HearkenError {
  return new HearkenError('request/too-big', `Expected a recording of at most ${LIMITS.fileSize} bytes, got more`);
}

function parseFields(fields: ReadonlyMap<string, string[]>): Taken['fields'] {
  const lists = new Set(['timestamp_granularities[]']);
  const entries = [...fields].map(([name, values]) => [name, lists.has(name) ? values : values[0]]);
  const parsed = fieldsSchema.safeParse(Object.fromEntries(entries));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new HearkenError('request/field', `Field \`${issue?.path.join('.')}\`: ${issue?.message}`);
}

/** Without a name the first. */
function modelCalled(id: string | undefined, { models }: Hearing): ServedModel {
  const model = id === undefined ? models[0] : models.find((each) => each.id === id);
  if (model !== undefined) return model;
  const known = models.map((each) => each.id).join(', ');
  throw new HearkenError('model/unknown-id', `Expected \`model\` to be one of ${known}, got another`);
}
