import type { ErrorCode } from '../../src/error-codes.ts';
import { HearkenError } from '../../src/errors.ts';

/** Why a client was refused, as the metrics count it. */
export type RefusalReason =
  | 'full'
  | 'draining'
  | 'host'
  | 'origin'
  | 'credentials'
  | 'unavailable'
  | 'streams'
  | 'handshakes'
  | 'audio';

const STATUSES: Readonly<Record<RefusalReason, number>> = {
  full: 503,
  draining: 503,
  host: 403,
  origin: 403,
  credentials: 401,
  unavailable: 503,
  streams: 429,
  handshakes: 429,
  audio: 429,
};

const CODES: Readonly<Record<RefusalReason, ErrorCode>> = {
  full: 'server/unavailable',
  draining: 'server/unavailable',
  host: 'access/host',
  origin: 'access/origin',
  credentials: 'access/credentials',
  unavailable: 'server/unavailable',
  streams: 'access/limit',
  handshakes: 'access/limit',
  audio: 'access/limit',
};

/** Refuses a handshake or a request before anything of it is looked at. */
export class Refusal extends HearkenError {
  readonly reason: RefusalReason;
  /** Status of the HTTP response. */ readonly status: number;
  /** Names are lower case. */ readonly headers: Readonly<Record<string, string>>;

  /** `retryAfterSeconds`: when to come back, where that may help. */
  constructor(reason: RefusalReason, message: string, retryAfterSeconds?: number) {
    const status = STATUSES[reason];
    super(CODES[reason], message);
    this.name = 'Refusal';
    this.reason = reason;
    this.status = status;
    this.headers = {
      ...(status === 401 && { 'www-authenticate': 'Bearer' }),
      ...(retryAfterSeconds !== undefined && { 'retry-after': String(Math.max(1, Math.ceil(retryAfterSeconds))) }),
    };
  }
}
