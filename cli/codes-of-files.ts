import {
  type GrammarForm,
  HearkenError,
  loadModel,
  type Notice,
  type StreamingDevice,
  type TranscribedCode,
} from '../src/index.ts';
import { toThousandths } from '../src/text/written-words.ts';
import { tellDevice } from './device-option.ts';
import { maskedTranscribedCode } from './masked.ts';
import { printable, printableJson } from './printable.ts';
import { createProgress } from './progress.ts';
import { report } from './report-failure.ts';
import { toWrittenCode } from './written-code.ts';

type FilesOptions = {
  readonly model: string;
  readonly device: StreamingDevice;
  readonly form: GrammarForm;
  readonly json?: true;
  readonly csv?: true;
  readonly mask?: true;
};

/** The codes of one recording. */
type Found = {
  readonly file: string;
  readonly codes: readonly TranscribedCode[];
  readonly durationSeconds: number;
  readonly incomplete?: Notice;
};

type CodesWriter = { readonly add: (found: Found) => string; readonly end: () => string };

/** Prints the codes of `files` (by their sizes in bytes). A file that cannot be read is told of and does not stop the others. */
export async function codesOfFiles(
  files: ReadonlyMap<string, number>,
  { model: folder, device, form, json, csv, mask }: FilesOptions,
  signal: AbortSignal,
): Promise<void> {
  await using model = await loadModel(folder, { device, grammar: form, signal });
  tellDevice(model);
  const writer = json ? jsonWriter() : csv ? csvWriter() : textWriter();
  using progress = createProgress(
    'codes',
    [...files.values()].reduce((sum, size) => sum + size, 0),
  );
  const failures: HearkenError[] = [];
  let done = 0;
  for (const [file, size] of files) {
    progress.update(done, file);
    try {
      const { codes: heard = [], durationSeconds, incomplete } = await model.transcribe(file, { signal });
      const codes = mask ? heard.map(maskedTranscribedCode) : heard;
      if (incomplete !== undefined) failures.push(failureOf(file, incomplete));
      progress.clear();
      process.stdout.write(writer.add({ file, codes, durationSeconds, ...(incomplete && { incomplete }) }));
    } catch (error) {
      if (!(error instanceof HearkenError)) throw error;
      failures.push(failureOf(file, error));
    }
    done += size;
  }
  progress.clear();
  process.stdout.write(writer.end());
  const [first] = failures;
  if (first === undefined) return;
  if (files.size === 1) throw first;
  for (const { message, code } of failures) report(`${message} (${code})`);
  const whole = files.size - failures.length;
  throw new HearkenError(
    'transcribe/failed',
    `Expected ${files.size} recordings to be read to their end, got ${whole}`,
  );
}

function failureOf(file: string, { code, message }: Notice | HearkenError): HearkenError {
  return new HearkenError(code, `${file}: ${message}`);
}

/** For programs: one array at the end. */
function jsonWriter(): CodesWriter {
  const entries: Found[] = [];
  return {
    add: ({ codes, durationSeconds, ...found }) => {
      entries.push({ ...found, codes: codes.map(toWrittenCode), durationSeconds: toThousandths(durationSeconds) });
      return '';
    },
    end: () => `${printableJson(entries)}\n`,
  };
}

const COLUMNS = ['file', 'start', 'end', 'written', 'complete', 'valid', 'confidence', 'alternatives'];

/** For spreadsheets (RFC 4180): a line a code; a recording without any has one without a code. */
function csvWriter(): CodesWriter {
  let header = `${COLUMNS.join(',')}\r\n`;
  return {
    add: ({ file, codes }) => {
      const lines = codes.map((code) => {
        const { start, end, written, complete, valid, confidence, alternatives } = toWrittenCode(code);
        const others = alternatives.slice(1).map((alternative) => alternative.written);
        return [file, start, end, written, complete, valid, confidence, others.join(' | ')];
      });
      const rows = lines.length > 0 ? lines : [[file, '', '', '', '', '', '', '']];
      const text = header + rows.map((row) => `${row.map(String).map(quoted).join(',')}\r\n`).join('');
      header = '';
      return text;
    },
    end: () => header,
  };
}

/** For people: a line a code, when its recording was heard. */
function textWriter(): CodesWriter {
  return {
    add: ({ file, codes }) => {
      if (codes.length === 0) return `${printable(file)}: no code\n`;
      return codes
        .map(({ start, end, written, confidence, ...code }) => {
          const state = code.valid ? '' : code.complete ? ', not valid' : ', not whole';
          const times = `${start.toFixed(2)} to ${end.toFixed(2)} s`;
          return `${printable(file)}: ${written}  (${Math.round(100 * confidence)} %, ${times}${state})\n`;
        })
        .join('');
    },
    end: () => '',
  };
}

/** A field of comma-separated values. */
function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
