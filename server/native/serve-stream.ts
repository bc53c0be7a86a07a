/** One connection of the native protocol, from its first message to its close. */
import type { StartMessage } from '../../client/protocol.ts';
import { createPcmDecoder, type PcmDecoder } from '../../src/audio/pcm.ts';
import { bytesOf } from '../../src/audio/sample-encoding.ts';
import { HearkenError } from '../../src/errors.ts';
import { toFailure } from '../engine/failure.ts';
import type { Session } from '../sessions/session.ts';
import { resumeSession, type SessionContext, startSession } from '../sessions/open-session.ts';
import type { Connection, SocketMessage } from '../websockets.ts';
import { asOpening, parseClientMessage } from './client-message.ts';
import { closeCodeOf, NATIVE_CLOSE } from './close-codes.ts';
import { createOutbox, type Outbox } from './outbox.ts';

export type NativeOptions = Omit<SessionContext, 'put'> & {
  /** Ends when the server goes away: the session is made durable, and the client told to come back. */
  readonly draining: AbortSignal;
};

/** Neither audio nor `KeepAlive` for so long closes a connection. */
const IDLE_MS = 10_000;

/** Serves the client until it is done, gone or refused; never rejects. Resolves to why it was refused, if it was. */
export async function serveNative(connection: Connection, options: NativeOptions): Promise<HearkenError | undefined> {
  const outbox = createOutbox((text) => connection.send(text));
  let session: Session | undefined;
  let idle = setTimeout(() => undefined, 0);
  const heardSomething = (): void => {
    clearTimeout(idle);
    idle = setTimeout(() => connection.close(NATIVE_CLOSE.idle, 'neither audio nor KeepAlive'), IDLE_MS);
  };
  const onDrain = (): void => connection.stopReading();
  options.draining.addEventListener('abort', onDrain, { once: true });
  try {
    heardSomething();
    const messages = connection.messages[Symbol.asyncIterator]();
    const opened = await open(await messages.next(), outbox, options);
    session = opened?.session;
    const isEnded = opened === undefined || (await listen(messages, opened, outbox, heardSomething));
    if (!isEnded && options.draining.aborted) await session?.save();
    await outbox.drained();
    if (isEnded) connection.close(NATIVE_CLOSE.done, 'done');
    else if (options.draining.aborted) connection.close(NATIVE_CLOSE.restart, 'the server restarts');
  } catch (error) {
    return await refuse(connection, outbox, error);
  } finally {
    clearTimeout(idle);
    options.draining.removeEventListener('abort', onDrain);
    session?.close();
  }
  return undefined;
}

type Opened = { readonly session: Session; readonly start: StartMessage };

/** `undefined` where a resumed stream had ended already, or the client left without a word. */
async function open(
  first: IteratorResult<SocketMessage>,
  outbox: Outbox,
  options: NativeOptions,
): Promise<Opened | undefined> {
  if (first.done === true) return undefined;
  if (first.value.type === 'binary') {
    throw new HearkenError('protocol/wrong-frame', 'Expected `start` or `resume` in a text frame first, got audio');
  }
  const message = asOpening(parseClientMessage(first.value.text));
  const context = { ...options, put: outbox.put };
  return message.type === 'start' ? startSession(context, message) : resumeSession(context, message);
}

/** Works off messages until the client ends the stream (true) or goes away (false). */
async function listen(
  messages: AsyncIterator<SocketMessage>,
  { session, start }: Opened,
  outbox: Outbox,
  heardSomething: () => void,
): Promise<boolean> {
  const decoder = createPcmDecoder({ encoding: start.encoding });
  for (let next = await messages.next(); next.done !== true; next = await messages.next()) {
    heardSomething();
    if (next.value.type === 'binary') {
      await session.hear(samplesOf(next.value.bytes, start, decoder));
    } else {
      const message = parseClientMessage(next.value.text);
      if (message.type === 'CloseStream') {
        await session.end();
        return true;
      }
      if (message.type === 'Finalize') await session.finalize();
      else if (message.type !== 'KeepAlive') {
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

function samplesOf(bytes: Uint8Array, { encoding }: StartMessage, decoder: PcmDecoder): Float32Array {
  if (bytes.length % bytesOf(encoding) !== 0) {
    throw new HearkenError(
      'audio/odd-bytes',
      `Expected whole ${encoding} samples in a frame, got ${bytes.length} bytes`,
    );
  }
  return decoder.push(bytes);
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
