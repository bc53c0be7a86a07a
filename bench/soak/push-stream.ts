/** A client of the native protocol that sends as fast as the server hears. */
import { once } from 'node:events';

import { WebSocket } from 'ws';

import type { ServerMessage } from '../../client/protocol.ts';

export type PushOptions = {
  readonly url: string;
  /** s16le; gone round. */ readonly pcm: Buffer;
  /** Sample rate in Hz. */ readonly sampleRate: number;
  /** Sample of `pcm` to begin with. */ readonly from: number;
  /** Audio to send in all. */ readonly seconds: number;
  /** More audio is durable: how much, and the time since its last sample was sent. */
  readonly onAck: (seconds: number, latencyMs: number) => void;
};

const FRAME_SECONDS = 0.5;
/** Audio sent and not acknowledged: two of the server's saves, so that it never waits for us. */
const IN_FLIGHT_SECONDS = 4;

/** Resolves when the server has heard everything and said so. Rejects where the stream ends before, or is short of samples. */
export async function pushStream({ url, pcm, sampleRate, from, seconds, onAck }: PushOptions): Promise<void> {
  const socket = new WebSocket(url, ['hearken.v1'], { perMessageDeflate: false });
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'start', encoding: 's16le', sampleRate }));
  const length = Math.round(seconds * sampleRate);
  const sentAt: { readonly end: number; readonly time: number }[] = [];
  let [sent, acked] = [0, 0];
  const push = (): void => {
    while (sent < length && sent - acked < IN_FLIGHT_SECONDS * sampleRate) {
      const count = Math.min(FRAME_SECONDS * sampleRate, length - sent);
      socket.send(roundFrom(pcm, 2 * (from + sent), 2 * count));
      sent += count;
      sentAt.push({ end: sent, time: performance.now() });
      if (sent === length) socket.send('{"type":"CloseStream"}');
    }
  };
  const onAcked = (samples: number): void => {
    if (samples === acked) return; // the end is said once more
    let time = Number.NaN;
    while ((sentAt[0]?.end ?? Infinity) <= samples) time = sentAt.shift()?.time ?? time;
    onAck((samples - acked) / sampleRate, performance.now() - time);
    acked = samples;
    push();
  };
  await new Promise<void>((resolve, reject) => {
    socket.on('message', (data) => {
      const message = JSON.parse((data as Buffer).toString()) as ServerMessage; // `ws` gives buffers, the server its JSON
      if (message.type === 'started') push();
      else if (message.type === 'ack') onAcked(message.samples);
      else if (message.type === 'error') reject(new Error(`${message.code}: ${message.message}`));
      else if (message.type === 'closed') {
        if (message.samples === length) resolve();
        else reject(new Error(`Expected ${length} samples to be heard, got ${message.samples}`));
      }
    });
    socket.on('close', (code) => reject(new Error(`Expected the stream to be heard to its end, got close ${code}`)));
    socket.on('error', reject);
  });
}

/** `count` bytes from byte `at` of a recording without end. */
function roundFrom(pcm: Buffer, at: number, count: number): Buffer {
  const start = at % pcm.length;
  const first = pcm.subarray(start, start + count);
  return first.length === count ? first : Buffer.concat([first, pcm.subarray(0, count - first.length)]);
}
