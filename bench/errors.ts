/**
 * Errors of codes-en in every condition, beside pocketsphinx on the same files: `npm run -s bench -- errors`. Hears the dev
 * speakers; for the report of a frozen recipe `HEARKEN_SET=human-test npm run -s bench -- errors`. Takes minutes.
 */
import { ALL_CONDITIONS, CLEAN, type EvaluationReport, EVALUATION_SETS, evaluateGrid } from '../corpora/evaluation.ts';
import { loadModel } from '../src/index.ts';

const MODEL = 'models/codes-en';

export default async function benchErrors(): Promise<{ rows: Record<string, unknown>[]; notes: string[] }> {
  const wanted = process.env['HEARKEN_SET'] ?? 'human-dev';
  const set = EVALUATION_SETS.find((name) => name === wanted);
  if (set === undefined) {
    throw new Error(`Expected HEARKEN_SET to be one of ${EVALUATION_SETS.join(', ')}, got ${wanted}`);
  }
  await using model = await loadModel(MODEL);
  const shared = { model, set, onProgress: createProgressLine() } as const;
  const digits = { ...shared, grammar: 'digits' };
  const reports = [
    ...(await evaluateGrid({ ...digits, conditions: ALL_CONDITIONS, decoders: ['joint'] })),
    ...(await evaluateGrid({ ...digits, conditions: [CLEAN], decoders: ['ctc', 'attention'], peer: false })),
    ...(await evaluateGrid({
      ...shared,
      grammar: 'letters',
      conditions: [CLEAN],
      decoders: ['ctc', 'attention', 'joint'],
    })),
  ];
  return {
    rows: reports.map(row),
    notes: [
      `Set ${set}; words wrong of words said. peer: pocketsphinx, its digits model, the better of two tuned settings.`,
    ],
  };
}

function row({
  grammar,
  decoder,
  noise,
  snr,
  isolated,
  connected,
  peers: [peer],
}: EvaluationReport): Record<string, unknown> {
  const errors = (one?: { errors: number; total: number }): string | undefined => one && `${one.errors}/${one.total}`;
  const baselineScores = peer && 'skipped' in peer ? undefined : peer;
  return {
    grammar,
    noise: snr === undefined ? noise : `${noise} ${snr} dB`,
    decoder,
    isolated: errors(isolated),
    peerIsolated: errors(baselineScores?.isolated),
    connected: errors(connected),
    peerConnected: errors(baselineScores?.connected),
    wer: connected?.wer,
    low: connected?.ci95.low,
    high: connected?.ci95.high,
    peerWer: baselineScores?.connected?.wer,
  };
}

function createProgressLine(): (done: number, total: number) => void {
  let shown = -1;
  return (done, total) => {
    const percent = Math.floor((100 * done) / total);
    if (percent !== shown && process.stderr.isTTY) {
      process.stderr.write(`\r${percent} % of ${total} recordings `);
    }
    shown = percent;
  };
}
