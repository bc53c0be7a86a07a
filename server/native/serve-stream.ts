/** One connection of the native protocol: socket -> read -> decode, recognize -> number, save -> socket. */
import type { ServerMessage } from '../../client/protocol.ts';
import { isReplaced } from '../../client/replaced-message.ts';
import { HearkenError } from '../../src/errors.ts';
import type { QueueGauge } from '../../src/queue/bounded-queue.ts';
import { bounded } from '../../streams/bounded.ts';
import { asyncOperator, syncOperator } from '../../streams/operator.ts';
import { pull } from '../../streams/pull.ts';
import { PullObservable } from '../../streams/pull-observable.ts';
import { toFailure } from '../engine/protocol.ts';
import { type OpenedSession, resumeSession, type SessionContext, startSession } from '../sessions/open-session.ts';
import type { Due, Session } from '../sessions/session.ts';
import type { Connection } from '../websockets.ts';
import type { Close, Received } from '../wire-protocol.ts';
import { keepAlive } from './alive.ts';
import { NATIVE_CLOSE } from './close-codes.ts';
import { createNativeReader, DONE, frameDecoder, type NativeCommand, refusedBy } from './protocol.ts';

export type NativeOptions = SessionContext & {
  /** A message gave way to a newer one. */ readonly onCoalesced: () => void;
};

/** Neither audio nor `KeepAlive` for so long closes a connection. */
const IDLE_MS = 10_000;
/** Answers and saves owed at once. */
const MAXIMUM_DUE = 256;
/** Messages waiting for a client that does not read; of what the next one replaces, only the latest waits. */
const MAXIMUM_WAITING = 64;

/** Serves the client until it is done, gone or refused; never rejects. Resolves to why it was refused, if it was. */
export async function serveNative(connection: Connection, options: NativeOptions): Promise<HearkenError | undefined> {
  const alive = keepAlive(connection);
  const gone = new AbortController();
  const session = createSessionStages(options);
  const drops = watchDrops(options.onCoalesced);
  const outgoing = new PullObservable(() => received(connection, gone)).pipe(
    syncOperator(createNativeReader),
    asyncOperator((commands: AsyncIterable<NativeCommand>, signal) => session.ask(commands, signal)),
    bounded({ policy: 'block', capacity: MAXIMUM_DUE }),
    asyncOperator((dues) => session.tell(dues)),
    bounded({ policy: 'supersede', isSuperseded, capacity: MAXIMUM_WAITING, onGauge: drops.watch }),
  );
  const close = ({ code, reason, refusal }: Close): HearkenError | undefined => {
    connection.close(code, reason);
    return refusal;
  };
  try {
    for await (const told of pull(outgoing, gone.signal)) {
      drops.report();
      if (told.type === 'close') return close(told);
      await alive.send(JSON.stringify(told));
    }
    return undefined;
  } catch (error) {
    if (gone.signal.aborted) return undefined; // there is nobody to be told
    const { code, message } = toFailure(error);
    const refused = refusedBy(new HearkenError(code, message, { cause: error }));
    if (refused.close.code === NATIVE_CLOSE.notRecovered) options.metrics.notResumed();
    await alive.send(JSON.stringify(refused.message));
    return close(refused.close);
  } finally {
    alive.stop();
    session.close();
  }
}

/** Only a client that is waited for can be idle: while the server is behind, no time runs. What a client that is gone asked for ends. */
async function* received(connection: Connection, gone: AbortController): AsyncGenerator<Received> {
  const messages = connection.messages[Symbol.asyncIterator]();
  for (;;) {
    const idle = setTimeout(() => connection.close(NATIVE_CLOSE.idle, 'neither audio nor KeepAlive'), IDLE_MS);
    const next = await messages.next().finally(() => clearTimeout(idle));
    if (next.done === true) break;
    yield next.value;
  }
  const drainReason = connection.drainReason();
  if (drainReason === undefined) gone.abort();
  yield { type: 'left', drainReason };
}

type SessionStages = {
  readonly ask: (commands: AsyncIterable<NativeCommand>, signal: AbortSignal) => AsyncIterable<Due | Close>;
  readonly tell: (dues: AsyncIterable<Due | Close>) => AsyncIterable<ServerMessage | Close>;
  readonly close: () => void;
};

/** The two halves of the session that a connection opens. */
function createSessionStages(options: NativeOptions): SessionStages {
  let opened: OpenedSession | undefined;
  const openedSession = (): Session => {
    if (opened?.session === undefined) throw new HearkenError('engine/failed', 'Expected a session, got none');
    return opened.session;
  };
  return {
    ask: async function* (commands, signal) {
      let decode: ReturnType<typeof frameDecoder> | undefined;
      for await (const command of commands) {
        if (command.type === 'refuse') throw command.error;
        if (command.type === 'close') {
          yield command;
          return;
        }
        if (command.type === 'open') {
          const { opening } = command;
          opened = await (opening.type === 'start' ? startSession(options, opening) : resumeSession(options, opening));
          if (signal.aborted) break; // whoever asked is gone
          yield { type: 'messages', messages: opened.greeting };
          if (opened.session === undefined) {
            yield DONE;
            return;
          }
          decode = frameDecoder(opened.start);
        } else if (command.type !== 'frame') yield* await openedSession().ask(command);
        else if (decode !== undefined) {
          yield* await openedSession().ask({ type: 'push', samples: decode(command.bytes) });
        }
      }
      if (signal.aborted) opened?.session?.close();
    },
    tell: async function* (dues) {
      for await (const due of dues) {
        if (due.type === 'close') yield due;
        else yield* due.type === 'messages' ? due.messages : await openedSession().tell(due);
      }
    },
    close: () => opened?.session?.close(),
  };
}

function isSuperseded(waiting: ServerMessage | Close, next: ServerMessage | Close): boolean {
  return waiting.type !== 'close' && next.type !== 'close' && isReplaced(waiting, next);
}

/** Tells of each message that gave way, when the next one is looked at. */
function watchDrops(onDrop: () => void): { watch: (gauge: QueueGauge) => void; report: () => void } {
  let gauge: QueueGauge | undefined;
  let reported = 0;
  return {
    watch: (opened) => {
      gauge = opened;
    },
    report: () => {
      for (; reported < (gauge?.dropped ?? 0); reported++) onDrop();
    },
  };
}
