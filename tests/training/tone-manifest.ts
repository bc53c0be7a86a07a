import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { encodeWav } from '../../src/audio/wav.ts';

/** Two "words", a low and a high tone, as WAV files with their manifest. */
export async function toneManifest(folder: string, name: string, count: number): Promise<string> {
  const lines: string[] = [];
  for (let index = 0; index < count; index++) {
    const text = index % 2 === 0 ? 'low' : 'high';
    const hz = (text === 'low' ? 300 : 2_000) + 10 * index;
    const samples = Float32Array.from({ length: 8_000 }, (_, at) => 0.3 * Math.sin((2 * Math.PI * hz * at) / 16_000));
    await writeFile(join(folder, `${name}-${index}.wav`), encodeWav([samples], { sampleRate: 16_000 }));
    lines.push(JSON.stringify({ audio_filepath: `${name}-${index}.wav`, duration: 0.5, text }));
  }
  await writeFile(join(folder, `${name}.jsonl`), lines.join('\n'));
  return join(folder, `${name}.jsonl`);
}
