import type { JSX } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';

import { Canvas } from '../../console/canvas/canvas.tsx';
import { type Alignment, describeAlignment } from './alignment.ts';
import { alignmentHeight, drawAlignment } from './draw-alignment.ts';
import { useDecoding } from './use-decoding.ts';

/** A model of the page, and what people read of it. */
export type AlignmentChoice = { readonly model: string; readonly label: string };

type AlignmentProps = {
  readonly title: string;
  /** What can be seen here. */ readonly about: string;
  readonly field: string;
  readonly example: string;
  readonly longest: number;
  /** Models to choose from; one or more. */ readonly choices: readonly [AlignmentChoice, ...AlignmentChoice[]];
  /** Whether the example is written at once; else the first change of the text fetches the model. */
  readonly isEager: boolean;
};

const ROW_MS = 60;

/** Type something, and watch what is written about it, and where each symbol of that looks. */
export function AlignmentPanel(props: AlignmentProps): JSX.Element {
  const { title, about, field, example, longest, choices, isEager } = props;
  const id = useId();
  const [text, setText] = useState(example);
  const [model, setModel] = useState(choices[0].model);
  const [isAsked, ask] = useState(isEager);
  const { written: alignment, problem, isBusy } = useDecoding(isAsked ? model : '', text);
  const shown = useGrowing(alignment);
  return (
    <section class="panel" aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        <p class="figures" role="status">
          {isBusy ? 'computing' : (alignment?.outputSymbols.join(' ') ?? '')}
        </p>
      </header>
      <p>{about}</p>
      <div class="fields">
        <label>
          <span>{field}</span>
          <input
            type="text"
            value={text}
            maxLength={longest}
            autocomplete="off"
            spellcheck={false}
            onInput={({ currentTarget }) => {
              setText(currentTarget.value.toLowerCase());
              ask(true);
            }}
          />
        </label>
        {choices.length > 1 && (
          <label>
            <span>Attention</span>
            <select
              value={model}
              onChange={({ currentTarget }) => {
                setModel(currentTarget.value);
                ask(true);
              }}
            >
              {choices.map((choice) => (
                <option key={choice.model} value={choice.model}>
                  {choice.label}
                </option>
              ))}
            </select>
          </label>
        )}
        {!isAsked && (
          <button type="button" onClick={() => ask(true)}>
            Show it
          </button>
        )}
      </div>
      {problem !== '' && (
        <p class="refused" role="alert">
          {problem}
        </p>
      )}
      {alignment !== undefined && (
        <Canvas
          height={alignmentHeight(alignment)}
          label={describeAlignment(alignment)}
          draw={(surface) => drawAlignment(surface, alignment, shown)}
        />
      )}
    </section>
  );
}

/** How many rows are shown: one more with every moment, all at once for those who want no motion. */
function useGrowing(alignment: Alignment | undefined): number {
  const [shown, setShown] = useState(0);
  useEffect(() => {
    const rows = alignment?.outputSymbols.length ?? 0;
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
      setShown(rows);
      return undefined;
    }
    setShown(0);
    let count = 0;
    const timer = setInterval(() => {
      setShown(++count);
      if (count >= rows) clearInterval(timer);
    }, ROW_MS);
    return () => clearInterval(timer);
  }, [alignment]);
  return shown;
}
