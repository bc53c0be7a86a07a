import type { JSX } from 'preact';

import type { Pace } from '../audio/recording.ts';
import type { CodeChoice } from '../codes/code-choice.ts';
import type { Activity } from '../console-state.ts';
import type { ConsoleModel } from '../models.ts';
import { RecordingButton } from './recording-button.tsx';

/** The choices with which the next stream is opened. */
export type StreamSelection = {
  readonly model: ConsoleModel;
  readonly grammar: string;
  readonly pace: Pace;
  readonly code: CodeChoice;
};

type ControlsProps = {
  readonly activity: Activity;
  readonly models: readonly ConsoleModel[];
  readonly choice: StreamSelection;
  readonly choose: (choice: StreamSelection) => void;
  readonly startMicrophone: () => void;
  readonly startFile: (file: File) => void;
  readonly stop: () => void;
};

export function Controls(props: ControlsProps): JSX.Element {
  const { activity, models, choice, choose } = props;
  const isBusy = activity !== 'idle' && activity !== 'done';
  return (
    <div class="controls" role="group" aria-label="Source">
      {isBusy ? (
        <button type="button" class="primary" disabled={activity !== 'listening'} onClick={props.stop}>
          Stop
        </button>
      ) : (
        <button type="button" class="primary" onClick={props.startMicrophone}>
          Start the microphone
        </button>
      )}
      <RecordingButton isDisabled={isBusy} choose={props.startFile} />
      <label>
        <span>Recordings</span>
        <select
          disabled={isBusy}
          value={choice.pace}
          onChange={({ currentTarget }) => choose({ ...choice, pace: currentTarget.value as Pace })} // of the two below
        >
          <option value="spoken">at the speed of speech</option>
          <option value="fast">as fast as it goes</option>
        </select>
      </label>
      {models.length > 1 && (
        <label>
          <span>Model</span>
          <select
            disabled={isBusy}
            value={choice.model.id}
            onChange={({ currentTarget }) => {
              const model = models.find(({ id }) => id === currentTarget.value);
              if (model !== undefined) choose({ ...choice, model, grammar: model.defaultGrammar });
            }}
          >
            {models.map(({ id }) => (
              <option key={id}>{id}</option>
            ))}
          </select>
        </label>
      )}
      <label>
        <span>Grammar</span>
        <select
          disabled={isBusy || choice.code.pattern !== ''} // which says all that may come
          value={choice.grammar}
          onChange={({ currentTarget }) => choose({ ...choice, grammar: currentTarget.value })}
        >
          {choice.model.grammars.map((grammar) => (
            <option key={grammar}>{grammar}</option>
          ))}
        </select>
      </label>
    </div>
  );
}
