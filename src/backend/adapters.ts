/**
 * The graphics adapters of this machine, as those tell who know them: Dawn (npm package `webgpu`, the same that onnxruntime has inside,
 * which does not tell), the program `vulkaninfo`, and `nvidia-smi`.
 */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { HearkenError } from '../errors.ts';

/** `hardware`: a real one, of which nobody tells whether it has memory of its own. */
export type AdapterKind = 'discrete' | 'integrated' | 'hardware' | 'software';

export type Adapter = {
  readonly name: string;
  readonly kind: AdapterKind;
  /** Driver and its version, where they are told. */ readonly driver?: string;
  /** Bytes of its largest heap that is local to it, where they are told. */ readonly memoryBytes?: number;
  /** Who told of it. */ readonly toldBy: 'webgpu' | 'vulkaninfo' | 'nvidia-smi';
};

/** An adapter, or why there is none. */
export type FoundAdapter = { readonly adapter: Adapter } | { readonly missing: string };

/** The adapter that onnxruntime and tfjs compute on by WebGPU: of several the fastest kind. */
export async function webGpuAdapter(): Promise<FoundAdapter> {
  const [told, vulkan, nvidia] = await Promise.all([askDawn(), askVulkan(), askNvidia()]);
  const byVulkan = 'reason' in vulkan ? [] : vulkan.adapters;
  if ('reason' in told) {
    const [best] = byVulkan.toSorted((a, b) => rank(a) - rank(b));
    if (best !== undefined) return { adapter: best };
    const others = 'reason' in vulkan ? vulkan.reason : 'Vulkan has no device';
    return { missing: `${told.reason}, and ${others}` };
  }
  if (told.info === null) {
    const names = byVulkan.map(describeAdapter).join(', ');
    return {
      missing: names === '' ? 'no driver (Vulkan, Metal or Direct3D) has an adapter' : `it takes none of ${names}`,
    };
  }
  return { adapter: adapterOf(told.info, [...byVulkan, ...('reason' in nvidia ? [] : nvidia.adapters)]) };
}

/** Throws `backend/missing` where WebGPU would compute on no GPU, or on a software one, which is slower than the backends of the processor. */
export async function assertRealGpu(): Promise<void> {
  const found = await webGpuAdapter();
  if ('missing' in found) throw new HearkenError('backend/missing', found.missing);
  if (found.adapter.kind !== 'software') return;
  throw new HearkenError('backend/missing', `${describeAdapter(found.adapter)} is no GPU but software`);
}

/** The first card that CUDA computes on. */
export async function cudaAdapter(): Promise<FoundAdapter> {
  const told = await askNvidia();
  if ('reason' in told) return { missing: told.reason };
  const [adapter] = told.adapters;
  return adapter === undefined ? { missing: '`nvidia-smi` names no card' } : { adapter };
}

/** `NVIDIA H200 (discrete, 139.8 GiB, driver 570.86.15)`. */
export function describeAdapter({ name, kind, driver, memoryBytes }: Adapter): string {
  const memory = memoryBytes === undefined ? [] : [`${(memoryBytes / 2 ** 30).toFixed(1)} GiB`];
  return `${name} (${[kind, ...memory, ...(driver === undefined ? [] : [driver])].join(', ')})`;
}

function rank({ kind }: Adapter): number {
  return ['discrete', 'hardware', 'integrated', 'software'].indexOf(kind);
}

/** What computes on the processor and calls itself an adapter, by the words in its name. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic[ -]render|\bwarp\b/i;

/** `GPUAdapterInfo` of WebGPU, as far as it is used. */
export type DawnInfo = {
  readonly vendor: string;
  /** The adapter's name, in small letters with hyphens. */ readonly device: string;
  readonly description: string;
  readonly isFallbackAdapter: boolean;
};

/** The adapter that Dawn tells of, with what the `known` one of its name has of kind and memory. */
export function adapterOf(info: DawnInfo, known: readonly Adapter[]): Adapter {
  const { vendor, device, description, isFallbackAdapter } = info;
  const named = known.filter(({ name }) => hyphenated(name) === hyphenated(device));
  const same = named.find(({ memoryBytes }) => memoryBytes !== undefined) ?? named[0];
  const isSoftware = isFallbackAdapter || SOFTWARE.test(`${device} ${description}`);
  const kind = isSoftware ? 'software' : vendor === 'apple' ? 'integrated' : (same?.kind ?? 'hardware');
  const memoryBytes = same?.memoryBytes;
  return {
    name: same?.name ?? (device === '' ? vendor : device),
    kind,
    ...(description !== '' && { driver: description }),
    ...(memoryBytes !== undefined && { memoryBytes }),
    toldBy: 'webgpu',
  };
}

