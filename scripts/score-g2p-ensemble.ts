// `npx tsx scripts/score-g2p-ensemble.ts [--test] FOLDER FOLDER...`: the errors of several trained models of g2p-en asked as one, on the words for
// choices; with --test on those for reporting what was chosen.
import { partOf, readCmudict } from '../corpora/pronunciations/cmudict.ts';
import { scorePronunciations } from '../corpora/pronunciations/scores.ts';
import { searchBeam } from '../src/decoder/beam-search.ts';
import { decoderSteps, prepareDecoder, sharePrefixes } from '../src/decoder/decoder-batch.ts';
import { averageSteps } from '../models/g2p-en/ensemble.ts';
import { type SequenceEngine } from '../src/sequence/engine.ts';
import { loadSequenceEngine } from '../src/sequence/load-engine.ts';
import { idsOf, longestOutput } from '../src/sequence/ids.ts';
import { rememberAll } from '../src/sequence/remembered.ts';
import { createProgressLine } from '../corpora/progress-line.ts';

const BEAM = { beamSize: 4, lengthExponent: 0 };

async function pronounce(engines: readonly SequenceEngine[], word: string): Promise<string[]> {
  const [first] = engines;
  if (first === undefined) return [];
  const members = [];
  const ends: (() => void)[] = [];
  for (const engine of engines) {
    const remembered = await rememberAll(engine, [idsOf(engine, word)]);
    const [memory] = await prepareDecoder(engine.executor, remembered);
    const steps = decoderSteps(engine.executor);
    ends.push(steps.end);
    members.push(sharePrefixes(async (rows) => (await steps.run([{ memory: memory!, rows }]))[0] ?? [])()); // one memory for one word
  }
  const search = { ...BEAM, labelCount: first.labelCount, maxLength: longestOutput(word.length) };
  const [best] = await searchBeam(averageSteps(members), search);
  for (const end of ends) end();
  return (best?.labels ?? []).map((label) => first.output?.nameOf(label - 1) ?? '');
}

const folders = process.argv.slice(2).filter((argument) => argument !== '--test');
const engines = await Promise.all(folders.map((folder) => loadSequenceEngine(folder, 'cpu')));
const part = process.argv.includes('--test') ? 'test' : 'dev';
const words = partOf(await readCmudict(), part);
const said: string[][] = [];
const report = createProgressLine(part, 'words');
for (const { word } of words) {
  said.push(await pronounce(engines, word));
  report(said.length, words.length);
}
const { wer, per, ci95 } = scorePronunciations(words, said);
console.log(JSON.stringify({ part, models: folders, words: words.length, wer, per, ci95: ci95.wer }));
for (const { executor } of engines) await executor[Symbol.asyncDispose]();
