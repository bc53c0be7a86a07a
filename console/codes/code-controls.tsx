import type { JSX } from 'preact';

import { CHECK_NAMES, type CheckName } from '../../src/grammar/check-digits.ts';
import { CODE_EXAMPLES, type CodeChoice, exampleOf } from './code-choice.ts';

type CodeControlsProps = {
  readonly isBusy: boolean;
  readonly choice: CodeChoice;
  readonly choose: (choice: CodeChoice) => void;
};

const NO_EXAMPLE = 'none';
const OWN = 'of your own';

/** What codes look like: a menu of examples, the pattern and its check digits, and whether they are masked. */
export function CodeControls({ isBusy, choice, choose }: CodeControlsProps): JSX.Element {
  const example = choice.pattern === '' ? NO_EXAMPLE : (exampleOf(choice) ?? OWN);
  return (
    <div class="controls" role="group" aria-label="Codes">
      <label>
        <span>Code</span>
        <select
          disabled={isBusy}
          value={example}
          onChange={({ currentTarget: { value } }) =>
            choose({ ...choice, ...(CODE_EXAMPLES[value] ?? { pattern: '', check: '' }) })
          }
        >
          {[NO_EXAMPLE, ...Object.keys(CODE_EXAMPLES)].map((name) => (
            <option key={name}>{name}</option>
          ))}
          {example === OWN && <option>{OWN}</option>}
        </select>
      </label>
      <label class="pattern">
        <span>Pattern</span>
        <input
          type="text"
          disabled={isBusy}
          value={choice.pattern}
          placeholder="\d{4}"
          spellcheck={false}
          autocomplete="off"
          autocapitalize="off"
          maxLength={10_000}
          onInput={({ currentTarget }) => choose({ ...choice, pattern: currentTarget.value })}
        />
      </label>
      <label>
        <span>Check</span>
        <select
          disabled={isBusy || choice.pattern === ''}
          value={choice.check}
          onChange={({ currentTarget }) => choose({ ...choice, check: currentTarget.value as CheckName | '' })} // of the options
        >
          <option value="">none</option>
          {CHECK_NAMES.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label class="box">
        <input
          type="checkbox"
          disabled={isBusy || choice.pattern === ''}
          checked={choice.isMasked}
          onChange={({ currentTarget }) => choose({ ...choice, isMasked: currentTarget.checked })}
        />
        <span>Mask</span>
      </label>
    </div>
  );
}
