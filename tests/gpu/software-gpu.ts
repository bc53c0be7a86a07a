/** The software GPU that comes with Debian's chromium: SwiftShader, a Vulkan driver that computes on the processor. */
import { existsSync } from 'node:fs';

/** What Vulkan's loader reads (in VK_ICD_FILENAMES, which the vitest project `gpu` sets) to find the driver. */
export const SOFTWARE_GPU = '/usr/lib/chromium/vk_swiftshader_icd.json';

export const hasSoftwareGpu: boolean = existsSync(SOFTWARE_GPU);

/** For the title of a suite that is skipped where there is no software GPU. */
export const gpuNote: string = hasSoftwareGpu
  ? ''
  : ' (skipped without the package chromium, which has a software GPU)';
