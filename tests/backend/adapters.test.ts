import { describe, expect, test } from 'vitest';

import { adapterOf, describeAdapter, nvidiaAdapters, vulkanAdapters } from '../../src/backend/adapters.ts';

/** What vulkaninfo 1.3.239 prints, cut to the lines that matter: SwiftShader's as it is, another in its form. */
const VULKANINFO = `
GPU0:
VkPhysicalDeviceProperties:
---------------------------
	apiVersion        = 1.3.277 (4206869)
	deviceType        = PHYSICAL_DEVICE_TYPE_DISCRETE_GPU
	deviceName        = NVIDIA GeForce RTX 3060
VkPhysicalDeviceDriverProperties:
---------------------------------
	driverName      = NVIDIA
	driverInfo      = 550.54.15
VkPhysicalDeviceMemoryProperties:
=================================
memoryHeaps: count = 2
	memoryHeaps[0]:
		size   = 12884901888 (0x300000000) (12.00 GiB)
		flags: count = 1
			MEMORY_HEAP_DEVICE_LOCAL_BIT
	memoryHeaps[1]:
		size   = 33285996544 (0x7c0000000) (31.00 GiB)
		flags:
			None
memoryTypes: count = 1
	memoryTypes[0]:
		heapIndex     = 0
		propertyFlags = 0x0001: count = 1
			MEMORY_PROPERTY_DEVICE_LOCAL_BIT
GPU1:
VkPhysicalDeviceProperties:
---------------------------
	apiVersion        = 1.3.0 (4206592)
	deviceType        = PHYSICAL_DEVICE_TYPE_CPU
	deviceName        = SwiftShader Device (Subzero)
VkPhysicalDeviceDriverProperties:
---------------------------------
	driverName      = SwiftShader driver
	driverInfo      = 
VkPhysicalDeviceMemoryProperties:
=================================
memoryHeaps: count = 1
	memoryHeaps[0]:
		size   = 2147483648 (0x80000000) (2.00 GiB)
		flags: count = 1
			MEMORY_HEAP_DEVICE_LOCAL_BIT
`;

const CARD = {
  name: 'NVIDIA GeForce RTX 3060',
  kind: 'discrete',
  driver: 'NVIDIA 550.54.15',
  memoryBytes: 12 * 2 ** 30,
  toldBy: 'vulkaninfo',
} as const;

const SWIFTSHADER = {
  name: 'SwiftShader Device (Subzero)',
  kind: 'software',
  driver: 'SwiftShader driver',
  memoryBytes: 2 * 2 ** 30,
  toldBy: 'vulkaninfo',
} as const;

test('vulkaninfo tells of every adapter its kind, driver and own memory', () => {
  expect(vulkanAdapters(VULKANINFO)).toEqual([CARD, SWIFTSHADER]);
  expect(vulkanAdapters('Vulkan Instance Version: 1.3.239\n')).toEqual([]);
  expect(vulkanAdapters(VULKANINFO.replaceAll('\n', '\r\n'))).toEqual([CARD, SWIFTSHADER]);
});

test('nvidia-smi tells of every card; one that shares the memory of the processor has none of its own', () => {
  expect(nvidiaAdapters('NVIDIA H200, 143771, 570.86.15\nOrin (nvgpu), [N/A], 540.4.0\n')).toEqual([
    {
      name: 'NVIDIA H200',
      kind: 'discrete',
      driver: 'driver 570.86.15',
      memoryBytes: 143_771 * 2 ** 20,
      toldBy: 'nvidia-smi',
    },
    { name: 'Orin (nvgpu)', kind: 'integrated', driver: 'driver 540.4.0', toldBy: 'nvidia-smi' },
  ]);
});

describe('what Dawn tells of an adapter', () => {
  const told = {
    vendor: 'nvidia',
    device: 'nvidia-geforce-rtx-3060',
    description: 'NVIDIA: 550.54.15',
    isFallbackAdapter: false,
  };

  test('is completed by who knows an adapter of its name', () => {
    expect(adapterOf(told, [SWIFTSHADER, CARD])).toEqual({ ...CARD, driver: 'NVIDIA: 550.54.15', toldBy: 'webgpu' });
  });

  test('is a real adapter of unknown kind where nobody does', () => {
    expect(adapterOf(told, [SWIFTSHADER])).toEqual({
      name: 'nvidia-geforce-rtx-3060',
      kind: 'hardware',
      driver: 'NVIDIA: 550.54.15',
      toldBy: 'webgpu',
    });
  });

  test.each([
    ['a fallback', { vendor: 'google', device: 'x', description: '', isFallbackAdapter: true }, 'software'],
    ['SwiftShader', { ...told, device: 'swiftshader-device-subzero-' }, 'software'],
    ['lavapipe', { ...told, vendor: 'mesa', device: 'llvmpipe-llvm-15-0-6-256-bits-' }, 'software'],
    ['Windows without a driver', { ...told, device: 'microsoft-basic-render-driver' }, 'software'],
    ['Windows without a driver', { ...told, device: '', description: 'Microsoft Basic Render Driver' }, 'software'],
    [
      'a Mac',
      { vendor: 'apple', device: 'apple-m3', description: 'Metal driver', isFallbackAdapter: false },
      'integrated',
    ],
  ])('of %s says its kind', (_, info, kind) => {
    expect(adapterOf(info, []).kind).toBe(kind);
  });
});

test('an adapter is described with what is known of it', () => {
  expect(describeAdapter(CARD)).toBe('NVIDIA GeForce RTX 3060 (discrete, 12.0 GiB, NVIDIA 550.54.15)');
  expect(describeAdapter({ name: 'apple-m3', kind: 'integrated', toldBy: 'webgpu' })).toBe('apple-m3 (integrated)');
});
