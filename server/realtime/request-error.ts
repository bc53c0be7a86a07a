import type { ErrorCode } from '../../src/error-codes.ts';
import { HearkenError } from '../../src/errors.ts';

/** OpenAI's code of one of ours, for example `invalid_value` of `realtime/invalid_value`. */
type OpenAiCode<Code> = Code extends `realtime/${infer What}` ? What : never;

/** An error in a client's message: the client is told in an `error` event, and the session goes on. */
export class RequestError extends HearkenError {
  /** Path of the field that is wrong, for example `session.audio.input.format`. */
  readonly param: string | null;

  constructor(code: OpenAiCode<ErrorCode>, message: string, param: string | null = null) {
    super(`realtime/${code}`, message);
    this.param = param;
  }

  /** The code without its area. */
  get wireCode(): string {
    return this.code.slice('realtime/'.length);
  }
}
