/** How much one client may have of the server, over all its connections. */
import { setTimeout as sleep } from 'node:timers/promises';

import { HearkenError } from '../../src/errors.ts';
import { RETRY_AFTER_SECONDS } from '../connection-limiter.ts';
import { Refusal } from './refusal.ts';
import { createTokenBucket, type TokenBucket } from './token-bucket.ts';

/** Limits of each key, or of each subject of tokens; what is absent is not limited. */
export type ClientLimits = {
  /** WebSockets and uploads at once. */ readonly streams?: number | undefined;
  /** WebSockets and uploads begun. */ readonly handshakesPerMinute?: number | undefined;
  /** Audio heard, live or uploaded. */ readonly audioSecondsPerMinute?: number | undefined;
};

export type AudioBudget = {
  readonly spend: (seconds: number) => void;
  /** Resolves when what was spent has been waited for. Rejects with `limit/audio` where that would take too long. */
  readonly room: () => Promise<void>;
};

export type ClientEntry = {
  readonly audio: AudioBudget;
  /** Counts it out. */
  readonly leave: () => void;
};

/** Counts a connection of the client `id` in. Throws a `Refusal`. */
export type EnterClient = (id: string) => ClientEntry;

type Account = { connections: number; readonly handshakes: TokenBucket; readonly audio: TokenBucket };

/** Longest time in seconds that a connection which spends too much is held back before it is ended. */
const LONGEST_WAIT_SECONDS = 10;
/** Clients remembered from which on those are forgotten who are gone and owe nothing. */
const SWEEP_FROM = 1_000;

/** `now` in milliseconds. */
export function limitClients(limits: ClientLimits, now: () => number = () => performance.now()): EnterClient {
  const accounts = new Map<string, Account>();
  const bucket = (perMinute: number | undefined): TokenBucket =>
    perMinute === undefined ? UNLIMITED : createTokenBucket(perMinute, now);
  const accountOf = (id: string): Account => {
    const known = accounts.get(id);
    if (known !== undefined) return known;
    if (accounts.size >= SWEEP_FROM) sweep(accounts);
    const account = {
      connections: 0,
      handshakes: bucket(limits.handshakesPerMinute),
      audio: bucket(limits.audioSecondsPerMinute),
    };
    accounts.set(id, account);
    return account;
  };
  return (id) => {
    const account = accountOf(id);
    assertMayEnter(account, limits);
    account.handshakes.spend(1);
    account.connections++;
    return {
      audio: budgetOf(account.audio),
      leave: () => {
        account.connections--;
      },
    };
  };
}

const UNLIMITED: TokenBucket = { spend: () => undefined, secondsUntil: () => 0, isFull: () => true };

function assertMayEnter({ connections, handshakes, audio }: Account, limits: ClientLimits): void {
  const { streams = Infinity, handshakesPerMinute, audioSecondsPerMinute } = limits;
  if (handshakes.secondsUntil(1) > 0) {
    const expected = `Expected at most ${handshakesPerMinute} connections a minute, got more`;
    throw new Refusal('handshakes', expected, handshakes.secondsUntil(1));
  }
  if (connections >= streams) {
    throw new Refusal('streams', `Expected at most ${streams} connections at once, got more`, RETRY_AFTER_SECONDS);
  }
  if (audio.secondsUntil(0) > 0) {
    const expected = `Expected at most ${audioSecondsPerMinute} seconds of audio a minute, got more`;
    throw new Refusal('audio', expected, audio.secondsUntil(0));
  }
}

function budgetOf(audio: TokenBucket): AudioBudget {
  return {
    spend: audio.spend,
    room: async () => {
      const wait = audio.secondsUntil(0);
      if (wait > LONGEST_WAIT_SECONDS) {
        throw new HearkenError('limit/audio', 'Expected no more audio than the limit of this client, got more');
      }
      if (wait > 0) await sleep(wait * 1_000);
    },
  };
}

/** Forgets who would be let in as a new client is. */
function sweep(accounts: Map<string, Account>): void {
  for (const [id, { connections, handshakes, audio }] of accounts) {
    if (connections === 0 && handshakes.isFull() && audio.isFull()) accounts.delete(id);
  }
}
