import { join } from 'node:path';

import type { Command } from 'commander';

import { describeAdapter } from '../src/backend/adapters.ts';
import type { Device } from '../src/backend/devices.ts';
import { GRAPHS_FOLDER } from '../src/cell/graph-names.ts';
import { modelArgument } from './model-argument.ts';
import { printable } from './printable.ts';

type DevicesOptions = { readonly model: string; readonly json?: true };

const DETAILS = `
What runs models takes --device: auto, cpu, webgpu, cuda or tfjs. auto takes a real GPU where one computes a batch of the model faster than the
processor does, which it measures, and says what it took; a software GPU (SwiftShader, llvmpipe) it never takes. train takes --device, too, and
--backend for one of the names below.

Adapters are named by npm package webgpu, vulkaninfo (Debian: vulkan-tools) and nvidia-smi, where they are installed. --json tells
of each cell of the model which operators fall back to the processor.

Examples:
  hearken devices
  hearken devices --model g2p-en --json`;

export function addDevices(program: Command): void {
  program
    .command('devices')
    .summary('what this machine can compute with')
    .description('Tries every runtime and backend and says which work, on which adapter, and why the others do not.')
    .option('-m, --model <folder>', 'model whose operators are looked for on GPUs', 'codes-en')
    .option('--json', 'print a list for programs')
    .addHelpText('after', DETAILS)
    .action(async ({ model, json }: DevicesOptions) => {
      const graphs = join(modelArgument(model), GRAPHS_FOLDER);
      const { listDevices } = await import('../src/backend/devices.ts');
      const devices = await listDevices(graphs);
      if (json) {
        process.stdout.write(`${JSON.stringify(devices, null, 2)}\n`);
        return;
      }
      const width = Math.max(...devices.map(({ name }) => name.length));
      for (const use of ['streaming', 'training'] as const) {
        process.stdout.write(`${use}\n`);
        for (const device of devices.filter((each) => each.use === use)) {
          const [first, ...others] = linesOf(device, model);
          process.stdout.write(`  ${device.name.padEnd(width)}  ${first}\n`);
          for (const line of others) process.stdout.write(`  ${' '.repeat(width)}  ${line}\n`);
        }
      }
    });
}

/** What is said of a device, a line each: what it is, on what, and whether it works. */
function linesOf({ description, problem, adapter, placements }: Device, model: string): string[] {
  return [
    description,
    ...(adapter === undefined ? [] : [`on ${printable(describeAdapter(adapter))}`]),
    problem === undefined ? 'works' : `no: ${printable(problem)}`,
    ...(placements === undefined ? [] : [placesOf(placements, model)]),
  ];
}

/** How much of a model a GPU computes, and what falls back. */
function placesOf(placements: NonNullable<Device['placements']>, model: string): string {
  const onDevice = placements.reduce((sum, each) => sum + each.onDevice, 0);
  const onHost = placements.flatMap((each) => each.onHost);
  const countOf = (operators: typeof onHost): string => `${operators.reduce((sum, { count }) => sum + count, 0)}`;
  const fallen = onHost.filter(({ isFallback }) => isFallback);
  const sizes = onHost.filter(({ isFallback }) => !isFallback);
  const names = [...new Set(fallen.map(({ operator }) => operator))].join(', ');
  const fallback = fallen.length === 0 ? 'none falls back' : `${countOf(fallen)} fall back (${names})`;
  return `of ${printable(model)} it computes ${onDevice} operators, ${fallback}; the processor computes ${countOf(sizes)} sizes and positions`;
}
