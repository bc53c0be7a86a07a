/** Clients of the vosk-server protocol that speak in real time: the load of the benchmark `serve`. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { WebSocket } from 'ws';

export type LiveLoadOptions = {
  readonly url: string;
  readonly streams: number;
  readonly seconds: number;
  /** s16le at 16 kHz; each stream begins elsewhere in it and goes round. */ readonly pcm: Buffer;
};

export type LiveLoad = {
  /** Milliseconds from the moment in which a frame's last sample was spoken to its reply; the first second left out. */
  readonly latenciesMs: readonly number[];
  /** Frames that had no reply when the load ended. */ readonly unanswered: number;
  /** The streams stay open until then. */ readonly hangUp: () => void;
};

/** One frame, as telephony clients send. */
const FRAME_MS = 100;
const FRAME_BYTES = 16 * FRAME_MS * 2;
const WARM_UP_MS = 1000;
/** Between two looks at who is due. */
const TICK_MS = 5;

type Stream = { readonly socket: WebSocket; readonly waiting: number[]; nextDue: number; position: number };

export async function speakLive({ url, streams: count, seconds, pcm }: LiveLoadOptions): Promise<LiveLoad> {
  const latenciesMs: number[] = [];
  const streams: Stream[] = [];
  for (let index = 0; index < count; index++) {
    const position = FRAME_BYTES * Math.floor(((index / count) * pcm.length) / FRAME_BYTES);
    streams.push({ socket: await connect(url), waiting: [], nextDue: 0, position });
  }
  const started = performance.now();
  for (const [index, stream] of streams.entries()) {
    stream.nextDue = started + FRAME_MS * (1 + index / count); // spread over a frame's length
    stream.socket.on('message', () => {
      const due = stream.waiting.shift() ?? Number.NaN;
      if (due > started + WARM_UP_MS) latenciesMs.push(performance.now() - due);
    });
  }
  const timer = setInterval(() => {
    const now = performance.now();
    for (const stream of streams) while (stream.nextDue <= now) sendFrame(stream, pcm);
  }, TICK_MS);
  await sleep(1000 * seconds);
  clearInterval(timer);
  await sleep(1000); // for the last replies
  return {
    latenciesMs,
    unanswered: streams.reduce((sum, { waiting }) => sum + waiting.length, 0),
    hangUp: () => {
      for (const { socket } of streams) socket.terminate();
    },
  };
}

async function connect(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, 'open');
  socket.send('{"config":{"sample_rate":16000}}');
  return socket;
}

function sendFrame(stream: Stream, pcm: Buffer): void {
  stream.socket.send(pcm.subarray(stream.position, stream.position + FRAME_BYTES));
  stream.waiting.push(stream.nextDue);
  stream.nextDue += FRAME_MS;
  stream.position += FRAME_BYTES;
  if (stream.position + FRAME_BYTES > pcm.length) stream.position = 0;
}
