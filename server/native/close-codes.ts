import type { AreaOf, ErrorCode } from '../../src/error-codes.ts';

/** Close codes of `/v1/stream`. Below 4500 a client comes back, with a wait that grows; from 4500 on it stops. */
export const NATIVE_CLOSE = {
  /** The stream is over. */ done: 1000,
  /** A frame of the wrong kind: audio before `start`. */ wrongFrame: 1003,
  /** Text that is no message, or audio that is no samples. */ badData: 1007,
  /** The client asked for a model or grammar that is refused, or may not stay. */ policy: 1008,
  /** Our bug, or a store that fails. */ failure: 1011,
  /** The server goes away. */ restart: 1012,
  /** More audio than the client may send. */ overLimit: 4029,
  /** Neither audio nor `KeepAlive` for too long. */ idle: 4001,
  /** The session cannot be resumed; the answer before the close says why. */ notRecovered: 4510,
  /** Another connection goes on with the session. */ takenOver: 4511,
} as const;

/** Areas of errors in what the client sent, and in what it asked for. */
const BAD_DATA: ReadonlySet<string> = new Set<AreaOf<ErrorCode>>(['audio', 'protocol', 'token']);
const POLICY: ReadonlySet<string> = new Set<AreaOf<ErrorCode>>(['access', 'grammar', 'model', 'option']);

/** The code that says what kind of error `code` is. */
export function closeCodeOf(code: ErrorCode): number {
  if (code === 'session/fenced') return NATIVE_CLOSE.takenOver;
  const [area = ''] = code.split('/', 1);
  if (code === 'session/store' || area === 'engine') return NATIVE_CLOSE.failure;
  if (code === 'limit/audio') return NATIVE_CLOSE.overLimit;
  if (code === 'protocol/wrong-frame') return NATIVE_CLOSE.wrongFrame;
  if (BAD_DATA.has(area)) return NATIVE_CLOSE.badData;
  if (area === 'session') return NATIVE_CLOSE.notRecovered;
  return POLICY.has(area) ? NATIVE_CLOSE.policy : NATIVE_CLOSE.failure;
}
