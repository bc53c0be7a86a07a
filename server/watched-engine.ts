/** An engine whose streams are watched by whoever counts, traces or limits them: the one place that wraps them. */
import type { EngineClient, OpenStream, RecognitionEvent, RemoteStream } from './engine/client.ts';
import type { OpenTokens } from './engine/protocol.ts';

/** Observes one stream. */
export type StreamWatch = {
  /** Waited for before there is room; may reject, and then there is none. */ readonly room?: () => Promise<void>;
  /** Before `seconds` of audio are pushed. */ readonly onPush?: (seconds: number) => void;
  /** An answer that will come to a push or, without audio, to a flush; looked at before who asked for it goes on. */
  readonly onRequest?: (
    answer: Promise<readonly RecognitionEvent[]>,
    request: { readonly how: 'push' | 'flush'; readonly seconds: number },
  ) => void;
  readonly onClose?: () => void;
};

/** Called for each stream that is opened. */
export type EngineWatch = {
  readonly onOpen?: (options: OpenStream) => StreamWatch;
  readonly onOpenTokens?: (options: OpenTokens) => void;
};

/** `engine` with its streams observed by each of `watches`. */
export function watchedEngine(engine: EngineClient, watches: readonly EngineWatch[]): EngineClient {
  return {
    ...engine,
    get models() {
      return engine.models; // they may be loaded again
    },
    get tokenModels() {
      return engine.tokenModels;
    },
    open: (options) => {
      const stream = engine.open(options);
      const watching = watches.flatMap(({ onOpen }) => onOpen?.(options) ?? []);
      return watchedStream(stream, options.sampleRate, watching);
    },
    openTokens: (options) => {
      const stream = engine.openTokens(options);
      for (const { onOpenTokens } of watches) onOpenTokens?.(options);
      return stream;
    },
  };
}

function watchedStream(stream: RemoteStream, sampleRate: number, watches: readonly StreamWatch[]): RemoteStream {
  const watchRequest = (
    answer: Promise<readonly RecognitionEvent[]>,
    how: 'push' | 'flush',
    seconds: number,
  ): Promise<readonly RecognitionEvent[]> => {
    for (const { onRequest } of watches) onRequest?.(answer, { how, seconds });
    return answer;
  };
  return {
    ...stream,
    room: async () => {
      for (const { room } of watches) await room?.();
      await stream.room();
    },
    push: (samples) => {
      const seconds = samples.length / sampleRate; // empty once it is handed over
      for (const { onPush } of watches) onPush?.(seconds);
      return watchRequest(stream.push(samples), 'push', seconds);
    },
    flush: () => watchRequest(stream.flush(), 'flush', 0),
    close: () => {
      for (const { onClose } of watches) onClose?.();
      stream.close();
    },
  };
}
