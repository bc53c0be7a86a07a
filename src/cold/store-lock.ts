/**
 * One stream at a time has the folder of a store: a file in it names the process of whoever has it. Whoever comes makes a file first and looks for
 * others then, so that of two at once no more than one stays. The file of a process that has ended counts no more, nor one that was copied here.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';

import { HearkenError } from '../errors.ts';

export type StoreLock = {
  /** Whether it still stands in the folder. */ readonly isThere: () => boolean;
  readonly release: () => void;
};

/** Who has a folder, and which: as the name of a file, so that it is there whole or not at all. */
type Holder = { readonly host: string; readonly pid: number; readonly start: string; readonly inode: string };

const PREFIX = 'lock';
/** Between the parts of a name; encoded in them. */
const SEPARATOR = ',';

/** Takes the folder `own` for a stream. Throws `leaves/in-use` where another has it, and what the system does. */
export function lockStore(own: string): StoreLock {
  const inode = `${statSync(own, { bigint: true }).ino}`;
  const holder = { host: hostname(), pid: process.pid, start: startOf(process.pid), inode };
  const name = nameOf(holder);
  const file = path.join(own, name);
  const release = (): void => rmSync(file, { force: true });
  try {
    writeFileSync(file, `Process ${holder.pid} on ${holder.host} writes here.\n`, { flag: 'wx' });
    const others = readdirSync(own).filter((other) => other.startsWith(PREFIX + SEPARATOR) && other !== name);
    for (const other of others) {
      const found = holderIn(other);
      if (found.inode === inode && !hasEnded(found)) throw inUse(own, other, found);
      rmSync(path.join(own, other), { force: true });
    }
  } catch (error) {
    release();
    throw error;
  }
  return { isThere: () => existsSync(file), release };
}

function inUse(own: string, file: string, { host, pid }: Holder): HearkenError {
  const way = host === hostname() ? '' : `; if that has ended, remove ${path.join(own, file)}`;
  return new HearkenError(
    'leaves/in-use',
    `Expected leaves that no other stream has, got ${own}, which process ${pid} on ${host} writes to${way}`,
  );
}

function nameOf({ host, pid, start, inode }: Holder): string {
  return [PREFIX, encodeURIComponent(host), pid, start, inode, randomUUID()].join(SEPARATOR);
}

function holderIn(name: string): Holder {
  const [, host = '', pid = '', start = '', inode = ''] = name.split(SEPARATOR);
  return { host: decodeURIComponent(host), pid: Number(pid), start, inode };
}

/** Whether a process is gone, or its number is another's now; of another machine nobody here can tell. */
function hasEnded({ host, pid, start }: Holder): boolean {
  if (host !== hostname()) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true; // of node's own; EPERM is a process of somebody else
  }
  return startOf(pid) !== start;
}

/** When a process started, of which numbers are used again: known on Linux alone, else empty; `ended` of one that is a zombie. */
function startOf(pid: number): string {
  if (process.platform !== 'linux') return '';
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state = '', ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // a program's name may hold anything
    if (state === 'Z' || state === 'X') return 'ended';
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
    return `${boot}-${fields[18] ?? ''}`;
  } catch {
    return ''; // without /proc
  }
}
