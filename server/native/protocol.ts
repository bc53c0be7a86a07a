/** The native protocol without its socket: frames become commands of a session, a refusal the last message. */
import type { ServerMessage, StartMessage } from '../../client/protocol.ts';
import { createPcmDecoder } from '../../src/audio/pcm.ts';
import { bytesOf } from '../../src/audio/sample-encoding.ts';
import { HearkenError } from '../../src/errors.ts';
import type { StreamSamples } from '../../src/recognizer/request-queue.ts';
import { revocation } from '../access/revocation.ts';
import type { SessionCommand } from '../sessions/session.ts';
import type { Close, Received } from '../wire-protocol.ts';
import { asOpening, type OpeningMessage, parseClientMessage } from './client-message.ts';
import { closeCodeOf, NATIVE_CLOSE } from './close-codes.ts';

export type NativeCommand =
  /** The first. */
  | { readonly type: 'open'; readonly opening: OpeningMessage }
  /** Audio or tokens as the session's `start` says; see `frameDecoder`. */
  | { readonly type: 'frame'; readonly bytes: Uint8Array }
  | Exclude<SessionCommand, { type: 'push' }>
  /** Everything before is told, then why the connection ends. */
  | { readonly type: 'refuse'; readonly error: HearkenError }
  | Close;

/** The stream is over, and all of it was told. */
export const DONE: Close = { type: 'close', code: NATIVE_CLOSE.done, reason: 'done' };

const CONTROLS = { Finalize: 'finalize', KeepAlive: 'keepAlive' } as const;

/** Reads the messages of one connection. What it gives throws `protocol/...`. */
export function createNativeReader(): (received: Received) => readonly NativeCommand[] {
  let isOpen = false;
  const readText = (text: string): readonly NativeCommand[] => {
    const message = parseClientMessage(text);
    if (!isOpen) {
      const opening = asOpening(message);
      isOpen = true;
      return [{ type: 'open', opening }];
    }
    if (message.type === 'CloseStream') return [{ type: 'end' }, DONE];
    if (message.type === 'Finalize' || message.type === 'KeepAlive') return [{ type: CONTROLS[message.type] }];
    const expected = 'Expected one `start` or `resume`';
    throw new HearkenError('protocol/bad-message', `${expected}, got another \`${message.type}\``);
  };
  return (received) => {
    if (received.type === 'text') return readText(received.text);
    if (received.type === 'binary') {
      if (isOpen) return [{ type: 'frame', bytes: received.bytes }];
      throw new HearkenError('protocol/wrong-frame', 'Expected `start` or `resume` in a text frame first, got audio');
    }
    if (received.type === 'joined' || received.drainReason === undefined) return [];
    const saved: NativeCommand[] = isOpen ? [{ type: 'save' }] : [];
    return received.drainReason === 'revoked'
      ? [...saved, { type: 'refuse', error: revocation() }]
      : [...saved, { type: 'close', code: NATIVE_CLOSE.restart, reason: 'the server restarts' }];
  };
}

/** Turns frames into samples or ids of tokens. What it gives throws `audio/...`, or `token/odd-bytes`. */
export function frameDecoder({ encoding }: StartMessage): (bytes: Uint8Array) => StreamSamples {
  if (encoding === 'i32le') return tokensOf;
  const decoder = createPcmDecoder({ encoding });
  return (bytes) => {
    if (bytes.length % bytesOf(encoding) !== 0) {
      throw new HearkenError(
        'audio/odd-bytes',
        `Expected whole ${encoding} samples in a frame, got ${bytes.length} bytes`,
      );
    }
    return decoder.push(bytes);
  };
}

function tokensOf(bytes: Uint8Array): Int32Array {
  if (bytes.length % Int32Array.BYTES_PER_ELEMENT !== 0) {
    throw new HearkenError('token/odd-bytes', `Expected whole i32le tokens in a frame, got ${bytes.length} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Int32Array.from({ length: bytes.length / 4 }, (_, token) => view.getInt32(4 * token, true));
}

/** The last message, and the end, where the connection cannot go on. */
export function refusedBy(refusal: HearkenError): { readonly message: ServerMessage; readonly close: Close } {
  const { code: reason, message } = refusal;
  const code = closeCodeOf(reason);
  return {
    message:
      code === NATIVE_CLOSE.notRecovered
        ? { type: 'resumed', recovered: false, reason: message }
        : { type: 'error', code: reason, message },
    close: { type: 'close', code, reason, refusal },
  };
}
