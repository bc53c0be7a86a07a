/** Goes on with a stream from its snapshot: FILE, the sample it was taken at, and the seconds and seed of `tones`. */
import { readFile } from 'node:fs/promises';

import { restoreStream } from '../../src/recognizer/state.ts';
import { listen, settled } from './listen.ts';
import { onnxTiny, tinyEngine, tones } from './tiny-engine.ts';

const [, , file = '', at, seconds, seed] = process.argv;
const engine = await tinyEngine(await onnxTiny());
const from = restoreStream(engine, await readFile(file));
const { events } = await listen(engine, [tones(Number(seconds), Number(seed)).subarray(Number(at))], { from });
process.stdout.write(JSON.stringify(settled(events)));
await engine.executor[Symbol.asyncDispose]();
