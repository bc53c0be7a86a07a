import { type Command, Option } from 'commander';

import type { Precision } from '../src/export/onnx-graph.ts';
import { assertTrainingStack } from '../src/training-stack.ts';
import { listenForInterruption } from './interruption.ts';
import { modelArgument } from './model-argument.ts';
import { printTable } from './table.ts';

const DETAILS = `
Every cell is traced to onnx/CELL.onnx and run beside tfjs at several batch sizes and lengths; a graph that differs by more
than 1e-4 (of the largest number in an output, where that is above 1) is not written.

float16 is mixed precision: weights are stored in half precision, in half the bytes, and products with them are computed in it, on a GPU that can
(shader-f16 of WebGPU). Inputs, outputs and states of streams stay float32. Such graphs may differ by 1e-2. npm run -s bench -- precision tells what a model loses.

Examples:
  hearken export runs/my-words
  cp -r runs/my-words runs/half && hearken export runs/half --precision float16`;

/** As `Precision` of the library. */
const PRECISIONS: readonly Precision[] = ['float32', 'float16'];

export function addExport(program: Command): void {
  program
    .command('export')
    .summary('write the ONNX graphs of a trained model')
    .description('Writes the ONNX graphs that streaming runs into the folder of a trained model.')
    .argument(
      '<model>',
      'model folder (config.json, model.safetensors), or the name of a model that comes with hearken',
    )
    .addOption(new Option('--precision <name>', 'what the graphs compute in').choices(PRECISIONS).default('float32'))
    .option('--json', 'print a report for programs')
    .addHelpText('after', DETAILS)
    .action(async (name: string, { json, precision }: { readonly json?: true; readonly precision: Precision }) => {
      const folder = modelArgument(name);
      assertTrainingStack(); // before what is imported, which imports tfjs
      const { loadBackend } = await import('../src/backend/backends.ts');
      const { exportModel } = await import('../src/export/export-model.ts');
      delete process.env['TF_SET_ONEDNN_FPMATH_MODE']; // what makes training faster: graphs are checked against products in full precision
      await loadBackend();
      using interruption = listenForInterruption();
      const reports = await exportModel(folder, { precision, signal: interruption.signal });
      if (json) process.stdout.write(`${JSON.stringify(reports, null, 2)}\n`);
      else {
        printTable(
          ['file', 'bytes', 'largest difference from tfjs'],
          reports.map(({ file, bytes, worstDifference }) => [file, `${bytes}`, worstDifference.toExponential(1)]),
        );
      }
    });
}
