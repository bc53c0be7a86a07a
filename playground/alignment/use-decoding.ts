import { useEffect, useRef, useState } from 'preact/hooks';

import { HearkenError } from '../../src/errors.ts';
import type { SequenceModel } from '../../src/sequence/model.ts';
import { fetchSequenceModel } from '../runtime/fetch-model.ts';
import type { Alignment } from './alignment.ts';

/** What a model writes about a text, or why it cannot. */
export type Decoding = {
  readonly alignment: Alignment | undefined;
  /** What went wrong, for people. */ readonly problem: string;
  readonly isBusy: boolean;
};

const NOTHING: Decoding = { alignment: undefined, problem: '', isBusy: false };
/** Pause in typing after which it is written anew. */
const PAUSE_MS = 150;

/** Writes about `text` by the model `name`, which is fetched when it is first asked for; an empty name asks for none. */
export function useDecoding(name: string, text: string): Decoding {
  const models = useRef(new Map<string, Promise<SequenceModel>>());
  const [decoding, setDecoding] = useState(NOTHING);
  useEffect(() => {
    if (name === '' || text === '') {
      setDecoding(NOTHING);
      return undefined;
    }
    const aborting = new AbortController();
    const { signal } = aborting;
    const decode = async (): Promise<void> => {
      setDecoding((before) => ({ ...before, isBusy: true }));
      try {
        const fetched = models.current.get(name) ?? fetchSequenceModel(name);
        models.current.set(name, fetched);
        const [best] = await (await fetched).decode(text, { beamSize: 1, signal });
        if (!signal.aborted) setDecoding({ ...NOTHING, alignment: best });
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof HearkenError)) throw error;
        if (!error.code.startsWith('symbols/')) models.current.delete(name); // to be fetched anew
        setDecoding({ ...NOTHING, problem: error.message });
      }
    };
    const timer = setTimeout(() => void decode(), PAUSE_MS);
    return () => {
      clearTimeout(timer);
      aborting.abort();
    };
  }, [name, text]);
  return decoding;
}
