import type { JSX } from 'preact';

import type { ConsoleState, ShownCode } from '../console-state.ts';

/** Codes as they are written: the one that is growing, and those that are settled with what else they may be. */
export function CodesPanel({ state: { utterances, partialCode } }: { readonly state: ConsoleState }): JSX.Element {
  const codes = utterances.flatMap(({ start, code }) => (code === undefined ? [] : [{ start, code }]));
  const isEmpty = codes.length === 0 && partialCode === undefined;
  return (
    <section class="panel codes" aria-labelledby="codes-title">
      <header>
        <h2 id="codes-title">Codes</h2>
        <p class="figures">{codes.length} settled</p>
      </header>
      {isEmpty && <p class="empty">No code heard yet.</p>}
      <ol>
        {codes.map(({ start, code }) => (
          <li key={start}>
            <p>
              <span class="when">{start.toFixed(1)} s</span> <b class="written">{code.written}</b>{' '}
              <span class={code.valid ? 'state' : 'state faulty'}>{standingOf(code)}</span>
            </p>
            <Alternatives code={code} />
          </li>
        ))}
        {partialCode !== undefined && (
          <li class="growing" aria-label="Code that may still change">
            <p>
              <span class="when">now</span> <b class="written">{partialCode.written}</b>{' '}
              <span class="state">{partialCode.complete ? 'complete' : 'not complete yet'}</span>
            </p>
          </li>
        )}
      </ol>
      <p class="for-readers" role="status" aria-live="polite">
        {codes.at(-1)?.code.written.split('').join(' ')}
      </p>
    </section>
  );
}

function Alternatives({ code: { alternatives } }: { readonly code: ShownCode }): JSX.Element | null {
  const others = alternatives.slice(1); // the first is the answer
  if (others.length === 0) return null;
  return (
    <details>
      <summary>What else it may be</summary>
      <ul>
        {others.map(({ written, posterior, valid }) => (
          <li key={written}>
            <span class="written">{written}</span> {percent(posterior)}
            {valid ? '' : ', not valid'}
          </li>
        ))}
      </ul>
    </details>
  );
}

function standingOf({ complete, valid }: ShownCode): string {
  if (valid) return 'complete and valid';
  return complete ? 'complete, not valid' : 'not complete';
}

function percent(share: number): string {
  return share < 0.001 ? 'below 0.1 %' : `${(100 * share).toFixed(1)} %`;
}
