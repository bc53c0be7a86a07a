import { execFile } from 'node:child_process';
import { basename } from 'node:path';

import { HearkenError } from '../src/errors.ts';

/** Debian package that holds each program this folder runs. */
const PACKAGE_OF = {
  'apt-get': 'apt',
  'dpkg-deb': 'dpkg',
  'espeak-ng': 'espeak-ng',
  festival: 'festival festlex-cmu festvox-kallpc16k festvox-kdlpc16k festvox-us-slt-hts',
  ffmpeg: 'ffmpeg',
  flite: 'flite',
  npm: 'npm',
  pocketsphinx_batch: 'pocketsphinx',
  python: 'python3-venv python3-dev gcc',
  python3: 'python3-venv python3-dev gcc',
  xargs: 'findutils',
} as const;

/** A program on the path, or the Python of an environment. */
export type Program = Exclude<keyof typeof PACKAGE_OF, 'python'> | `${string}/python`;

const MAXIMUM_OUTPUT_BYTES = 1 << 30;

/**
 * Runs `program` and resolves with what it wrote to standard output. Throws `corpora/missing-program` with the line that
 * installs it, or `corpora/program-failed` with its last words.
 */
export function runProgram(
  program: Program,
  args: readonly string[],
  {
    input,
    ...options
  }: { readonly cwd?: string /** What it reads from standard input. */; readonly input?: string } = {},
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      args,
      { ...options, encoding: 'buffer', maxBuffer: MAXIMUM_OUTPUT_BYTES },
      (error, stdout, stderr) => {
        if (!error) {
          resolve(stdout);
        } else if (error.code === 'ENOENT') {
          const install = `sudo apt-get install ${PACKAGE_OF[basename(program) as keyof typeof PACKAGE_OF]}`;
          reject(
            new HearkenError(
              'corpora/missing-program',
              `Expected the program \`${program}\`, which is missing: ${install}`,
            ),
          );
        } else {
          const reason = stderr.toString().trim().split('\n').slice(-3).join(' ');
          reject(
            new HearkenError('corpora/program-failed', `\`${program} ${args.join(' ')}\` failed: ${reason}`, {
              cause: error,
            }),
          );
        }
      },
    );
    child.stdin?.on('error', () => {}); // a program that ends before it has read all is judged by how it ends
    if (input !== undefined) child.stdin?.end(input);
  });
}
