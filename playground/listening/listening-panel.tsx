import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';

import { MemoryPanel } from '../../console/memory/memory-panel.tsx';
import { ProblemNotice } from '../../console/controls/problem-notice.tsx';
import { WordsPanel } from '../../console/words/words-panel.tsx';
import { RECOGNIZER, useRecording } from './use-recording.ts';

const SAMPLE = 'phone-number.wav';

/** Play a recording, and watch the memory take it in. */
export function ListeningPanel(): JSX.Element {
  const { state, dispatch, model, play } = useRecording();
  const file = useRef<HTMLInputElement>(null);
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
          <button type="button" disabled={isBusy} onClick={() => file.current?.click()}>
            Choose a recording
          </button>
          <input
            ref={file}
            type="file"
            accept="audio/*,video/*"
            hidden
            onChange={({ currentTarget }) => {
              const [chosen] = currentTarget.files ?? [];
              if (chosen !== undefined) void play(chosen.name, async () => chosen);
              currentTarget.value = ''; // the same file may be chosen again
            }}
          />
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
