/**
 * What a durable session is: everything that another process needs to go on with a stream as if nothing had happened.
 * Small and bounded, since the stream's state is.
 */
import { crc32 } from 'node:zlib';

import { z } from 'zod';

import { HearkenError } from '../../src/errors.ts';

const FORMAT = 'hearken-session';
const VERSION = 1;

const headerSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  /** Checksum of everything after the header's line. */ checksum: z.number(),
  stateBytes: z.number().int().nonnegative(),
  /**
   * Copy of the tenure's id in the metadata, where `checksum` covers it, so that it can be read without the rest of the
   * record.
   */
  tenure: z.string().optional(),
});

const metadataSchema = z.object({
  session: z.string().min(1),
  epoch: z.string().min(1),
  revision: z.number().int().positive(),
  owner: z.string(),
  tenure: z.object({ id: z.string().min(1), term: z.number().int().nonnegative() }).optional(),
  client: z.string(),
  modelVersion: z.string(),
  samples: z.number().int().nonnegative(),
  nextEvent: z.number().int().nonnegative(),
  events: z.array(z.string()),
  start: z.unknown(),
  isClosed: z.boolean(),
});

/** A time in which one connection owns a session: see `placeOf`. */
export type Tenure = {
  /** Random id of this tenure alone. */ readonly id: string;
  /** Higher than that of the owner before; 0 is the first. */ readonly term: number;
};

export type SessionRecord = {
  /** Names the session; whoever knows it may resume it, so it is a secret of 128 random bits. */ readonly session: string;
  /** Within an epoch event offsets and sample offsets mean the same for ever. */ readonly epoch: string;
  /** Counts the saves of the session; see `SessionStore.save`. */ readonly revision: number;
  /** The process that saved it. */ readonly owner: string;
  /** Tenure in which the record was saved; absent from records of older servers. */
  readonly tenure?: Tenure | undefined;
  /** Whose it is, see `Identity.id`. */ readonly client: string;
  /** Version of the model that `state` belongs to, see `ServedModel`. */ readonly modelVersion: string;
  /** Samples, at the client's rate, that `state` has heard. */ readonly samples: number;
  /** Offset of the event that comes next. */ readonly nextEvent: number;
  /** The last events as JSON, oldest first, ending before `nextEvent`: for a client that missed some. */
  readonly events: readonly string[];
  /** The client's start message, with the model that it got: how the audio is written, and how it is listened to. */
  readonly start: unknown;
  /** Whether the stream has ended: nothing can be added, events can still be fetched. */ readonly isClosed: boolean;
  /** The stream, see `snapshotStream`. */ readonly state: Uint8Array;
};

export function encodeRecord({ state, ...metadata }: SessionRecord): Uint8Array<ArrayBuffer> {
  const body = Buffer.concat([Buffer.from(`${JSON.stringify(metadata)}\n`), state]);
  const checksum = crc32(body);
  const header = { format: FORMAT, version: VERSION, checksum, stateBytes: state.length, tenure: metadata.tenure?.id };
  const line = Buffer.from(`${JSON.stringify(header)}\n`);
  const bytes = new Uint8Array(line.length + body.length);
  bytes.set(line);
  bytes.set(body, line.length);
  return bytes;
}

/** Bytes of a record within which its header ends. */
export const HEADER_BYTES = 512;

/** Whether a record that begins with `start` says that it was saved in this tenure; where it does not, it may still be so. */
export function isSavedIn({ id }: Tenure, start: Uint8Array): boolean {
  const buffer = Buffer.from(start.buffer, start.byteOffset, start.length);
  const header = headerSchema.safeParse(parseJson(buffer.subarray(0, Math.max(0, buffer.indexOf('\n')))));
  return header.success && header.data.tenure === id;
}

/** Decodes a record. Throws `session/damaged` unless `bytes` are what `encodeRecord` wrote. */
export function decodeRecord(bytes: Uint8Array): SessionRecord {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const lineEnd = buffer.indexOf('\n');
  const header = headerSchema.safeParse(parseJson(buffer.subarray(0, Math.max(0, lineEnd))));
  const body = buffer.subarray(lineEnd + 1);
  if (!header.success || crc32(body) !== header.data.checksum) {
    throw new HearkenError('session/damaged', `Expected a session as it was saved, got ${bytes.length} other bytes`);
  }
  const stateStart = body.length - header.data.stateBytes;
  const metadata = metadataSchema.safeParse(parseJson(body.subarray(0, stateStart)));
  if (!metadata.success) throw new HearkenError('session/damaged', 'Expected the facts of a session, got others');
  return { ...metadata.data, state: new Uint8Array(body.subarray(stateStart)) };
}

function parseJson(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString());
  } catch {
    return undefined;
  }
}
