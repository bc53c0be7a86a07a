/** What operators see on `/metrics`. A registry of its own for each server; nothing names a stream or a client. */
import { collectDefaultMetrics, type Histogram, Registry } from 'prom-client';

import type { RecognitionEvent } from '../src/recognizer/events.ts';
import type { RefusalReason } from './access/refusal.ts';
import type { BatchReport } from './engine/protocol.ts';
import { createInstruments, type Instruments, type MetricRow } from './instruments.ts';
import { createSessionMetrics, type SessionMetrics } from './session-metrics.ts';
import type { EngineWatch, StreamWatch } from './watched-engine.ts';

/** Live figures that the gauges read. */
export type Load = {
  readonly streams: number;
  readonly queuedSeconds: number;
  readonly egressBytes: number;
};

/** Metrics of one stream, or of all of a connection that are heard one after the other. */
export type StreamMetrics = { readonly watch: EngineWatch };

export type ServerMetrics = {
  readonly registry: Registry;
  /** Names and help of all metrics, for the guide's table. */ readonly rows: readonly MetricRow[];
  readonly sessions: SessionMetrics;
  /** Counts a client in; the returned function counts it out. */ readonly connected: (protocol: string) => () => void;
  readonly rejected: (reason: RefusalReason) => void;
  readonly disconnected: (code: number, pausedSeconds: number) => void;
  readonly coalesced: () => void;
  readonly batch: (report: BatchReport) => void;
  /** A model was loaded again, or could not be. */
  readonly reloaded: (model: string, outcome: 'changed' | 'unchanged' | 'refused') => void;
  readonly freed: (model: string) => void;
  readonly openStream: () => StreamMetrics;
};

/** Gauges whose names end as counters' do; each is the sum of `nodejs_active_...` over its types. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

export function createMetrics(version: string, load: () => Load): ServerMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  const instruments = createInstruments(registry);
  instruments.gauge('build_info', 'Always 1', 'version').set({ version }, 1);
  return {
    registry,
    rows: instruments.rows,
    ...connectionMetrics(instruments, load),
    ...engineMetrics(instruments, load),
    sessions: createSessionMetrics(instruments),
  };
}

type ConnectionMetrics = Pick<ServerMetrics, 'connected' | 'rejected' | 'disconnected' | 'coalesced'>;

function connectionMetrics({ counter, gauge, readGauge }: Instruments, load: () => Load): ConnectionMetrics {
  const active = gauge(
    'connections_active',
    'Clients connected now: `native`, `vosk`, `realtime`, `http` (uploads)',
    'protocol',
  );
  const connections = counter('connections_total', 'Clients that have connected', 'protocol');
  const rejections = counter(
    'connections_rejected_total',
    'Handshakes and requests refused: `full`, `draining`, `host`, `origin`, `credentials`, `unavailable` (not to be checked now), ' +
      'or the limit that a client has reached: `streams`, `handshakes`, `audio`',
    'reason',
  );
  const disconnects = counter('disconnects_total', 'WebSockets that ended', 'code');
  const paused = counter('paused_seconds_total', 'Time in which clients were not read from');
  const coalesced = counter('coalesced_frames_total', 'Messages that gave way to newer ones before they were sent');
  readGauge('egress_buffered_bytes', 'Bytes waiting to be sent, to all clients', () => load().egressBytes);
  return {
    connected: (protocol) => {
      connections.inc({ protocol });
      active.inc({ protocol });
      return () => active.dec({ protocol });
    },
    rejected: (reason) => rejections.inc({ reason }),
    disconnected: (code, pausedSeconds) => {
      disconnects.inc({ code });
      paused.inc(pausedSeconds);
    },
    coalesced: () => coalesced.inc(),
  };
}

type EngineMetrics = Pick<ServerMetrics, 'batch' | 'openStream' | 'reloaded' | 'freed'>;

function engineMetrics({ counter, gauge, readGauge, histogram }: Instruments, load: () => Load): EngineMetrics {
  readGauge('sessions_active', 'Streams that have sent audio and not ended', () => load().streams);
  readGauge('ingress_queue_seconds', 'Audio received and not yet heard, of all streams', () => load().queuedSeconds);
  const waiting = gauge('batch_waiting_streams', 'Streams that the last batch had no place for', 'model');
  const levels = gauge('memory_levels', 'Levels above the window of the deepest memory in the last batch', 'model');
  const reloads = counter('model_reloads_total', 'Models loaded again: `changed`, `unchanged`, `refused`', 'outcome');
  const old = gauge('retired_models', 'Models that were replaced and still have streams', 'model');
  const sizes = histogram('batch_size', 'Streams in a batch', [1, 2, 4, 8, 16, 32, 64, 128]);
  const audio = counter('audio_seconds_total', 'Audio heard');
  const processing = counter('processing_seconds_total', 'Time in batches', 'stage');
  const chunks = histogram('chunk_latency_seconds', 'From the arrival of a chunk to its answer');
  const first = histogram('first_result_seconds', 'From the first chunk of a stream to its first words');
  const finals = histogram(
    'final_latency_seconds',
    'From the end of an utterance that a client asked for to its answer',
  );
  return {
    batch: ({ model, size, waiting: left, memoryLevels, audioSeconds, seconds }) => {
      sizes.observe(size);
      waiting.set({ model }, left);
      levels.set({ model }, memoryLevels);
      audio.inc(audioSeconds);
      processing.inc({ stage: 'batch' }, seconds);
    },
    reloaded: (model, outcome) => {
      reloads.inc({ outcome });
      if (outcome === 'changed') old.inc({ model });
    },
    freed: (model) => old.dec({ model }),
    openStream: () => {
      let began: number | undefined;
      let hasWords = false;
      const watch = async (histogramOf: Histogram, answer: Promise<readonly RecognitionEvent[]>): Promise<void> => {
        const started = performance.now();
        began ??= started;
        const events = await answer;
        histogramOf.observe((performance.now() - started) / 1000);
        if (!hasWords && events.some((event) => 'text' in event && event.text !== '')) {
          hasWords = true;
          first.observe((performance.now() - began) / 1000);
        }
      };
      const onRequest: StreamWatch['onRequest'] = (answer, { how }) => {
        watch(how === 'push' ? chunks : finals, answer).catch(() => undefined); // who asked is told of a failure
      };
      return { watch: { onOpen: () => ({ onRequest }) } };
    },
  };
}
