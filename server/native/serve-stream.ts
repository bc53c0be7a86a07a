/** One connection of the native protocol, from its first message to its close. */
import type { StartMessage } from '../../client/protocol.ts';
import { createPcmDecoder } from '../../src/audio/pcm.ts';
import { bytesOf } from '../../src/audio/sample-encoding.ts';
import { HearkenError } from '../../src/errors.ts';
import { revocation } from '../access/revocation.ts';
import type { StreamSamples } from '../../src/recognizer/request-queue.ts';
import { toFailure } from '../engine/protocol.ts';
import type { Session } from '../sessions/session.ts';
import { resumeSession, type SessionContext, startSession } from '../sessions/open-session.ts';
import type { Connection, SocketMessage } from '../websockets.ts';
import { keepAlive } from './alive.ts';
import { asOpening, parseClientMessage } from './client-message.ts';
import { closeCodeOf, NATIVE_CLOSE } from './close-codes.ts';
import { createOutbox, type Outbox } from './outbox.ts';

export type NativeOptions = Omit<SessionContext, 'put'> & {
  /** A message gave way to a newer one. */ readonly onCoalesced: () => void;
};

/** Neither audio nor `KeepAlive` for so long closes a connection. */
const IDLE_MS = 10_000;

/** Serves the client until it is done, gone or refused; never rejects. Resolves to why it was refused, if it was. */
export async function serveNative(connection: Connection, options: NativeOptions): Promise<HearkenError | undefined> {
  const alive = keepAlive(connection);
  const outbox = createOutbox(alive.send, options.onCoalesced);
  let session: Session | undefined;
  try {
    const next = nextMessageOf(connection);
    const first = await next();
    const opened = first && (await open(first, outbox, options));
    session = opened?.session;
    const isEnded = opened === undefined ? first !== undefined : await listen(next, opened, outbox);
    const drainReason = isEnded ? undefined : connection.drainReason(); // else the client is gone
    if (drainReason !== undefined) await session?.save();
    if (drainReason === 'revoked') throw revocation();
    await outbox.drained();
    if (isEnded) connection.close(NATIVE_CLOSE.done, 'done');
    else if (drainReason === 'restart') connection.close(NATIVE_CLOSE.restart, 'the server restarts');
  } catch (error) {
    const refusal = await refuse(connection, outbox, error);
    if (closeCodeOf(refusal.code) === NATIVE_CLOSE.notRecovered) options.metrics.notResumed();
    return refusal;
  } finally {
    alive.stop();
    session?.close();
  }
  return undefined;
}

/** The client's next message; `undefined` where it is gone, or was dismissed. */
type NextMessage = () => Promise<SocketMessage | undefined>;

/**
 * Takes the next message of a connection. Only a client that is waited for can be idle: while the server is behind, no
 * time runs.
 */
function nextMessageOf(connection: Connection): NextMessage {
  const messages = connection.messages[Symbol.asyncIterator]();
  return async () => {
    const idle = setTimeout(() => connection.close(NATIVE_CLOSE.idle, 'neither audio nor KeepAlive'), IDLE_MS);
    try {
      const next = await messages.next();
      return next.done === true ? undefined : next.value;
    } finally {
      clearTimeout(idle);
    }
  };
}

type Opened = { readonly session: Session; readonly start: StartMessage };

/** `undefined` where a resumed stream had ended already. */
async function open(first: SocketMessage, outbox: Outbox, options: NativeOptions): Promise<Opened | undefined> {
  if (first.type === 'binary') {
    throw new HearkenError('protocol/wrong-frame', 'Expected `start` or `resume` in a text frame first, got audio');
  }
  const message = asOpening(parseClientMessage(first.text));
  const context = { ...options, put: outbox.put };
  return message.type === 'start' ? startSession(context, message) : resumeSession(context, message);
}

/** Works off messages until the client ends the stream (true) or goes away (false). */
async function listen(next: NextMessage, { session, start }: Opened, outbox: Outbox): Promise<boolean> {
  const read = readerOf(start);
  for (let received = await next(); received !== undefined; received = await next()) {
    if (received.type === 'binary') {
      await session.push(read(received.bytes));
    } else {
      const message = parseClientMessage(received.text);
      if (message.type === 'CloseStream') {
        await session.end();
        return true;
      }
      if (message.type === 'Finalize') await session.finalize();
      else if (message.type === 'KeepAlive') await session.keepAlive();
      else {
        throw new HearkenError(
          'protocol/bad-message',
          `Expected one \`start\` or \`resume\`, got another \`${message.type}\``,
        );
      }
    }
    await outbox.room();
  }
  return false;
}

/** Turns frames into samples or ids of tokens. What it gives throws `audio/...`, or `token/odd-bytes`. */
function readerOf({ encoding }: StartMessage): (bytes: Uint8Array) => StreamSamples {
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

async function refuse(connection: Connection, outbox: Outbox, error: unknown): Promise<HearkenError> {
  const { code, message } = toFailure(error);
  const closeCode = closeCodeOf(code);
  if (closeCode === NATIVE_CLOSE.notRecovered) outbox.put({ type: 'resumed', recovered: false, reason: message });
  else outbox.put({ type: 'error', code, message });
  await outbox.drained();
  connection.close(closeCode, code);
  return new HearkenError(code, message, { cause: error });
}
