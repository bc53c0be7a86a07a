/** The one place where it is decided who comes in: every handshake and every request under `/v1/` passes here. */
import type { IncomingHttpHeaders } from 'node:http';

import type { Logger } from 'pino';

import type { ErrorCode } from '../../src/error-codes.ts';
import { HearkenError } from '../../src/errors.ts';
import { type ConnectionLimiter, RETRY_AFTER_SECONDS } from '../connection-limiter.ts';
import type { ServerMetrics } from '../metrics.ts';
import { type AudioBudget, type ClientLimits, limitClients } from './client-limits.ts';
import { credentialOf } from './credential.ts';
import { ANYBODY, type Authenticate, type Identity } from './identity.ts';
import { isKnownHost } from './host-names.ts';
import { isAllowedOrigin } from './origin.ts';
import { Refusal } from './refusal.ts';

export type AccessOptions = {
  /** Identifies the sender of a credential. Without it no client is asked for one. */
  readonly authenticate?: Authenticate | undefined;
  /** Pages that may come in beside those of this server, as `https://app.example`; `*` for all. */
  readonly origins?: readonly string[] | undefined;
  /** Names that it is called by beside localhost, addresses and what it listens on, in lower case; `*` for all. */
  readonly hostNames?: readonly string[] | undefined;
  /** Limits of each client that is told apart. */ readonly limits?: ClientLimits | undefined;
};

/** Somebody inside. */
export type Client = Identity & {
  readonly audio: AudioBudget;
  /** Counts the client out, once. */ readonly leave: () => void;
};

export type Admission = {
  /** Whether nobody is heard without a key or token. */ readonly requiresKey: boolean;
  /**
   * Throws a `Refusal` where a request names a host that this server does not serve, unless clients need a key, which
   * pages of strangers have not.
   */
  readonly assertKnownHost: (headers: IncomingHttpHeaders) => void;
  /** Whether a page may read answers, whatever they are. */ readonly mayRead: (
    headers: IncomingHttpHeaders,
  ) => boolean;
  /** Whether somebody who came in at `since` with these headers may stay: true too where that cannot be told now. */
  readonly mayStay: (headers: IncomingHttpHeaders, since: Date) => Promise<boolean>;
  /** Identifies the client of a request. Rejects with a `Refusal`. */
  readonly identify: (headers: IncomingHttpHeaders) => Promise<Identity>;
  /** Counts somebody in who is going to be heard. Throws a `Refusal`. */ readonly enter: (
    identity: Identity,
  ) => Client;
};

export type AdmissionOptions = AccessOptions & {
  /** Address that the server listens on. */ readonly host: string;
  readonly limiter: ConnectionLimiter;
  readonly metrics: ServerMetrics;
  readonly log: Logger;
};

export function createAdmission(options: AdmissionOptions): Admission {
  const { host, limiter, metrics, log, authenticate, origins = [], hostNames, limits = {} } = options;
  const enterClient = limitClients(limits);
  const refuse = (refusal: Refusal): never => {
    metrics.rejected(refusal.reason);
    throw refusal;
  };
  const ask = async (
    headers: IncomingHttpHeaders,
    by: Authenticate,
    at?: Date,
  ): Promise<Identity | 'unknown' | undefined> => {
    const credential = credentialOf(headers);
    try {
      return credential === undefined ? undefined : await by(credential, at);
    } catch (error) {
      const code: ErrorCode = error instanceof HearkenError ? error.code : 'access/failed';
      log.error({ code }, 'a credential could not be checked');
      return 'unknown';
    }
  };
  return {
    requiresKey: authenticate !== undefined,
    assertKnownHost: (headers) => {
      if (authenticate !== undefined && hostNames === undefined) return;
      if (isKnownHost(headers.host, [host.toLowerCase(), ...(hostNames ?? [])])) return;
      refuse(new Refusal('host', 'Expected `Host` to be a name of this server (--host-name), got another'));
    },
    mayRead: (headers) => isAllowedOrigin(headers, origins),
    mayStay: async (headers, since) =>
      authenticate === undefined || (await ask(headers, authenticate, since)) !== undefined,
    identify: async (headers) => {
      if (!isAllowedOrigin(headers, origins)) {
        refuse(new Refusal('origin', 'Expected a page of an allowed origin, got another'));
      }
      if (authenticate === undefined) return ANYBODY;
      const identity = await ask(headers, authenticate);
      if (identity === 'unknown') {
        const message = 'Expected to check the credential, got a failure';
        return refuse(new Refusal('unavailable', message, RETRY_AFTER_SECONDS));
      }
      return identity ?? refuse(new Refusal('credentials', 'Expected a valid API key or token, got none'));
    },
    enter: (identity) => {
      const reason = limiter.refusal();
      if (reason !== undefined) {
        refuse(new Refusal(reason, `Expected room for one more, got a server that is ${reason}`, RETRY_AFTER_SECONDS));
      }
      try {
        const { audio, leave } = enterClient(identity.id);
        const leaveLimiter = limiter.enter();
        let isInside = true;
        return {
          ...identity,
          audio,
          leave: () => {
            if (!isInside) return;
            isInside = false;
            leave();
            leaveLimiter();
          },
        };
      } catch (error) {
        if (error instanceof Refusal) metrics.rejected(error.reason);
        throw error;
      }
    },
  };
}
