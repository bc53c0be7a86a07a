import { useCallback, useReducer, useRef } from 'preact/hooks';

import type { AudioSource } from '../audio/source.ts';
import { grammarOf } from '../codes/code-choice.ts';
import { type Action, type ConsoleState, INITIAL_STATE, reduce } from '../console-state.ts';
import type { StreamSelection } from '../controls/controls.tsx';
import { problemOf } from '../problem.ts';
import { createSignalTrace, type SignalTrace } from '../signal/signal-trace.ts';
import { type Listening, startListening } from './listening.ts';

export type ListeningControls = {
  readonly state: ConsoleState;
  readonly dispatch: (action: Action) => void;
  readonly trace: SignalTrace | undefined;
  /** Opens a source and hears it to its end; ignored while another one is heard. */
  readonly start: (name: string, open: () => Promise<AudioSource>, choice: StreamSelection) => void;
  readonly stop: () => void;
  readonly cut: () => void;
};

/** The page's one stream at a time; `apiKey` where the server asks for one. */
export function useListening(apiKey: string | undefined): ListeningControls {
  const [state, dispatch] = useReducer(reduce, INITIAL_STATE);
  const trace = useRef<SignalTrace | undefined>(undefined);
  const listening = useRef<Listening | undefined>(undefined);
  const isBusy = useRef(false);

  const start = useCallback(
    (name: string, open: () => Promise<AudioSource>, { model, grammar, code }: StreamSelection): void => {
      if (isBusy.current) return;
      isBusy.current = true;
      const run = async (): Promise<void> => {
        dispatch({ type: 'opening' });
        const source = await open();
        const newTrace = createSignalTrace(source.sampleRate);
        trace.current = newTrace;
        dispatch({ type: 'listening', source: name });
        const url = new URL('v1/stream', location.href);
        url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
        listening.current = startListening(source, {
          url: url.href,
          model: model.id,
          grammar: grammarOf(grammar, code),
          isMasked: code.pattern !== '' && code.isMasked,
          apiKey,
          trace: newTrace,
          dispatch,
        });
        await listening.current.ended;
        dispatch({ type: 'done' });
      };
      run()
        .catch((error: unknown) => dispatch({ type: 'failed', problem: problemOf(error) }))
        .finally(() => {
          isBusy.current = false;
          listening.current = undefined;
        });
    },
    [apiKey],
  );
  const stop = useCallback(() => listening.current?.stop(), []);
  const cut = useCallback(() => listening.current?.cut(), []);
  return { state, dispatch, trace: trace.current, start, stop, cut };
}
