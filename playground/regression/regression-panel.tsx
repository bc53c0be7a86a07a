import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

import { Canvas } from '../../console/canvas/canvas.tsx';
import type { Kernel } from '../../src/attention/kernel-regression.ts';
import { drawRegression, REGRESSION_HEIGHT } from './draw-regression.ts';
import { answerAt, type Point, weightsAt } from './regression.ts';

/** A wave with some unevenness that is the same on every page: 40 points at 0..5. */
const POINTS: readonly Point[] = Array.from({ length: 40 }, (_, index) => {
  const x = (5 * index) / 39;
  return { x, y: 2 * Math.sin(x) + x ** 0.8 + 0.5 * Math.sin(37 * index) };
});
const KERNELS: readonly Kernel[] = ['gaussian', 'boxcar', 'epanechnikov'];

/** The ancestor of attention: a query asks points by how near they are. */
export function RegressionPanel(): JSX.Element {
  const [width, setWidth] = useState(0.4);
  const [query, setQuery] = useState(2);
  const [kernel, setKernel] = useState<Kernel>('gaussian');
  const heard = weightsAt(POINTS, query, kernel, width).filter((weight) => weight > 0.01).length;
  const answer = answerAt(POINTS, query, kernel, width);
  return (
    <section class="panel" aria-labelledby="regression-title">
      <header>
        <h2 id="regression-title">Attention by nearness</h2>
        <p class="figures" role="status">
          {answer.toFixed(2)} at {query.toFixed(2)}, of {heard} points
        </p>
      </header>
      <p>
        Nadaraya–Watson regression: the answer at a place is the mean of all points, the near ones counting more. The
        width of the kernel decides how many have a say.
      </p>
      <div class="fields">
        <Slider label="Width" value={width} minimum={0.05} maximum={3} set={setWidth} />
        <Slider label="Place" value={query} minimum={0} maximum={5} set={setQuery} />
        <label>
          <span>Kernel</span>
          <select
            value={kernel}
            onChange={({ currentTarget }) => setKernel(currentTarget.value as Kernel)} // of the three below
          >
            {KERNELS.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      </div>
      <Canvas
        height={REGRESSION_HEIGHT}
        label={`${POINTS.length} points and the curve of their ${kernel} means of width ${width.toFixed(2)}; at ${query.toFixed(2)} it answers ${answer.toFixed(2)}`}
        draw={(surface) => drawRegression(surface, { points: POINTS, kernel, width, query })}
      />
    </section>
  );
}

type SliderProps = {
  readonly label: string;
  readonly value: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly set: (value: number) => void;
};

function Slider({ label, value, minimum, maximum, set }: SliderProps): JSX.Element {
  return (
    <label>
      <span>
        {label} {value.toFixed(2)}
      </span>
      <input
        type="range"
        min={minimum}
        max={maximum}
        step={0.01}
        value={value}
        onInput={({ currentTarget }) => set(currentTarget.valueAsNumber)}
      />
    </label>
  );
}
