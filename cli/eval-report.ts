/** What `hearken eval` prints of speech: a set's, or a manifest's. */
import type { Calibration } from '../corpora/calibration.ts';
import type { EvaluationReport } from '../corpora/evaluation.ts';
import type { ManifestReport } from '../corpora/manifest-evaluation.ts';
import type { Share, SpeakerReport } from '../corpora/speaker-scores.ts';
import { printable } from './printable.ts';
import { percent, printTable } from './table.ts';

/** Errors of the model and of those that heard the same, then speaker by speaker. */
export function printReport({ isolated, connected, peers, calibration, ...report }: EvaluationReport): void {
  const noise = report.snr === undefined ? report.noise : `${report.noise} noise at ${report.snr} dB`;
  const rate = report.sampledAt === undefined ? '' : `, sampled at ${report.sampledAt} Hz`;
  const speed = report.speed === undefined ? '' : `, played ${report.speed} times as fast`;
  const wait = report.after === undefined ? '' : `, after ${report.after} s of near silence`;
  const place = report.second === true ? ', second utterances' : '';
  process.stdout.write(
    `${report.set}, ${report.grammar}, ${report.decoder}, ${noise}${rate}${speed}${wait}${place}\n\n`,
  );
  const systems = [
    { name: 'hearken', isolated, connected },
    ...peers.flatMap((peer) => ('skipped' in peer ? [] : [peer])),
  ];
  const rows = systems.flatMap((system) =>
    (['isolated', 'connected'] as const).flatMap((kind) => {
      const score = system[kind];
      if (score === undefined) return [];
      const [low, high] = [percent(score.ci95.low), percent(score.ci95.high)];
      return [
        [
          system.name,
          kind,
          `${score.errors}`,
          `${score.total}`,
          percent(score.errors / score.total),
          `${low} to ${high}`,
        ],
      ];
    }),
  );
  printTable(['system', 'words', 'errors', 'of', 'rate', '95 % interval'], rows);
  for (const peer of peers) {
    if ('skipped' in peer) process.stdout.write(`\n${peer.name}: skipped, ${peer.skipped}\n`);
  }
  if (report.perSpeaker.length > 1) printSpeakers(report);
  printCalibration(calibration);
}

/** How often words of a confidence are right, and the mean distance of the two. */
function printCalibration({ words, rows, expectedCalibrationError }: Calibration): void {
  if (words === 0) return;
  process.stdout.write('\n');
  printTable(
    ['confidence', 'words', 'mean', 'right'],
    rows.map(({ from, to, words: own, confidence, right }) => [
      `${percent(from)} to ${percent(to)}`,
      `${own}`,
      percent(confidence),
      percent(right),
    ]),
  );
  process.stdout.write(`\nexpected calibration error: ${expectedCalibrationError.toFixed(3)}\n`);
}

function printSpeakers({ perSpeaker, median, worst, misheard }: SpeakerReport): void {
  const counted = (share?: Share): string =>
    share === undefined ? '' : `${share.errors} of ${share.total} (${percent(share.errors / share.total)})`;
  const shared = (share?: number): string => (share === undefined ? '' : percent(share));
  process.stdout.write('\n');
  printTable(
    ['speaker', 'digits wrong', 'letters wrong'],
    [
      ...perSpeaker.map(({ name, digits, letters }) => [name, counted(digits), counted(letters)]),
      ['median', shared(median.digits), shared(median.letters)],
      ['worst', shared(worst.digits), shared(worst.letters)],
    ],
  );
  if (misheard.length === 0) return;
  process.stdout.write('\nwrong in more than a tenth of where they stand: ');
  const words = misheard.map(({ name, word, errors, total }) => `${name}'s ${word} (${errors} of ${total})`);
  process.stdout.write(printable(words.join(', ')).concat('\n'));
}

/** Errors on the recordings of a manifest, and what was wrong. */
export function printManifestReport({
  manifest,
  grammar,
  decoder,
  unknownWords,
  entries,
  ...score
}: ManifestReport): void {
  process.stdout.write(`${printable(manifest)}, ${grammar}, ${decoder}\n\n`);
  const { errors, total, substitutions, insertions, deletions, wer, ci95 } = score;
  printTable(
    ['errors', 'of', 'rate', '95 % interval', 'wrong words', 'words too many', 'words missed'],
    [
      [
        `${errors}`,
        `${total}`,
        percent(wer),
        `${percent(ci95.low)} to ${percent(ci95.high)}`,
        `${substitutions}`,
        `${insertions}`,
        `${deletions}`,
      ],
    ],
  );
  const wrong = entries.filter((entry) => entry.errors > 0);
  if (wrong.length > 0) process.stdout.write('\n');
  for (const { place, said, heard } of wrong) {
    process.stdout.write(printable(`${place}: '${said.join(' ')}' was heard as '${heard.join(' ')}'`).concat('\n'));
  }
  if (unknownWords.length === 0) return;
  process.stdout.write(printable(`not in the grammar ${grammar}: ${unknownWords.join(', ')}`).concat('\n'));
}
