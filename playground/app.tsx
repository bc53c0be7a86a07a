import type { JSX } from 'preact';

import { AlignmentPanel } from './alignment/alignment-panel.tsx';
import { ListeningPanel } from './listening/listening-panel.tsx';
import { RegressionPanel } from './regression/regression-panel.tsx';
import { SightPanel } from './sight/sight-panel.tsx';

/** What can be touched; nothing of it leaves the page. */
export function App(): JSX.Element {
  return (
    <main class="playground">
      <header class="top">
        <h1>Attention</h1>
        <p class="source">Models that run in this page, and where they look.</p>
      </header>
      <div class="panels">
        <RegressionPanel />
        <AlignmentPanel
          title="Numbers, read aloud"
          about="Four models were trained to read lists of numbers. Those that attend look at the digits that they say; the one that has a single vector cannot, and errs from six numbers on. Choose the score, and see the alignment change."
          field="Numbers below a hundred"
          example="42 7 19"
          longest={40}
          choices={[
            { model: 'bahdanau', label: 'additive score (Bahdanau)' },
            { model: 'luong', label: 'general score (Luong)' },
            { model: 'hierarchical', label: 'a hierarchical memory' },
            { model: 'fixed-vector', label: 'none: one vector' },
          ]}
          isEager={true}
        />
        <AlignmentPanel
          title="Letters and sounds"
          about="How an English word is said, in the phones of the CMU Pronouncing Dictionary; words that nobody has written before, too."
          field="A word"
          example="attention"
          longest={32}
          choices={[{ model: 'g2p-en', label: 'general score' }]}
          isEager={false}
        />
        <SightPanel />
        <ListeningPanel />
      </div>
    </main>
  );
}
