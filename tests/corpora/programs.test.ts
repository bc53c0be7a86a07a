import { describe, expect, test, vi } from 'vitest';

import { missingPackages, requirePackages } from '../../corpora/packages.ts';
import { runProgram } from '../../corpora/programs.ts';

describe('runProgram', () => {
  test('names the line that installs a missing program', async () => {
    vi.stubEnv('PATH', '/nowhere');
    try {
      await expect(runProgram('espeak-ng', ['--version'])).rejects.toMatchObject({
        code: 'corpora/missing-program',
        message: expect.stringContaining('sudo apt-get install espeak-ng') as string,
      });
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test('says why a program failed', async () => {
    await expect(runProgram('dpkg-deb', ['--no-such-option'])).rejects.toMatchObject({
      code: 'corpora/program-failed',
      message: expect.stringContaining('no-such-option') as string,
    });
  });
});

describe('requirePackages', () => {
  test('names what is not unpacked, and the command that fetches it', async () => {
    expect(await missingPackages('/nowhere', ['saytime', 'klettres-data'])).toEqual(['saytime', 'klettres-data']);
    await expect(requirePackages('/nowhere', ['saytime'])).rejects.toThrow(/saytime.*npm run data:speech/);
  });
});
