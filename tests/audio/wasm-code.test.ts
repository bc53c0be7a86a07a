import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

import { packageRoot } from '../../src/package-root.ts';

const PROGRAM = `
import { createContext, runInContext } from 'node:vm';
const { CompileError } = WebAssembly;
WebAssembly.Module = runInContext('WebAssembly', createContext({}, { codeGeneration: { wasm: false } })).Module;
Object.defineProperty(CompileError, Symbol.hasInstance, { value: (error) => error.name === 'CompileError' }); // of another realm
const { createFramePair } = await import('./src/audio/frame-pair.ts');
const sizes = { frameLength: 8, fftLength: 8, window: 'hann', preemphasis: 0, removeDcOffset: false };
console.log(createFramePair(sizes));
`;

test('where WebAssembly may not be compiled, as under a strict content security policy, there is no kernel and no error', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', PROGRAM],
    { cwd: packageRoot() },
  );
  expect(stdout).toBe('undefined\n');
});
