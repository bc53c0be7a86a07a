import type { JSX } from 'preact';
import { useCallback, useEffect, useMemo, useRef } from 'preact/hooks';

import type { WordMessage } from '../../client/index.ts';
import type { Action, ConsoleState, ShownUtterance, WordPlace } from '../console-state.ts';
import { leaveWholeRows } from './whole-rows.ts';
import { isSame, neighbor } from './word-places.ts';

type WordsProps = {
  readonly state: ConsoleState;
  /** What can be said, shown on an empty page. */ readonly hint: string;
  readonly dispatch: (action: Action) => void;
};

/** Settled words, one of which can be looked at by pointer or arrow keys, and those that may still change. */
export function WordsPanel({ state, hint, dispatch }: WordsProps): JSX.Element {
  const { utterances, partial, selected } = state;
  const list = useRef<HTMLDivElement>(null);
  const isPinned = useRef(true);
  const fit = useCallback((): void => {
    if (list.current === null) return;
    leaveWholeRows(list.current);
    if (isPinned.current) list.current.scrollTo({ top: list.current.scrollHeight });
  }, []);
  useEffect(fit, [fit, utterances, partial]);
  useEffect(() => {
    const resized = new ResizeObserver(fit);
    if (list.current !== null) resized.observe(list.current);
    return () => resized.disconnect();
  }, [fit]);
  const select = useCallback((place: WordPlace | undefined): void => dispatch({ type: 'select', place }), [dispatch]);
  const focusWord = ({ utterance, word }: WordPlace): void =>
    list.current?.querySelector<HTMLElement>(`[data-place="${utterance}.${word}"]`)?.focus();
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') select(undefined);
    const next = neighbor(utterances, selected, event.key);
    if (next === undefined) return;
    event.preventDefault();
    focusWord(next);
  };
  const settled = useMemo(
    () =>
      utterances.map((utterance, index) => (
        <UtteranceRow
          key={utterance.start}
          utterance={utterance}
          index={index}
          selected={selected}
          isLast={index === utterances.length - 1}
          select={select}
        />
      )),
    [utterances, selected, select],
  );
  const isEmpty = utterances.length === 0 && partial.length === 0;
  return (
    <section class="panel words" aria-labelledby="words-title">
      <header>
        <h2 id="words-title">Words</h2>
        <p class="figures">{utterances.reduce((sum, { words }) => sum + words.length, 0)} settled</p>
      </header>
      <div
        ref={list}
        class="transcript"
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          isPinned.current = scrollTop + clientHeight > scrollHeight - 24;
        }}
        onPointerLeave={() => select(focusedPlace(list.current))}
        onFocusOut={({ relatedTarget }) => {
          if (!(relatedTarget instanceof Node && list.current?.contains(relatedTarget))) select(undefined);
        }}
      >
        {isEmpty && <p class="empty">{hint}</p>}
        {utterances.length > 0 && (
          <div
            role="listbox"
            tabIndex={-1}
            aria-label="Settled words"
            aria-orientation="horizontal"
            onKeyDown={onKeyDown}
          >
            {settled}
          </div>
        )}
        {partial.length > 0 && (
          <p class="utterance partial" aria-label="Words that may still change">
            <span class="when">now</span>
            <span class="line">{partial.map(({ word }) => word).join(' ')}</span>
          </p>
        )}
      </div>
      <SpokenFinals utterances={utterances} />
    </section>
  );
}

type RowProps = {
  readonly utterance: ShownUtterance;
  readonly index: number;
  readonly isLast: boolean;
  readonly selected: WordPlace | undefined;
  readonly select: (place: WordPlace | undefined) => void;
};

function UtteranceRow({ utterance, index, isLast, selected, select }: RowProps): JSX.Element {
  return (
    <div class="utterance" role="group" aria-label={`From ${utterance.start.toFixed(1)} seconds`}>
      <span class="when">{utterance.start.toFixed(1)} s</span>
      <span class="line">
        {utterance.words.map((word, position) => {
          const place = { utterance: index, word: position };
          // One stop for the Tab key: the selected word, or else the newest.
          const isStop =
            selected === undefined ? isLast && position === utterance.words.length - 1 : isSame(selected, place);
          return (
            <Word
              key={word.start}
              word={word}
              place={place}
              isSelected={isSame(selected, place)}
              isStop={isStop}
              select={select}
            />
          );
        })}
      </span>
    </div>
  );
}

type WordProps = {
  readonly word: WordMessage;
  readonly place: WordPlace;
  readonly isSelected: boolean;
  readonly isStop: boolean;
  readonly select: (place: WordPlace) => void;
};

function Word({ word, place, isSelected, isStop, select }: WordProps): JSX.Element {
  const percent = Math.round(100 * word.confidence);
  return (
    <span
      class="word"
      role="option"
      tabIndex={isStop ? 0 : -1}
      aria-selected={isSelected}
      data-place={`${place.utterance}.${place.word}`}
      onFocus={() => select(place)}
      onPointerEnter={() => select(place)}
      style={{ '--confidence': word.confidence }}
    >
      <span class="text">{word.word}</span> <span class="time">{word.start.toFixed(2)}</span>{' '}
      <span class="for-readers">
        to {word.end.toFixed(2)} seconds, confidence {percent} per cent
      </span>
    </span>
  );
}

/** Finals only, for screen readers: partials would be read again with every word. */
function SpokenFinals({ utterances }: { utterances: readonly ShownUtterance[] }): JSX.Element {
  const newest = utterances.at(-1);
  return (
    <p class="for-readers" role="status" aria-live="polite">
      {newest?.words.map(({ word }) => word).join(' ')}
    </p>
  );
}

/** The word that the keyboard is on, so that a pointer that passes by does not take it away. */
function focusedPlace(list: HTMLElement | null): WordPlace | undefined {
  const [utterance, word] = list?.querySelector<HTMLElement>('[data-place]:focus')?.dataset['place']?.split('.') ?? [];
  return utterance === undefined || word === undefined
    ? undefined
    : { utterance: Number(utterance), word: Number(word) };
}
