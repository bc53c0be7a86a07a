/** What operators see on `/metrics`. A registry of its own for each server; nothing names a stream or a client. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

import type { RecognitionEvent } from '../src/runtime/event.ts';
import type { BatchReport } from './engine/messages.ts';

const SECONDS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30];

/** What gauges are read from when they are asked for. */
export type Load = {
  readonly connections: number;
  readonly streams: number;
  readonly queuedSeconds: number;
  readonly egressBytes: number;
};

type Heard = Promise<readonly RecognitionEvent[]>;

/** What one stream tells of itself. */
export type StreamMetrics = {
  /** Watches a chunk being heard; gives its events on. */ readonly timed: (heard: Heard) => Heard;
  /** Watches a flush. */ readonly timedFlush: (heard: Heard) => Heard;
};

export type ServerMetrics = {
  readonly registry: Registry;
  readonly connected: (protocol: string) => void;
  readonly rejected: (reason: 'full' | 'draining') => void;
  readonly disconnected: (code: number, pausedSeconds: number) => void;
  readonly batch: (report: BatchReport) => void;
  readonly openStream: () => StreamMetrics;
};

export function createMetrics(version: string, load: () => Load): ServerMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const gauge = (name: keyof Load, metric: string, help: string): void => {
    const own: Gauge = new Gauge({ name: metric, help, registers, collect: () => own.set(load()[name]) });
  };
  const counter = <T extends string>(name: string, help: string, ...labelNames: readonly T[]): Counter<T> =>
    new Counter({ name, help, labelNames, registers });
  const histogram = (name: string, help: string, buckets: number[] = SECONDS): Histogram =>
    new Histogram({ name, help, buckets, registers });

  gauge('connections', 'hearken_connections_active', 'Clients that are connected');
  gauge('streams', 'hearken_sessions_active', 'Streams that are being heard');
  gauge('queuedSeconds', 'hearken_ingress_queue_seconds', 'Audio received and not yet heard, of all streams');
  gauge('egressBytes', 'hearken_egress_buffered_bytes', 'Bytes waiting to be sent, to all clients');
  new Gauge({ name: 'hearken_build_info', help: 'Always 1', labelNames: ['version'], registers }).set({ version }, 1);
  const connections = counter('hearken_connections_total', 'Clients that have connected', 'protocol');
  const rejections = counter('hearken_connections_rejected_total', 'Handshakes and uploads refused', 'reason');
  const disconnects = counter('hearken_disconnects_total', 'Connections that have ended', 'code');
  const paused = counter('hearken_paused_seconds_total', 'Time in which clients were not read from');
  const audio = counter('hearken_audio_seconds_total', 'Audio heard');
  const processing = counter('hearken_processing_seconds_total', 'Time in batches', 'stage');
  const sizes = histogram('hearken_batch_size', 'Streams in a batch', [1, 2, 4, 8, 16, 32, 64, 128]);
  const chunks = histogram('hearken_chunk_latency_seconds', 'From the arrival of a chunk to its answer');
  const first = histogram('hearken_first_result_seconds', 'From the first chunk of a stream to its first words');
  const finals = histogram('hearken_final_latency_seconds', 'From a flush to its answer');

  return {
    registry,
    connected: (protocol) => connections.inc({ protocol }),
    rejected: (reason) => rejections.inc({ reason }),
    disconnected: (code, pausedSeconds) => {
      disconnects.inc({ code });
      paused.inc(pausedSeconds);
    },
    batch: ({ size, audioSeconds, seconds }) => {
      sizes.observe(size);
      audio.inc(audioSeconds);
      processing.inc({ stage: 'batch' }, seconds);
    },
    openStream: () => {
      let began: number | undefined;
      let hasWords = false;
      const watch = async (histogramOf: Histogram, heard: Heard): Heard => {
        const started = performance.now();
        began ??= started;
        const events = await heard;
        histogramOf.observe((performance.now() - started) / 1000);
        if (!hasWords && events.some((event) => 'text' in event && event.text !== '')) {
          hasWords = true;
          first.observe((performance.now() - began) / 1000);
        }
        return events;
      };
      return { timed: (heard) => watch(chunks, heard), timedFlush: (heard) => watch(finals, heard) };
    },
  };
}
