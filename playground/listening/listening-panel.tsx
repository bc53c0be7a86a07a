import type { JSX } from 'preact';

import { MemoryPanel } from '../../console/memory/memory-panel.tsx';
import { ProblemNotice } from '../../console/controls/problem-notice.tsx';
import { RecordingButton } from '../../console/controls/recording-button.tsx';
import { WordsPanel } from '../../console/words/words-panel.tsx';
import { RECOGNIZER, useRecording } from './use-recording.ts';

const SAMPLE = 'phone-number.wav';

/** Play a recording, and watch the memory take it in. */
export function ListeningPanel(): JSX.Element {
  const { state, dispatch, model, play } = useRecording();
  const isBusy = state.activity !== 'idle' && state.activity !== 'done';
  return (
    <>
      <section class="panel" aria-labelledby="listening-title">
        <header>
          <h2 id="listening-title">A recording, remembered</h2>
          <p class="figures" role="status">
            {state.activity === 'opening' ? `fetching ${RECOGNIZER}` : state.source}
          </p>
        </header>
        <p>
          Digits and letters are heard in this page. The newest second and a half is kept exactly, what is older in ever
          longer summaries: the boxes of the tree. Look at a word to see where its read looked.
        </p>
        <div class="fields">
          <button
            type="button"
            class="primary"
            disabled={isBusy}
            onClick={() => void play(SAMPLE, () => fetchSample())}
          >
            Play {SAMPLE}
          </button>
          <RecordingButton isDisabled={isBusy} choose={(chosen) => void play(chosen.name, async () => chosen)} />
        </div>
        {state.problem && (
          <ProblemNotice problem={state.problem} action="Dismiss" act={() => dispatch({ type: 'dismiss' })} />
        )}
      </section>
      {model !== undefined && (
        <>
          <WordsPanel state={state} hint="Nothing heard yet." dispatch={dispatch} />
          <MemoryPanel state={state} model={model} />
        </>
      )}
    </>
  );
}

async function fetchSample(): Promise<Blob> {
  const response = await fetch(`samples/${SAMPLE}`);
  if (!response.ok) throw new Error(`Expected the sample ${SAMPLE}, got ${response.status}`);
  return response.blob();
}
