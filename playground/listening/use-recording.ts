import { useCallback, useReducer, useRef, useState } from 'preact/hooks';

import { openRecording } from '../../console/audio/recording.ts';
import { type Action, type ConsoleState, INITIAL_STATE, reduce } from '../../console/console-state.ts';
import type { ConsoleModel } from '../../console/models.ts';
import { problemOf } from '../../console/problem.ts';
import type { Hearer } from './hear.ts';

export const RECOGNIZER = 'codes-en';

export type Listening = {
  readonly state: ConsoleState;
  readonly dispatch: (action: Action) => void;
  /** Once it was fetched. */ readonly model: ConsoleModel | undefined;
  readonly play: (name: string, bytes: () => Promise<Blob>) => Promise<void>;
};

/** Hears recordings in this page, at the speed of speech. */
export function useRecording(): Listening {
  const [state, dispatch] = useReducer(reduce, INITIAL_STATE);
  const [model, setModel] = useState<ConsoleModel>();
  const hearer = useRef<Promise<Hearer>>(undefined);
  const play = useCallback(async (name: string, bytes: () => Promise<Blob>): Promise<void> => {
    dispatch({ type: 'opening' });
    try {
      hearer.current ??= import('./hear.ts').then(({ fetchHearer }) => fetchHearer(RECOGNIZER));
      const { model: fetched, hear } = await hearer.current;
      setModel(fetched);
      const file = new File([await bytes()], name);
      const source = await openRecording(file, fetched.sampleRate, 'spoken');
      dispatch({ type: 'listening', source: name });
      for await (const event of hear(source.chunks)) dispatch({ type: 'event', event, spokenSeconds: undefined });
      dispatch({ type: 'done' });
    } catch (error) {
      hearer.current = undefined;
      dispatch({ type: 'failed', problem: problemOf(error) });
    }
  }, []);
  return { state, dispatch, model, play };
}
