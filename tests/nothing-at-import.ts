/**
 * Setup of every test file: whoever starts a process, listens, connects or writes a file while test files are only read,
 * which happens also where none of their tests will run, is told so. Hooks and tests may.
 */
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { promisify } from 'node:util';
import { beforeAll } from 'vitest';

const WRITING = [
  'appendFile',
  'chmod',
  'copyFile',
  'cp',
  'mkdir',
  'mkdtemp',
  'rename',
  'rm',
  'symlink',
  'unlink',
  'writeFile',
];
const PROCESSES = ['exec', 'execFile', 'execFileSync', 'execSync', 'fork', 'spawn', 'spawnSync'];

let isRead = false;
beforeAll(() => {
  isRead = true;
});

type Call = (this: unknown, ...args: readonly unknown[]) => unknown;

/** The same function, which throws until the file is read. */
function later(name: string, refused: Call): Call {
  const call: Call = function (...args) {
    if (!isRead) throw new Error(`Expected nothing to happen while tests are read, got a call of \`${name}\``);
    return Reflect.apply(refused, this, args);
  };
  // What `promisify` gives in its place does not call it.
  const custom = (refused as { readonly [promisify.custom]?: Call })[promisify.custom]; // as Node's documentation says
  return custom === undefined ? call : Object.assign(call, { [promisify.custom]: later(name, custom) });
}

function refuse(object: object, names: readonly string[]): void {
  for (const name of names) {
    const value: unknown = Reflect.get(object, name);
    if (typeof value === 'function') Reflect.set(object, name, later(name, value as Call)); // all that is asked of it
  }
}

refuse(childProcess, PROCESSES);
refuse(fs, [...WRITING, ...WRITING.map((name) => `${name}Sync`)]);
refuse(fs.promises, WRITING);
refuse(net.Server.prototype, ['listen']);
refuse(net.Socket.prototype, ['connect']);
syncBuiltinESMExports();