function hyphenated(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}

/** Run in a process of its own: drivers print to standard error, and a second Dawn would stay in this one. */
const ASK_DAWN = `
const { create, globals } = await import(process.argv[1]);
Object.assign(globalThis, globals);
const adapter = await create([]).requestAdapter({ powerPreference: 'high-performance' });
const { vendor, device, description, isFallbackAdapter } = adapter?.info ?? {};
console.log(JSON.stringify(adapter && { vendor, device, description, isFallbackAdapter }));
process.exit();
`;

async function askDawn(): Promise<{ readonly info: DawnInfo | null } | { readonly reason: string }> {
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve('webgpu');
  } catch {
    return { reason: 'npm package `webgpu` is not installed' };
  }
  const script = ['--input-type=module', '--eval', ASK_DAWN, pathToFileURL(entry).href];
  const told = await outputOf(process.execPath, script);
  if ('reason' in told) return { reason: 'npm package `webgpu` does not load' };
  return { info: JSON.parse(told.output) as DawnInfo | null }; // printed above
}

async function askVulkan(): Promise<{ readonly adapters: readonly Adapter[] } | { readonly reason: string }> {
  const told = await outputOf('vulkaninfo', []);
  return 'reason' in told ? told : { adapters: vulkanAdapters(told.output) };
}

const VULKAN_KINDS: Readonly<Record<string, AdapterKind>> = {
  DISCRETE_GPU: 'discrete',
  INTEGRATED_GPU: 'integrated',
  CPU: 'software',
};

/** The adapters in what `vulkaninfo` prints. */
export function vulkanAdapters(output: string): Adapter[] {
  const [, ...parts] = output.split(/^GPU\d+:\r?$/m);
  return parts.map((part) => {
    const value = (name: string): string => new RegExp(`^\\s*${name}\\s*= (.*?)\\s*$`, 'm').exec(part)?.[1] ?? '';
    const name = value('deviceName');
    const type = value('deviceType').replace('PHYSICAL_DEVICE_TYPE_', '');
    const driver = `${value('driverName')} ${value('driverInfo')}`.trim();
    const heaps = part.matchAll(/memoryHeaps\[\d+\]:\s+size\s*= (\d+)[^[]*?DEVICE_LOCAL_BIT/g);
    const sizes = [...heaps].map(([, bytes]) => Number(bytes));
    return {
      name,
      kind: SOFTWARE.test(name) ? 'software' : (VULKAN_KINDS[type] ?? 'hardware'),
      ...(driver !== '' && { driver }),
      ...(sizes.length > 0 && { memoryBytes: Math.max(...sizes) }),
      toldBy: 'vulkaninfo',
    };
  });
}

async function askNvidia(): Promise<{ readonly adapters: readonly Adapter[] } | { readonly reason: string }> {
  const told = await outputOf('nvidia-smi', [
    '--query-gpu=name,memory.total,driver_version',
    '--format=csv,noheader,nounits',
  ]);
  return 'reason' in told ? told : { adapters: nvidiaAdapters(told.output) };
}

/** The cards in what `nvidia-smi` prints of name, MiB of memory and driver, a line each. */
export function nvidiaAdapters(output: string): Adapter[] {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const [name = '', memory = '', driver = ''] = line.split(',').map((field) => field.trim());
    const mebibytes = Number(memory); // "[N/A]" where it is shared with the processor
    const isOwn = Number.isFinite(mebibytes);
    return {
      name,
      kind: isOwn ? 'discrete' : 'integrated',
      driver: `driver ${driver}`,
      ...(isOwn && { memoryBytes: mebibytes * 2 ** 20 }),
      toldBy: 'nvidia-smi',
    };
  });
}

/** Milliseconds that a driver may take to tell of itself. */
const LONGEST_ANSWER_MS = 20_000;

/** What a program prints, or why it does not. */
async function outputOf(
  program: string,
  args: readonly string[],
): Promise<{ readonly output: string } | { readonly reason: string }> {
  try {
    const { stdout } = await promisify(execFile)(program, args, { timeout: LONGEST_ANSWER_MS, maxBuffer: 2 ** 26 });
    return { output: stdout };
  } catch (error) {
    const { code, stdout = '' } = error as NodeJS.ErrnoException & { readonly stdout?: string }; // of node:child_process
    if (code === 'ENOENT') return { reason: `\`${program}\` is not installed` };
    const [said = ''] = stdout.trim().split('\n', 1); // where nvidia-smi says that it finds no driver
    return { reason: `\`${program}\` failed${said === '' ? '' : `: ${said}`}` };
  }
}
