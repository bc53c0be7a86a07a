import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';

import { Canvas } from '../canvas/canvas.tsx';
import { attentionOf, type ConsoleState, wordAt } from '../console-state.ts';
import type { ConsoleModel } from '../models.ts';
import { drawMemory, memoryHeight } from './draw-memory.ts';
import { type Past, pastOfMemory, pastOfWord } from './past.ts';
import { attendedMoments } from './attended-moments.ts';
import { treeAfter } from './tree.ts';

const NO_PAST: Past = { start: 0, end: 0, bins: [] };

/** The memory now and where its newest read looked; or, with a word selected, as it was when that word was settled. */
export function MemoryPanel({ state, model }: { state: ConsoleState; model: ConsoleModel }): JSX.Element {
  const selected = wordAt(state, state.selected);
  const attention = useMemo(() => attentionOf(state.utterances, state.selected), [state.utterances, state.selected]);
  const past = useMemo((): Past => {
    if (attention !== undefined) return pastOfWord(attention.edges, attention.word);
    if (state.memory !== undefined) return pastOfMemory(state.memory);
    return NO_PAST;
  }, [attention, state.memory]);
  const words = useMemo(
    () => [...state.utterances.flatMap((utterance) => utterance.words), ...state.partial],
    [state.utterances, state.partial],
  );
  const { memory: config, secondsPerVector } = model;
  const tree = treeAfter(config, Math.round((past.end - past.start) / secondsPerVector));
  const moments = attendedMoments(past, words);
  const reader = attention?.word.decoder === undefined ? "the memory's read" : 'the decoder';
  const subject =
    attention === undefined ? 'last' : `for “${attention.word.word}”, settled at ${past.end.toFixed(1)} s`;
  return (
    <section class="panel memory" aria-labelledby="memory-title">
      <header>
        <h2 id="memory-title">Memory</h2>
        <p class="figures">
          {tree.vectorCount.toLocaleString('en')} vectors heard: {tree.windowCount} exact, {tree.rootCount} live
          summaries
        </p>
      </header>
      <Canvas
        height={memoryHeight(tree)}
        draw={(surface) => drawMemory(surface, { config, secondsPerVector, past, tree, marked: attention && selected })}
        label={`The tree of summaries over ${(past.end - past.start).toFixed(1)} seconds: ${tree.levelCount} levels, ${tree.rootCount} live summaries and ${tree.windowCount} exact vectors`}
      />
      <div class="looked-at">
        {moments.length === 0 ? (
          <p class="empty">
            {tree.vectorCount === 0
              ? 'The memory is empty. Boxes will be what it holds; filled ones, and the bars under them, where it was looked.'
              : 'No moment of the past stands out.'}
          </p>
        ) : (
          <>
            <p>
              Where {reader} looked {subject}:
            </p>
            <ol>
              {moments.map(({ start, end, share, words: said }) => (
                <li key={start}>
                  <b>{(100 * share).toFixed(0)} %</b> {start.toFixed(2)}–{end.toFixed(2)} s{' '}
                  <i>{said === '' ? 'no word' : said}</i>
                </li>
              ))}
            </ol>
          </>
        )}
      </div>
    </section>
  );
}
