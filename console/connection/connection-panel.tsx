import type { JSX } from 'preact';

import type { ConsoleState, Outage } from '../console-state.ts';
import { clockOf } from '../signal/draw-signal.ts';
import { connectionText } from './connection-text.ts';

type ConnectionProps = {
  readonly state: ConsoleState;
  /** Cuts the connection for a while; undefined where there is none. */ readonly cut: (() => void) | undefined;
};

/** State, delay, what is kept for a resume, and what became of lost connections. */
export function ConnectionPanel({ state, cut }: ConnectionProps): JSX.Element {
  const { delaySeconds, sentSeconds, durableSeconds, outages } = state;
  const isOver = state.activity === 'idle' || state.activity === 'done';
  return (
    <section class="panel connection" aria-labelledby="connection-title">
      <header>
        <h2 id="connection-title">Connection</h2>
        <p class="figures">{connectionText(state)}</p>
      </header>
      <dl>
        <div>
          <dt>Newest word came after its end by</dt>
          <dd>{delaySeconds === undefined ? '–' : `${delaySeconds.toFixed(2)} s`}</dd>
        </div>
        <div>
          <dt>Safe on the server</dt>
          <dd>{durableSeconds.toFixed(1)} s</dd>
        </div>
        <div>
          <dt>Kept here for a resume</dt>
          <dd>{isOver ? '–' : `${Math.max(0, sentSeconds - durableSeconds).toFixed(1)} s`}</dd>
        </div>
      </dl>
      <p class="act">
        <button type="button" disabled={cut === undefined} onClick={() => cut?.()}>
          Cut the connection
        </button>
        <span class="note">for three seconds, to see the stream go on where it was</span>
      </p>
      <ol class="outages" aria-label="Lost connections" aria-live="polite">
        {outages.map((outage) => (
          <li key={outage.lostAt}>{outageText(outage, isOver)}</li>
        ))}
      </ol>
    </section>
  );
}

function outageText({ sentSeconds, reason, resumed }: Outage, isOver: boolean): string {
  const lost = `Lost at ${clockOf(sentSeconds)}${reason && `: ${reason}`}.`;
  if (resumed === undefined) return isOver ? `${lost} It did not come back.` : `${lost} Trying again; audio is kept.`;
  const { afterSeconds, fromSeconds, againSeconds } = resumed;
  return `${lost} Back after ${afterSeconds.toFixed(1)} s: went on from ${fromSeconds.toFixed(1)} s, ${againSeconds.toFixed(1)} s sent again, nothing lost.`;
}
