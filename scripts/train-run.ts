/** Trainings and exports that a script has done one after the other, each by the command in a process of its own. */
import { spawnSync } from 'node:child_process';

/**
 * Trains `recipe` into `folder`; the recipe reads `choices` from its environment. What was begun is gone on with, and what is at its end stays as it is. Throws
 * an `Error` where the training does not end well.
 */
export function trainRun(recipe: string, folder: string, choices: Readonly<Record<string, string>>): void {
  hearken(['train', recipe, '--out', folder, '--resume'], choices);
}

/** Exports what was trained into `folder`. Throws an `Error` where a graph does not give what the model does. */
export function exportRun(folder: string): void {
  hearken(['export', folder]);
}

function hearken(args: readonly string[], environment: Readonly<Record<string, string>> = {}): void {
  const { status } = spawnSync(process.execPath, [...process.execArgv, 'cli/main.ts', ...args], {
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  if (status !== 0) throw new Error(`Expected \`hearken ${args.join(' ')}\` to end well, got ${status}`);
}
