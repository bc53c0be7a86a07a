/** The order of test files: what takes longest begins first, so that no processor waits for one file at the end. */
import { relative } from 'node:path';

import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that install something, play in real time or start many processes; of the others the largest come first. */
const LONGEST = [
  'gpu/training.test.ts',
  'gpu/cells.test.ts',
  'corpora/synthesis.test.ts',
  'server/vosk/published-clients.test.ts',
  'package/recognition-alone.test.ts',
  'package/tarball.test.ts',
  'browser/speech.test.ts',
  'browser/looks.test.ts',
  'server/native/kill.test.ts',
  'server/native/lost-records.test.ts',
  'server/native/handshake.test.ts',
  'server/native/dead-connections.test.ts',
  'server/silent-reader.test.ts',
  'server/tiny-frames.test.ts',
  'cli/outputs.test.ts',
  'cli/terminal.test.ts',
  'recognizer/digital-silence.test.ts',
  'leaks/memory.leaks.test.ts',
  'leaks/engine.leaks.test.ts',
  'leaks/decoder.leaks.test.ts',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.indexOf(relative(import.meta.dirname, moduleId));
      return at < 0 ? LONGEST.length : at;
    };
    // oxlint-disable-next-line unicorn/no-array-sort -- not an array's: the sequencer's own
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b)); // keeps what is equal in its order
  }
}
