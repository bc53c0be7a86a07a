import type { StreamEncoding } from './protocol.ts';

/** Something sent that may still be lost: audio, or the mark where the client ended an utterance. */
export type Sent =
  | { readonly at: number; readonly bytes: Uint8Array }
  /** `Finalize` after this sample. */
  | { readonly at: number; readonly bytes?: undefined };

/** Audio that the server has not acknowledged yet, numbered by sample. */
export type UnackedAudio = {
  readonly push: (bytes: Uint8Array) => void;
  readonly pushFinalize: () => void;
  /** Lets go of everything before sample `samples`. */ readonly ack: (samples: number) => void;
  /** Everything from sample `samples` on, which must not be before `firstSample`. */
  readonly from: (samples: number) => Sent[];
  /** The earliest sample that is still held. */ readonly firstSample: () => number;
  /** Samples ever pushed. */ readonly nextSample: () => number;
};

export const BYTES_PER_SAMPLE: Readonly<Record<StreamEncoding, number>> = {
  s16le: 2,
  f32le: 4,
  mulaw: 1,
  i32le: 4,
};

export function createUnackedAudio(bytesPerSample: number): UnackedAudio {
  let held: Sent[] = [];
  let first = 0;
  let next = 0;
  const after = (items: readonly Sent[], samples: number): Sent[] =>
    items.flatMap((item): Sent[] => {
      if (item.bytes === undefined) return item.at >= samples ? [item] : [];
      const cut = Math.max(0, samples - item.at) * bytesPerSample;
      return cut >= item.bytes.length ? [] : [{ at: Math.max(item.at, samples), bytes: item.bytes.subarray(cut) }];
    });
  return {
    push: (bytes) => {
      held.push({ at: next, bytes });
      next += bytes.length / bytesPerSample;
    },
    pushFinalize: () => held.push({ at: next }),
    ack: (samples) => {
      // A mark at the very place stays: whether the server has heard it is not known.
      held = after(held, samples);
      first = Math.max(first, samples);
    },
    from: (samples) => after(held, samples),
    firstSample: () => first,
    nextSample: () => next,
  };
}
