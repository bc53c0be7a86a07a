/**
 * RxJS around the engine: sources that can be held back, operators from bytes to words, queues that cannot overflow.
 *
 * ```ts
 * const microphone = programOutput('arecord', ['-q', '-t', 'raw', '-f', 'S16_LE', '-r', '16000']);
 * const { sampleRate } = model;
 * microphone.pipe(pcm({ encoding: 's16le', inputRate: 16_000, sampleRate }), recognize(model)).subscribe(console.log);
 * ```
 */
export { SPEECH_FEATURES } from '../src/model/speech-features.ts';
export { audio } from './audio.ts';
export { bounded, type BoundedOptions } from './bounded.ts';
export { channels, type ChannelsOptions } from './channels.ts';
export { decode } from './decode.ts';
export { encode } from './encode.ts';
export { exchange, type TwoWay } from './exchange.ts';
export { frames, type FramesOptions } from './frames.ts';
export { logMel } from './log-mel.ts';
export { concatMapPulled } from './concat-map-pulled.ts';
export { pcm } from './pcm.ts';
export { pull } from './pull.ts';
export { type Open, PullObservable } from './pull-observable.ts';
export { recognize } from './recognize.ts';
export type { BoundedQueue, QueueGauge, QueueOptions, QueuePolicy, SourceValve } from '../src/queue/bounded-queue.ts';
export { createBoundedQueue } from './queue-options.ts';
export { writeTo } from './sinks/write-to.ts';
export { audioFile } from './sources/audio-file.ts';
export { fileBytes } from './sources/file-bytes.ts';
export { programOutput } from './sources/program-output.ts';
export { type MessageSocket, socketMessages, type SocketMessagesOptions } from './sources/socket-messages.ts';
export { standardInput } from './sources/standard-input.ts';
export { watch } from './watch.ts';
export { eachChannel } from '../src/recognizer/channels.ts';
