import { useEffect, useRef, useState } from 'preact/hooks';

import { HearkenError } from '../../src/errors.ts';
import type { SequenceInput } from '../../src/sequence/ids.ts';
import type { Hypothesis, SequenceModel } from '../../src/sequence/model.ts';
import { fetchSequenceModel } from '../runtime/fetch-model.ts';

/** What a model writes about a text or an image, or why it cannot. */
export type Decoding = {
  readonly written: Hypothesis | undefined;
  /** What went wrong, for people. */ readonly problem: string;
  readonly isBusy: boolean;
};

const NOTHING: Decoding = { written: undefined, problem: '', isBusy: false };
/** Pause in typing, or drawing, after which it is written anew. */
const PAUSE_MS = 150;

/** Writes about `input` by the model `name`, which is fetched when it is first asked for; an empty name or text asks for nothing. */
export function useDecoding(name: string, input: SequenceInput): Decoding {
  const models = useRef(new Map<string, Promise<SequenceModel>>());
  const [decoding, setDecoding] = useState(NOTHING);
  useEffect(() => {
    if (name === '' || input === '') {
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
        const [best] = await (await fetched).decode(input, { beamSize: 1, signal });
        if (!signal.aborted) setDecoding({ ...NOTHING, written: best });
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
  }, [name, input]);
  return decoding;
}
