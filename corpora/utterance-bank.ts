import { hasSoundBank, readSoundBank, type Sound, writeSoundBank } from './sound-bank.ts';

/** A spoken word or string. */
export type Utterance = Sound & {
  /** Utterances of one voice can be joined to a longer one. */
  readonly voice: string;
  /** Whether the voice was made from a person's recordings, or is a formant synthesiser. */
  readonly source: 'recordings' | 'formants';
  readonly split: 'train' | 'dev';
  readonly labels: readonly string[];
};

/** Writes `utterances` to `folder`, as `writeSoundBank` does. */
export async function writeUtteranceBank(folder: string, utterances: AsyncIterable<Utterance>): Promise<void> {
  await writeSoundBank(folder, utterances);
}

export const hasUtteranceBank: (folder: string) => Promise<boolean> = hasSoundBank;

/** Reads a bank of utterances. Throws `corpora/missing-bank` where `folder` holds no finished bank. */
export async function readUtteranceBank(folder: string): Promise<Utterance[]> {
  return readSoundBank<Utterance>(folder);
}
