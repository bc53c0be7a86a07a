import type { ErrorCode } from '../src/error-codes.ts';
import type { Instruments } from './instruments.ts';

/** Metrics of streams that survive a lost connection. */
export type SessionMetrics = {
  readonly resumed: (outcome: 'recovered' | 'migrated', seconds: number) => void;
  readonly notResumed: () => void;
  /** Records the size of a stream's state, in bytes. */ readonly state: (bytes: number) => void;
  readonly saved: (bytes: number, seconds: number) => void;
  readonly saveFailed: (code: ErrorCode) => void;
  /** Records that a saved session was gone when it was saved again. */ readonly recordsLost: () => void;
  /** Counts a session in, whose audio without an acknowledgement `read` gives in seconds; the function counts it out. */
  readonly watch: (read: () => number) => () => void;
};

const KIB = 1024;
const BYTES = [4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, KIB ** 2, 4 * KIB ** 2];

export function createSessionMetrics({ counter, readGauge, histogram }: Instruments): SessionMetrics {
  const gauges = new Set<() => number>();
  const resumes = counter(
    'session_resumes_total',
    'Clients that came back: `recovered`; `migrated` from another process; `lost`, which could not go on',
    'outcome',
  );
  const resumeSeconds = histogram('resume_duration_seconds', 'From `resume` to `resumed`');
  const states = histogram('state_bytes', "A stream's state, when it is made durable", BYTES);
  const snapshots = histogram('snapshot_bytes', 'A session as it is saved: the state and the last events', BYTES);
  const saving = histogram('snapshot_duration_seconds', 'Making a session durable');
  const failures = counter('snapshot_failures_total', 'Sessions that could not be made durable', 'code');
  const losses = counter(
    'snapshots_lost_total',
    'Sessions whose records were gone from their store, and were saved anew',
  );
  readGauge('unacked_audio_seconds', 'Audio taken and not acknowledged yet, of all sessions', () =>
    [...gauges].reduce((sum, read) => sum + read(), 0),
  );
  return {
    resumed: (outcome, seconds) => {
      resumes.inc({ outcome });
      resumeSeconds.observe(seconds);
    },
    notResumed: () => resumes.inc({ outcome: 'lost' }),
    state: (bytes) => states.observe(bytes),
    saved: (bytes, seconds) => {
      snapshots.observe(bytes);
      saving.observe(seconds);
    },
    saveFailed: (code) => failures.inc({ code }),
    recordsLost: () => losses.inc(),
    watch: (read) => {
      gauges.add(read);
      return () => gauges.delete(read);
    },
  };
}
