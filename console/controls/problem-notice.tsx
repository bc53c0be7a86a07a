import type { JSX } from 'preact';

import type { Problem } from '../problem.ts';

type NoticeProps = { readonly problem: Problem; readonly action: string; readonly act: () => void };

export function ProblemNotice({ problem, action, act }: NoticeProps): JSX.Element {
  return (
    <div class="problem" role="alert">
      <p>
        <b>{problem.title}.</b> {problem.advice} <code>{problem.code}</code>
      </p>
      <button type="button" onClick={act}>
        {action}
      </button>
    </div>
  );
}
