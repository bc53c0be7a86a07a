import { HearkenError } from '../errors.ts';

/** A task that asks for things in turn; what it asks for is answered together with what the others ask for. */
export type LockstepTask<Request, Answer, Result> = (ask: (request: Request) => Promise<Answer>) => Promise<Result>;

type Waiting<Request, Answer> = {
  readonly request: Request;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * Runs tasks side by side: whenever each of them that has not ended waits for an answer, `answerAll` is given all their
 * requests at once, and gives answer i for request i. So the number of its calls is that of the longest task, not the
 * sum. Where it rejects, each request is tried alone, so that only the task is lost whose request is the cause.
 *
 * Never rejects: result i tells how task i ended.
 *
 * Example: two tasks that ask twice and three times make 3 calls, of 2, 2 and 1 requests.
 */
export function inLockstep<Request, Answer, Result>(
  tasks: readonly LockstepTask<Request, Answer, Result>[],
  answerAll: (requests: readonly Request[]) => Promise<readonly Answer[]>,
): Promise<PromiseSettledResult<Result>[]> {
  let running = tasks.length;
  let waiting: Waiting<Request, Answer>[] = [];

  const proceed = (): void => {
    if (waiting.length === 0 || waiting.length < running) return;
    const batch = waiting;
    waiting = [];
    void answer(batch, answerAll);
  };
  const ask = (request: Request): Promise<Answer> =>
    new Promise((resolve, reject) => {
      waiting.push({ request, resolve, reject });
      proceed();
    });
  return Promise.allSettled(
    tasks.map(async (task) => {
      try {
        return await task(ask);
      } finally {
        running--;
        proceed();
      }
    }),
  );
}

/** Answers each of `batch`; never rejects. */
async function answer<Request, Answer>(
  batch: readonly Waiting<Request, Answer>[],
  answerAll: (requests: readonly Request[]) => Promise<readonly Answer[]>,
): Promise<void> {
  try {
    const answers = await answerAll(batch.map(({ request }) => request));
    if (answers.length !== batch.length) {
      throw new HearkenError('lockstep/answers', `Expected ${batch.length} answers, got ${answers.length}`);
    }
    for (const [index, { resolve }] of batch.entries()) resolve(answers[index] as Answer); // as many as requests
  } catch (error) {
    const [only, ...others] = batch;
    if (others.length === 0) only?.reject(error);
    else for (const one of batch) await answer([one], answerAll);
  }
}
