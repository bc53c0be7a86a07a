import type { Command } from 'commander';

const DETAILS = `
Streaming (transcribe, eval) runs exported graphs: choose with --device cpu, webgpu or cuda. Training (train, export) runs on
the first tfjs backend that works: choose with --backend.

Example:
  hearken devices`;

export function addDevices(program: Command): void {
  program
    .command('devices')
    .summary('what this machine can compute with')
    .description('Tries every runtime and backend and says which work, and why the others do not.')
    .option('--json', 'print a list for programs')
    .addHelpText('after', DETAILS)
    .action(async ({ json }: { readonly json?: true }) => {
      const { listDevices } = await import('../src/backend/devices.ts');
      const devices = await listDevices();
      if (json) {
        process.stdout.write(`${JSON.stringify(devices, null, 2)}\n`);
        return;
      }
      const width = Math.max(...devices.map(({ name }) => name.length));
      for (const use of ['streaming', 'training'] as const) {
        process.stdout.write(`${use}\n`);
        for (const { name, description, problem } of devices.filter((device) => device.use === use)) {
          const state = problem === undefined ? 'works' : `no: ${problem}`;
          process.stdout.write(`  ${name.padEnd(width)}  ${description}\n  ${' '.repeat(width)}  ${state}\n`);
        }
      }
    });
}
