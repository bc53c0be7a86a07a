/** The parts of a form that is uploaded. Whatever is wrong with the form is the request's fault, and told as such. */
import type { Multipart, MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';

import { HearkenError } from '../../src/errors.ts';

export type FormPart =
  | { readonly type: 'field'; readonly name: string; readonly value: string }
  | { readonly type: 'file'; readonly name: string; readonly bytes: AsyncIterable<Uint8Array> };

/** Limits of a form: bytes of its recording, and of all other fields. */
export const FORM_LIMITS: Readonly<Record<'fileSize' | 'files' | 'fields' | 'fieldSize', number>> = {
  fileSize: 2 ** 31,
  files: 1,
  fields: 32,
  fieldSize: 16_384,
};
/** The most bytes of a whole form: a recording and what is around it. */
const LONGEST_FORM = FORM_LIMITS.fileSize + 2 ** 20;
/** Characters of a boundary: the standard has 70, the parser can do with 250. */
const LONGEST_BOUNDARY = 250;
/** Encodings of a part that leave its bytes as they are. */
const PLAIN: ReadonlySet<string> = new Set(['7bit', '8bit', 'binary']);

/**
 * The parts in order; a file is passed over as far as it is not read. Throws `request/form`, `request/field`, `request/too-big`, or
 * `request/aborted` where the client is gone. What is still coming by the end is read and dropped, so that a client that sends all
 * before it reads is answered.
 */
export async function* formParts(request: FastifyRequest): AsyncGenerator<FormPart, void, undefined> {
  assertForm(request);
  try {
    const parts = request.parts();
    for (let next = await nextPart(parts, request); next.done !== true; next = await nextPart(parts, request)) {
      const part = next.value;
      if (!PLAIN.has(part.encoding.toLowerCase())) {
        throw formError(`Expected parts as they are, got Content-Transfer-Encoding ${part.encoding.slice(0, 30)}`);
      }
      if (part.type === 'file') {
        yield { type: 'file', name: part.fieldname, bytes: bytesOf(part, request) };
        part.file.resume();
      } else if (part.fieldnameTruncated || part.valueTruncated) {
        const name = part.fieldname.slice(0, 30);
        const expected = `Field \`${name}\`: Expected at most ${FORM_LIMITS.fieldSize} bytes`;
        throw new HearkenError('request/field', `${expected}, got more (a recording has a file name)`);
      } else yield { type: 'field', name: part.fieldname, value: String(part.value) };
    }
  } catch (error) {
    throw faultOf(error, request);
  } finally {
    request.raw.unpipe();
    request.raw.resume();
  }
}

/** Milliseconds between two checks of whether the parser stands still. */
const LOOK_MS = 250;

/**
 * The next part. The parser passes over parts that are not called `form-data` or have no head, and stands still for ever where
 * they are longer than its buffer: then this throws `request/form`. Where nobody has to read a file, it waits for nothing but bytes.
 */
async function nextPart(
  parts: AsyncIterator<Multipart>,
  { raw }: FastifyRequest,
): Promise<IteratorResult<Multipart, unknown>> {
  let looks = 0;
  const onResume = (): void => {
    looks = 0;
  };
  raw.on('resume', onResume);
  let timer: ReturnType<typeof setInterval> | undefined;
  const stuck = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      looks = raw.isPaused() || raw.readableEnded ? looks + 1 : 0;
      if (looks === 2) reject(formError('Expected parts with Content-Disposition: form-data, got another'));
    }, LOOK_MS);
  });
  try {
    return await Promise.race([parts.next(), stuck]);
  } finally {
    clearInterval(timer);
    raw.off('resume', onResume);
  }
}

async function* bytesOf({ file }: MultipartFile, request: FastifyRequest): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const piece of file.iterator({ destroyOnReturn: false })) yield piece as Buffer; // nobody sets an encoding
  } catch (error) {
    throw faultOf(error, request);
  }
  if (file.truncated) throw tooBig();
}

function assertForm(request: FastifyRequest): void {
  const {
    'content-type': type = '',
    'content-encoding': encoding = 'identity',
    'content-length': length,
  } = request.headers;
  if (!request.isMultipart()) throw formError('Expected a form of multipart/form-data');
  if (encoding.toLowerCase() !== 'identity') {
    throw formError(`Expected a form without Content-Encoding, got ${encoding.slice(0, 30)}`);
  }
  if (Number(length ?? 0) > LONGEST_FORM) throw tooBig();
  const [, quoted, bare] = /;\s*boundary=(?:"([^"]*)"|([^\s;"]*))/i.exec(type) ?? [];
  const { length: boundary } = quoted ?? bare ?? '';
  if (boundary >= 1 && boundary <= LONGEST_BOUNDARY) return;
  const got = boundary === 0 ? 'none' : `one of ${boundary}`;
  throw formError(`Expected a boundary of 1..${LONGEST_BOUNDARY} characters in Content-Type, got ${got}`);
}

function formError(message: string): HearkenError {
  return new HearkenError('request/form', message);
}

function tooBig(): HearkenError {
  return new HearkenError('request/too-big', `Expected a recording of at most ${FORM_LIMITS.fileSize} bytes, got more`);
}

/** Messages for the parser's errors, by their codes; an error without one is a fault of the form, too. */
const FAULTS: Readonly<Record<string, string | undefined>> = {
  FST_FILES_LIMIT: 'Expected one recording in the field `file`, got two files',
  FST_FIELDS_LIMIT: `Expected at most ${FORM_LIMITS.fields} fields, got more`,
  FST_PROTO_VIOLATION: 'Expected names of fields, got a name that every JavaScript object has',
  FST_INVALID_JSON_FIELD_ERROR: 'Expected JSON in a field whose Content-Type says so, got something else',
};

function faultOf(error: unknown, { raw }: FastifyRequest): HearkenError {
  if (error instanceof HearkenError) return error;
  const { code = '', message } = error as NodeJS.ErrnoException; // neither parser nor streams throw others
  if (raw.socket.destroyed || code === 'ECONNRESET' || code === 'FST_MP_PREMATURE_CLOSE') {
    return new HearkenError('request/aborted', 'Expected the whole form, got the end of the connection', {
      cause: error,
    });
  }
  if (code === 'FST_REQ_FILE_TOO_LARGE') return tooBig();
  const expected = 'Expected a form whose parts and end are marked by the boundary of Content-Type';
  return formError(FAULTS[code] ?? `${expected}, got one at fault (${message})`);
}
