import { HearkenError } from '../../src/errors.ts';

/** What a client asked for cannot be had: it is told in an `error` event, and goes on. */
export class RequestError extends HearkenError {
  /** Path of the field that is wrong, for example `session.audio.input.format`. */
  readonly param: string | null;

  /** `code` is OpenAI's, for example `invalid_value`. */
  constructor(code: string, message: string, param: string | null = null) {
    super(`realtime/${code}`, message);
    this.param = param;
  }

  /** The code without its area. */
  get wireCode(): string {
    return this.code.slice('realtime/'.length);
  }
}
