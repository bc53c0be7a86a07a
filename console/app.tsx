import type { JSX } from 'preact';
import { useCallback, useState } from 'preact/hooks';

import { KeyForm } from './access/key-form.tsx';
import { useAccess } from './access/use-access.ts';
import { openMicrophone } from './audio/microphone.ts';
import { openRecording } from './audio/recording.ts';
import { NO_CODE } from './codes/code-choice.ts';
import { CodeControls } from './codes/code-controls.tsx';
import { CodesPanel } from './codes/codes-panel.tsx';
import { ConnectionPanel } from './connection/connection-panel.tsx';
import { connectionText } from './connection/connection-text.ts';
import { type StreamSelection, Controls } from './controls/controls.tsx';
import { useFileDrop } from './controls/file-drop.ts';
import { ProblemNotice } from './controls/problem-notice.tsx';
import { MemoryPanel } from './memory/memory-panel.tsx';
import type { ConsoleModel } from './models.ts';
import { SignalPanel } from './signal/signal-panel.tsx';
import { useListening } from './stream/use-listening.ts';
import { WordsPanel } from './words/words-panel.tsx';

/** Asks the server what it serves, and for a key where the server asks for one; then shows the console. */
export function App(): JSX.Element {
  const { access, giveKey, forget } = useAccess();
  const first = access.state === 'open' ? access.models[0] : undefined;
  if (access.state === 'open' && first !== undefined) {
    const { models, apiKey } = access;
    return <Console models={models} first={first} apiKey={apiKey} forget={forget} />;
  }
  return (
    <main class="waiting">
      <h1>hearken</h1>
      {access.state === 'closed' && <KeyForm isRefused={access.isRefused} give={giveKey} />}
      {access.state === 'failed' && (
        <ProblemNotice problem={access.problem} action="Reload" act={() => location.reload()} />
      )}
      {(access.state === 'asking' || access.state === 'open') && <p>Asking the server for its models.</p>}
    </main>
  );
}

type ConsoleProps = {
  readonly models: readonly ConsoleModel[];
  readonly first: ConsoleModel;
  readonly apiKey: string | undefined;
  readonly forget: () => void;
};

function Console({ models, first, apiKey, forget }: ConsoleProps): JSX.Element {
  const { state, dispatch, trace, start, stop, cut } = useListening(apiKey);
  const [choice, choose] = useState<StreamSelection>({
    model: first,
    grammar: first.defaultGrammar,
    pace: 'spoken',
    code: NO_CODE,
  });
  const startFile = useCallback(
    (file: File) => start(file.name, () => openRecording(file, choice.model.sampleRate, choice.pace), choice),
    [start, choice],
  );
  const isFileOver = useFileDrop(startFile);
  const { model } = choice;
  const isIdle = state.activity === 'idle' || state.activity === 'done';
  const canCut = state.connection === 'open' && state.activity === 'listening';
  return (
    <main data-file-over={isFileOver}>
      <header class="top">
        <h1>hearken</h1>
        <p class="source">{state.source === '' ? model.id : `${model.id}, ${state.source}`}</p>
        <p class={`light ${state.connection}`}>{connectionText(state)}</p>
        {apiKey !== undefined && (
          <button type="button" disabled={!isIdle} onClick={forget}>
            Forget the key
          </button>
        )}
      </header>
      <Controls
        activity={state.activity}
        models={models}
        choice={choice}
        choose={choose}
        startMicrophone={() => start('microphone', openMicrophone, choice)}
        startFile={startFile}
        stop={stop}
      />
      <CodeControls isBusy={!isIdle} choice={choice.code} choose={(code) => choose({ ...choice, code })} />
      {state.problem && (
        <ProblemNotice problem={state.problem} action="Dismiss" act={() => dispatch({ type: 'dismiss' })} />
      )}
      {(choice.code.pattern !== '' || state.utterances.some(({ code }) => code !== undefined)) && (
        <CodesPanel state={state} />
      )}
      <div class="panels">
        <WordsPanel state={state} hint={hintOf(model)} dispatch={dispatch} />
        <SignalPanel state={state} trace={trace} />
        <MemoryPanel state={state} model={model} />
        <ConnectionPanel state={state} cut={canCut ? cut : undefined} />
      </div>
      {isFileOver && <p class="drop-here">Drop the recording to hear it</p>}
    </main>
  );
}

function hintOf({ id, words }: ConsoleModel): string {
  const some = words.slice(0, 12).join(', ');
  const rest = words.length > 12 ? `, and ${words.length - 12} more` : '';
  return `Nothing heard yet. Start the microphone, or drop a recording anywhere on this page. ${id} knows ${words.length} words: ${some}${rest}.`;
}
