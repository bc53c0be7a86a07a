import { expect, test } from 'vitest';

import { loadTrainingDevice } from '../../src/backend/training-device.ts';
import { missingPrograms } from '../installed.ts';

test('the processor trains where it is asked for, and is named', async () => {
  const { source, on } = await loadTrainingDevice('cpu');
  expect(['native', 'wasm', 'cpu']).toContain(source);
  expect(on).toBe('the processor');
});

const cards = missingPrograms('nvidia-smi').length === 0;

test.skipIf(cards)(
  `a card that is not there is refused with the reason of each that was tried${cards ? ' (skipped with a card)' : ''}`,
  async () => {
    const refused = loadTrainingDevice('cuda');
    await expect(refused).rejects.toMatchObject({ code: 'backend/unavailable' });
    await expect(refused).rejects.toThrow(/^Expected device `cuda` to train on, got native: .*; tfjs-node-gpu: /);
  },
);
