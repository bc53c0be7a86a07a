/** A connection served by a wire protocol: socket -> read -> recognize -> write -> socket. */
import { HearkenError } from '../src/errors.ts';
import { bounded } from '../streams/bounded.ts';
import { concatMapPulled } from '../streams/concat-map-pulled.ts';
import { asyncOperator, syncOperator } from '../streams/operator.ts';
import { pull } from '../streams/pull.ts';
import { PullObservable } from '../streams/pull-observable.ts';
import { toFailure } from './engine/protocol.ts';
import type { EngineClient, RecognitionEvent, RemoteStream } from './engine/client.ts';
import { shiftTimes } from '../src/recognizer/stream-cursor.ts';
import type { IgnoredSettings } from './ignored-settings.ts';
import type { TraceSpan } from './tracing/span.ts';
import type { Connection } from './websockets.ts';
import type { Answer, Close, Command, Received, WireProtocol } from './wire-protocol.ts';

export type ServeProtocolOptions = {
  readonly engine: EngineClient;
  /** Is told how samples are written. */ readonly trace: Pick<TraceSpan, 'set'>;
  readonly ignored: IgnoredSettings;
};

/** Answers owed at once: bounds what a client that does not read can pile up. */
const MAXIMUM_PENDING = 512;

/** Serves the client until it is done, gone or refused; never rejects. Resolves to why it was refused, if it was. */
export async function serveProtocol<Note>(
  connection: Connection,
  protocol: WireProtocol<Note>,
  options: ServeProtocolOptions,
): Promise<HearkenError | undefined> {
  const requests = createRequests<Note>(options);
  const outgoing = new PullObservable(() => received(connection)).pipe(
    asyncOperator((messages) => commandsOf(messages, protocol, options.engine)),
    asyncOperator((commands) => requests.answers(commands)),
    bounded({ policy: 'block', capacity: MAXIMUM_PENDING }),
    concatMapPulled(async (due): Promise<Answer<Note> | Close> => {
      return 'code' in due ? due : { note: due.note, events: await due.events };
    }),
    syncOperator(
      () =>
        (message): readonly (string | Close)[] =>
          'code' in message ? [message] : protocol.write(message),
    ),
  );
  const close = ({ code, reason, refusal }: Close): HearkenError | undefined => {
    connection.close(code, reason);
    return refusal;
  };
  try {
    for await (const frame of pull(outgoing)) {
      if (typeof frame !== 'string') return close(frame);
      await connection.send(frame);
    }
    return undefined;
  } catch (error) {
    const { code, message } = toFailure(error);
    const refused = protocol.refuse(new HearkenError(code, message, { cause: error }));
    for (const frame of refused.frames) void connection.send(frame);
    return close(refused.close);
  } finally {
    requests.close();
  }
}

async function* received(connection: Connection): AsyncGenerator<Received> {
  yield { type: 'joined' };
  yield* connection.messages;
  yield { type: 'left', drainReason: connection.drainReason() };
}

/** Ends with the one that ends the connection. */
async function* commandsOf<Note>(
  messages: AsyncIterable<Received>,
  { read }: WireProtocol<Note>,
  engine: EngineClient,
): AsyncGenerator<Command<Note>> {
  for await (const message of messages) {
    for (const command of read(message, engine.models)) {
      yield command;
      if (command.type === 'close') return;
    }
  }
}

/** An answer that will come. */
type Due<Note> = { readonly note: Note; readonly events: Promise<readonly RecognitionEvent[]> };

type Requests<Note> = {
  /**
   * Carries out commands and gives what will be answered, in order. Rejects with what the engine, or the client's
   * budget of audio, refuses.
   */
  readonly answers: (commands: AsyncIterable<Command<Note>>) => AsyncIterable<Due<Note> | Close>;
  readonly close: () => void;
};

/** The engine's streams under one connection, one after the other. */
function createRequests<Note>({ engine, trace, ignored }: ServeProtocolOptions): Requests<Note> {
  let stream: RemoteStream | undefined;
  let secondsBefore = 0;
  let last: Promise<unknown> = Promise.resolve();

  const opened = (): RemoteStream => {
    if (stream === undefined) throw new HearkenError('engine/failed', 'Expected a stream that is open, got none');
    return stream;
  };
  const due = (note: Note, answer: Promise<readonly RecognitionEvent[]>): Due<Note> => {
    const before = secondsBefore;
    const events = answer.then((unshifted) => shiftTimes(before, unshifted));
    last = events.catch(() => undefined); // who takes the answer is told
    return { note, events };
  };
  const end = async (): Promise<void> => {
    await last;
    stream?.close();
    stream = undefined;
  };
  const ask = async (command: Command<Note>): Promise<Due<Note> | Close | undefined> => {
    switch (command.type) {
      case 'end':
        await end();
        return undefined;
      case 'open':
        await end();
        trace.set({ 'hearken.audio.encoding': command.encoding });
        stream = engine.open(command.options);
        ({ secondsBefore } = command);
        return undefined;
      case 'push':
        await opened().room();
        return due(command.note, opened().push(command.samples));
      case 'flush':
        return due(command.note, opened().flush());
      case 'tell':
        return { note: command.note, events: Promise.resolve([]) };
      case 'ignored':
        ignored(command.names);
        return undefined;
      case 'close':
      default:
        return command;
    }
  };
  return {
    answers: async function* (commands) {
      for await (const command of commands) {
        const answer = await ask(command);
        if (answer !== undefined) yield answer;
      }
    },
    close: () => stream?.close(),
  };
}
