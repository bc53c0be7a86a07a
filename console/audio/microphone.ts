/** The microphone as it is: one channel at the context's rate, without the browser's echo and noise filters. */
import { ConsoleError, type ConsoleErrorCode } from '../console-error.ts';
import { createChunkQueue } from './chunk-queue.ts';
// oxlint-disable-next-line import/default -- vite makes it: the address of the module, bundled for itself
import workletUrl from './microphone-worklet.ts?worker&url';
import type { AudioSource } from './source.ts';

/** Audio that may wait beyond what the client itself keeps for a lost connection. */
const WAITING_SECONDS = 60;

/** Throws `console/microphone-...`, saying why there is none. */
export async function openMicrophone(): Promise<AudioSource> {
  // Absent where the page came neither over TLS nor from this machine.
  const devices = (navigator as { readonly mediaDevices?: MediaDevices }).mediaDevices;
  if (devices === undefined) {
    throw new ConsoleError('console/microphone-insecure', 'Expected a secure context, got a page over plain HTTP');
  }
  const media = await devices
    .getUserMedia({
      audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false },
    })
    .catch((error: unknown) => {
      throw microphoneError(error);
    });
  const context = new AudioContext();
  const queue = createChunkQueue(WAITING_SECONDS * context.sampleRate);
  const stop = (): void => {
    queue.end();
    for (const track of media.getTracks()) track.stop();
    if (context.state !== 'closed') void context.close();
  };
  try {
    await context.audioWorklet.addModule(workletUrl);
    const worklet = new AudioWorkletNode(context, 'microphone', { channelCount: 1, channelCountMode: 'explicit' });
    worklet.port.addEventListener('message', ({ data }: MessageEvent<Float32Array>) => queue.push(data));
    worklet.port.start();
    // A worklet that leads nowhere is not run by every browser; its output is silence.
    context.createMediaStreamSource(media).connect(worklet).connect(context.destination);
    await context.resume();
  } catch (error) {
    stop();
    throw error;
  }
  for (const track of media.getTracks()) track.addEventListener('ended', stop); // unplugged
  return { sampleRate: context.sampleRate, chunks: queue.chunks, isLive: true, stop };
}

/** Error codes by the names of the exceptions that browsers throw. */
const MICROPHONE_CODES: Readonly<Record<string, ConsoleErrorCode>> = {
  NotAllowedError: 'console/microphone-denied',
  NotFoundError: 'console/microphone-none',
};

function microphoneError(error: unknown): ConsoleError {
  const name = error instanceof DOMException ? error.name : 'Error';
  const code = MICROPHONE_CODES[name] ?? 'console/microphone-failed';
  return new ConsoleError(code, `Expected a microphone, got ${name}`, { cause: error });
}
