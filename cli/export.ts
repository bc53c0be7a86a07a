import type { Command } from 'commander';

import { assertTrainingStack } from '../src/training-stack.ts';
import { listenForInterruption } from './interruption.ts';
import { modelArgument } from './model-argument.ts';
import { printTable } from './table.ts';

const DETAILS = `
Every cell is traced to onnx/CELL.onnx and run beside tfjs at several batch sizes and lengths; a graph that differs by more
than 1e-4 is not written.

Example:
  hearken export runs/my-words`;

export function addExport(program: Command): void {
  program
    .command('export')
    .summary('write the ONNX graphs of a trained model')
    .description('Writes the ONNX graphs that streaming runs into the folder of a trained model.')
    .argument(
      '<model>',
      'model folder (config.json, model.safetensors), or the name of a model that comes with hearken',
    )
    .option('--json', 'print a report for programs')
    .addHelpText('after', DETAILS)
    .action(async (name: string, { json }: { readonly json?: true }) => {
      const folder = modelArgument(name);
      assertTrainingStack(); // before what is imported, which imports tfjs
      const { loadBackend } = await import('../src/backend/backends.ts');
      const { exportModel } = await import('../src/export/export-model.ts');
      delete process.env['TF_SET_ONEDNN_FPMATH_MODE']; // what makes training faster: graphs are checked against products in full precision
      await loadBackend();
      using interruption = listenForInterruption();
      const reports = await exportModel(folder, { signal: interruption.signal });
      if (json) process.stdout.write(`${JSON.stringify(reports, null, 2)}\n`);
      else {
        printTable(
          ['file', 'bytes', 'largest difference from tfjs'],
          reports.map(({ file, bytes, worstDifference }) => [file, `${bytes}`, worstDifference.toExponential(1)]),
        );
      }
    });
}
