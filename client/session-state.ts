/** What a client learns from its server: which session it is in, which events have come, and what went wrong. */
import type { EventMessage, ResumeMessage, ServerMessage, StartMessage, WarningMessage } from './protocol.ts';
import { StreamError } from './stream-error.ts';
import type { UnackedAudio } from './unacked-audio.ts';

export type SessionStateOptions = {
  readonly start: StartMessage;
  readonly audio: Pick<UnackedAudio, 'ack' | 'firstSample' | 'nextSample'>;
  readonly onEvent: (event: EventMessage) => void;
  readonly onWarning: (warning: WarningMessage) => void;
  /** Called when the server is ready for the audio from sample `sample` on. */
  readonly onReady: (sample: number) => void;
  /** Called when the stream is over: ended as it should, or because of `error`. */
  readonly onEnd: (error?: StreamError) => void;
};

export type SessionState = {
  /** Makes the first message of the next connection: for a new stream, or for the one that was lost. */
  readonly opening: () => StartMessage | ResumeMessage;
  readonly take: (message: ServerMessage) => void;
  /** The error that the server reported, unless the stream went on after it. */
  readonly failure: () => StreamError | undefined;
};

/** Types of messages that a server sends only after it has answered the connection's first message. */
const ONCE_ANSWERED: ReadonlySet<ServerMessage['type']> = new Set([
  'ack',
  'closed',
  'partial',
  'memory',
  'final',
  'endpoint',
  'no-input',
  'attention',
  'answers',
]);

export function createSessionState(options: SessionStateOptions): SessionState {
  const { start, audio, onEvent, onWarning, onReady, onEnd } = options;
  let session: Pick<ResumeMessage, 'session' | 'epoch'> | undefined;
  let lastEventOffset = -1;
  let failure: StreamError | undefined;
  /** Type of the answer to this connection's first message, until it has come. */
  let awaited: 'started' | 'resumed' | undefined;

  /**
   * Why a well-formed message is wrong at this moment: it would lose audio or events of the stream. Undefined where it
   * is right.
   */
  const faultOf = (message: ServerMessage): string | undefined => {
    const { type } = message;
    if (type === 'started' || type === 'resumed') {
      if (type !== awaited) return `${awaited ? `\`${awaited}\`` : 'one answer'} from the server, got \`${type}\``;
    } else if (awaited !== undefined && ONCE_ANSWERED.has(type)) {
      return `\`${awaited}\` from the server first, got \`${type}\``;
    }
    const sent = audio.nextSample();
    const acked = type === 'ack' ? message.samples : type === 'resumed' && message.recovered ? message.ackedSamples : 0;
    return acked > sent ? `the server to have at most the ${sent} samples sent, got ${acked}` : undefined;
  };
  const goOn = (sample: number): void => {
    failure = undefined;
    awaited = undefined;
    onReady(sample);
  };
  return {
    opening: () => {
      awaited = session === undefined ? 'started' : 'resumed';
      if (session === undefined) return start;
      return { type: 'resume', ...session, lastEventOffset, firstSample: audio.firstSample() };
    },
    failure: () => failure,
    take: (message) => {
      const fault = faultOf(message);
      if (fault !== undefined) return onEnd(new StreamError('client/bad-message', `Expected ${fault}`));
      switch (message.type) {
        case 'started':
          session = { session: message.session, epoch: message.epoch };
          goOn(0);
          break;
        case 'resumed':
          if (message.recovered) {
            audio.ack(message.ackedSamples);
            goOn(message.ackedSamples);
          } else {
            onEnd(new StreamError('client/not-recovered', `Expected the session to go on, got ${message.reason}`));
          }
          break;
        case 'ack':
          audio.ack(message.samples);
          break;
        case 'warning':
          onWarning(message);
          break;
        case 'error':
          failure = new StreamError(message.code, message.message);
          break;
        case 'closed':
          onEnd();
          break;
        case 'alive': // heard, and that is all
          break;
        case 'partial':
        case 'memory':
          onEvent(message);
          break;
        case 'final':
        case 'endpoint':
        case 'no-input':
        case 'attention':
        case 'answers':
          if (message.offset <= lastEventOffset) break; // sent again after a loss, but it had arrived
          if (message.offset > lastEventOffset + 1) {
            onEnd(new StreamError('client/gap', `Expected event ${lastEventOffset + 1}, got ${message.offset}`));
            break;
          }
          lastEventOffset = message.offset;
          onEvent(message);
          break;
        default: // a newer server's message that means nothing to this client
      }
    },
  };
}
