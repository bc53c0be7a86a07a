/** Recordings over HTTP, with the fields and response formats of OpenAI's API. An upload is heard while it comes in. */
import { isDeepStrictEqual } from 'node:util';

import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';

import { HearkenError } from '../../src/errors.ts';
import type { ChannelOption } from '../../src/audio/channels.ts';
import type { Admission } from '../access/admission.ts';
import { audioLimit } from '../access/audio-limit.ts';
import type { EngineClient, ServedModel } from '../engine/client.ts';
import type { ServerMetrics } from '../metrics.ts';
import { type EngineWatch, watchedEngine } from '../watched-engine.ts';
import type { IdentityOf } from './guard.ts';
import { transcribeUpload, type TranscribedUpload } from './transcribe-upload.ts';
import { createFileCopy } from './file-copy.ts';
import { RESPONSE_FORMATS, writeTranscription } from './response-formats.ts';
import { UPLOAD_ROUTES, type UploadTraces } from './trace-uploads.ts';
import { FORM_LIMITS, formParts } from './upload-form.ts';

export type TranscriptionOptions = {
  readonly engine: EngineClient;
  readonly admission: Admission;
  readonly identityOf: IdentityOf;
  readonly metrics: ServerMetrics;
  readonly traceOf: UploadTraces['traceOf'];
};

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
  /** Channels are heard at once: each is measured by itself. */
  const measured: EngineWatch = { onOpen: (open) => metrics.openStream().watch.onOpen?.(open) ?? {} };
  await app.register(multipart, { limits: FORM_LIMITS, throwFileSizeLimit: true });
  for (const path of UPLOAD_ROUTES) {
    app.post(path, async (request, reply) => {
      const client = admission.enter(identityOf(request));
      const disconnect = metrics.connected('http');
      try {
        const { upload, fields } = await takeRequest(request, {
          ...options,
          engine: watchedEngine(options.engine, [audioLimit(client.audio), measured, traceOf(request).watch]),
        });
        const { type, body, headers } = writeTranscription(upload, {
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

type Taken = { readonly upload: TranscribedUpload; readonly fields: z.infer<typeof fieldsSchema> };

/** The model and the channels that the form's fields choose. */
type UploadSettings = { readonly model: string; readonly channel: ChannelOption };

/** Reads the request to its end. A recording is heard as it comes, and again where later fields say that it is heard otherwise. */
async function takeRequest(request: FastifyRequest, options: TranscriptionOptions): Promise<Taken> {
  const fields = new Map<string, string[]>();
  const copy = createFileCopy();
  let first: { readonly upload: TranscribedUpload; readonly chosen: UploadSettings } | undefined;
  try {
    for await (const part of formParts(request)) {
      if (part.type === 'field') {
        // An empty one is what a page's form sends where nothing was filled in.
        if (part.value !== '') fields.set(part.name, [...(fields.get(part.name) ?? []), part.value]);
      } else if (part.name === 'file') {
        const chosen = settingsOf(fields, options.engine);
        const bytes = mayChange(fields, options.engine) ? copy.keep(part.bytes) : part.bytes;
        first = { upload: await transcribe(bytes, chosen, options), chosen };
      } else {
        throw new HearkenError('request/form', 'Expected the recording in the field `file`, got a file in another');
      }
    }
    const parsed = parseFields(fields);
    if (first === undefined) {
      const got = fields.has('file') ? 'text without a file name' : 'none';
      throw new HearkenError('request/form', `Expected a recording in the field \`file\`, got ${got}`);
    }
    const chosen = settingsOf(fields, options.engine);
    const isSame = isDeepStrictEqual(chosen, first.chosen);
    return { upload: isSame ? first.upload : await transcribe(copy.read(), chosen, options), fields: parsed };
  } finally {
    await copy.discard();
  }
}

function settingsOf(fields: ReadonlyMap<string, string[]>, engine: EngineClient): UploadSettings {
  return { model: modelCalled(fields.get('model')?.[0], engine).id, channel: parseFields(fields).channel };
}

/** Whether fields after the recording can choose otherwise. */
function mayChange(fields: ReadonlyMap<string, string[]>, { models }: EngineClient): boolean {
  return !fields.has('channel') || (!fields.has('model') && models.length > 1);
}

async function transcribe(
  source: AsyncIterable<Uint8Array>,
  { model, channel }: UploadSettings,
  { engine }: TranscriptionOptions,
): Promise<TranscribedUpload> {
  let broken: unknown;
  const bytes = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield* source;
    } catch (error) {
      broken = error;
      throw error;
    }
  };
  const upload = await transcribeUpload(bytes(), modelCalled(model, engine), { engine, channel });
  if (broken !== undefined) throw broken; // the upload broke off, which decoders may take for a fault of the recording
  return upload;
}

function parseFields(fields: ReadonlyMap<string, string[]>): Taken['fields'] {
  const lists = new Set(['timestamp_granularities[]']);
  const entries = [...fields].map(([name, values]) => [name, lists.has(name) ? values : values[0]]);
  const parsed = fieldsSchema.safeParse(Object.fromEntries(entries));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new HearkenError('request/field', `Field \`${issue?.path.join('.')}\`: ${issue?.message}`);
}

/** The model of this id; the first one where there is no id. */
function modelCalled(id: string | undefined, { models }: EngineClient): ServedModel {
  const model = id === undefined ? models[0] : models.find((each) => each.id === id);
  if (model !== undefined) return model;
  const known = models.map((each) => each.id).join(', ');
  throw new HearkenError('model/unknown-id', `Expected \`model\` to be one of ${known}, got another`);
}
