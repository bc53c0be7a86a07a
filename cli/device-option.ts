/** `--device` of the commands in which a model computes. */
import { Option } from 'commander';

import type { StreamingDevice } from '../src/index.ts';
import { report } from './report-failure.ts';

/** As `DEVICES` of the library, which takes longer to load than help may. */
export const DEVICE_CHOICES: readonly StreamingDevice[] = ['auto', 'cpu', 'webgpu', 'cuda', 'tfjs'];

/** The option of commands whose models were exported. */
export function deviceOption(): Option {
  return optionalDevice().default('cpu');
}

/** The option of commands that take what fits the model where it is not given. */
export function optionalDevice(): Option {
  return new Option('-d, --device <name>', 'what computes (hearken devices says what works)').choices(DEVICE_CHOICES);
}

/** Says on standard error what `auto` took, and why. */
export function tellDevice({
  device,
  deviceReason,
}: {
  readonly device: string;
  readonly deviceReason: string | undefined;
}): void {
  if (deviceReason !== undefined) report(`computing on ${device}: ${deviceReason}`);
}
