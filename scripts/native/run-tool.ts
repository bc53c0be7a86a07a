import { spawn } from 'node:child_process';
import { appendFile } from 'node:fs/promises';

import { HearkenError } from '../../src/errors.ts';

export type ToolOptions = {
  readonly cwd?: string;
  /** File to which the tool's output is appended. */ readonly log: string;
  /** Shows what the tool prints too, for its progress. */ readonly visible?: boolean;
};

/**
 * Runs a program to its end and gives what it printed. Throws `setup/missing-tool` where it is not there, and
 * `setup/tool` with its last line and the log's name where it fails.
 */
export async function runTool(command: string, args: readonly string[], options: ToolOptions): Promise<string> {
  const { cwd, log, visible = false } = options;
  const output: string[] = [];
  const child = spawn(command, args, { ...(cwd === undefined ? {} : { cwd }), stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output.push(text);
      if (visible) process.stderr.write(text);
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  }).catch((cause: unknown) => {
    throw new HearkenError('setup/missing-tool', `Expected the program \`${command}\` to be installed, got none`, {
      cause,
    });
  });
  const printed = output.join('');
  await appendFile(log, `$ ${command} ${args.join(' ')}\n${printed}\n`);
  if (code !== 0) {
    const lines = printed.trim().split('\n');
    const telling = lines.findLast((line) => /error/iu.test(line)) ?? lines.at(-1) ?? '';
    throw new HearkenError(
      'setup/tool',
      `Expected \`${command} ${args[0] ?? ''}\` to succeed, got: ${telling} (see ${log})`,
    );
  }
  return printed;
}
