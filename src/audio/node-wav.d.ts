/** node-wav 0.0.2 brings no types; only what is used here. */
declare module 'node-wav' {
  export function encode(
    channels: readonly Float32Array[],
    options: { sampleRate: number; bitDepth?: 16; float?: boolean },
  ): Uint8Array;
  export function decode(file: Uint8Array): { sampleRate: number; channelData: Float32Array[] };
}
