/** One stream from a source of audio to the server, told to the page action by action. */
import { connect } from '../../client/index.ts';
import type { ServerMessage } from '../../client/protocol.ts';
import type { PlainForm } from '../../src/grammar/grammar-form.ts';
import { toPcm16 } from '../audio/pcm16.ts';
import type { AudioSource } from '../audio/source.ts';
import { maskedMessage } from '../codes/masked-message.ts';
import type { Action } from '../console-state.ts';
import type { SignalTrace } from '../signal/signal-trace.ts';
import { tapSockets } from './tapped-socket.ts';

export type ListeningOptions = {
  readonly url: string;
  readonly model: string;
  readonly grammar: string | PlainForm;
  /** Whether what is heard is masked before anything is told of it. */ readonly isMasked: boolean;
  readonly apiKey: string | undefined;
  readonly trace: SignalTrace;
  readonly dispatch: (action: Action) => void;
};

export type Listening = {
  /** Ends the audio; the utterance under way is finished, then the stream ends. */ readonly stop: () => void;
  /** Cuts the connection as a bad network does, for a while. */ readonly cut: () => void;
  /** Resolves when the stream has ended as it should. Rejects where it cannot go on. */
  readonly ended: Promise<void>;
};

/** Long enough to be seen, short enough that the client does not give up. */
const OUTAGE_MS = 3_000;

export function startListening(source: AudioSource, options: ListeningOptions): Listening {
  const { url, model, grammar, isMasked, apiKey, trace, dispatch } = options;
  const { sampleRate } = source;
  let sent = 0;
  /** Time in milliseconds when the first sample was spoken, as far as the fastest piece tells. */
  let startedAt = Number.POSITIVE_INFINITY;

  const onMessage = (message: ServerMessage): void => {
    if (message.type === 'ack') dispatch({ type: 'acked', seconds: message.samples / sampleRate });
    if (message.type === 'resumed' && message.recovered) {
      dispatch({ type: 'resumed', fromSeconds: message.ackedSamples / sampleRate, at: performance.now() });
    }
  };
  const sockets = tapSockets(onMessage);
  const stream = connect(url, {
    encoding: 's16le',
    sampleRate,
    model,
    grammar,
    attention: true,
    apiKey,
    WebSocket: sockets.WebSocket,
    onState: (state, reason = '') => dispatch({ type: 'connection', state, reason, at: performance.now() }),
  });
  const send = async (): Promise<void> => {
    for await (const chunk of source.chunks) {
      sent += chunk.length;
      startedAt = Math.min(startedAt, performance.now() - (sent / sampleRate) * 1000);
      trace.push(chunk);
      dispatch({ type: 'sent', seconds: sent / sampleRate });
      await stream.send(toPcm16(chunk));
    }
    dispatch({ type: 'settling' });
    stream.close();
  };
  const read = async (): Promise<void> => {
    for await (const heard of stream.events) {
      const event = isMasked ? maskedMessage(heard) : heard;
      const spokenSeconds = source.isLive ? (performance.now() - startedAt) / 1000 : undefined;
      dispatch({ type: 'event', event, spokenSeconds });
    }
  };
  return {
    stop: source.stop,
    cut: () => sockets.cut(OUTAGE_MS),
    ended: Promise.all([send(), read()]).then(
      () => undefined,
      async (error: unknown) => {
        source.stop();
        await stream.events.return?.();
        throw error;
      },
    ),
  };
}
