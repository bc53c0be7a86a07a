/**
 * Sessions as files, for one server that restarts or several that share a disk. A revision is a file of its own, made by
 * `link`, which fails where the name is taken: of two owners that save the same revision one loses, whatever the timing.
 * Files that somebody removes are saved anew by whoever owns the session (see `placeOf`).
 */
import { link, mkdir, open, readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';

import { HearkenError } from '../../src/errors.ts';
import { createIdleSessions, type IdleSessions } from './idle-sessions.ts';
import {
  decodeRecord,
  encodeRecord,
  HEADER_BYTES,
  isSavedIn,
  type SessionRecord,
  type Tenure,
} from './session-record.ts';
import type { Saved, SessionStore } from './session-store.ts';
import { type Latest, placeOf } from './succession.ts';

const SESSION_NAME = /^[\w-]{1,64}$/;
const REVISION_NAME = /^(\d+)\.session$/;
/** Mode of the folders: only the server's user may look at what was said. */
const FOLDER_MODE = 0o700;
const RECORD_MODE = 0o600;

/** Makes `directory` where it is missing. Throws `session/store` where it cannot be written. */
export async function openDirectoryStore(directory: string): Promise<SessionStore> {
  await onDisk(`make ${directory}`, () => mkdir(directory, { recursive: true, mode: FOLDER_MODE }));
  const folderOf = (session: string): string | undefined =>
    SESSION_NAME.test(session) ? join(directory, session) : undefined;
  const idle = createIdleSessions();
  return {
    load: async (session) => {
      const folder = folderOf(session);
      return folder === undefined ? undefined : loadLatest(folder);
    },
    save: async (record, from) => {
      const folder = folderOf(record.session);
      if (folder === undefined) {
        throw new HearkenError('session/name', 'Expected a session named by 1..64 letters, digits, - and _');
      }
      return onDisk('save a session', () => saveRevision(folder, record, from));
    },
    remove: async (session) => {
      const folder = folderOf(session);
      if (folder !== undefined) await onDisk('remove a session', () => rm(folder, { recursive: true, force: true }));
    },
    expire: (idleMs) => expireIn(directory, idleMs, idle),
  };
}

/** The latest record; it may be replaced, and its file removed, while it is looked for. */
async function loadLatest(folder: string): Promise<SessionRecord | undefined> {
  for (;;) {
    const latest = (await revisionsIn(folder)).at(-1);
    if (latest === undefined) return undefined;
    const bytes = await onDisk('read a session', () => orMissing(readFile(fileOf(folder, latest))));
    if (bytes !== undefined) return decodeRecord(bytes);
  }
}

/** Others that save the same session, or remove its folder, while one save looks for its place. */
const SAVE_ROUNDS = 16;

async function saveRevision(folder: string, record: SessionRecord, from: SessionRecord | undefined): Promise<Saved> {
  let wasLost = false;
  for (let round = 1; round <= SAVE_ROUNDS; round++) {
    await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
    const before = await revisionsIn(folder);
    const place = placeOf(record, await latestOf(folder, before, record.tenure), from);
    wasLost ||= place.wasLost;
    const { revision } = place;
    const bytes = encodeRecord({ ...record, revision });
    if (!(await addRevision(folder, revision, bytes))) continue;
    const after = await revisionsIn(folder);
    const added = after.filter((each) => each !== revision && !before.includes(each));
    if (after.at(-1) === revision && (await areOlder(folder, added, from === undefined ? record.tenure : undefined))) {
      // It is durable: what cannot be removed now is passed over by `load`, and goes with a later save.
      const old = [...before, ...added];
      await Promise.allSettled(old.map((each) => rm(fileOf(folder, each), { force: true })));
      return { revision, wasLost, bytes: bytes.length };
    }
    // Somebody has saved or removed something meanwhile: whether this owner may go on is looked at once more.
    await rm(fileOf(folder, revision), { force: true });
  }
  throw new HearkenError('session/store', 'Expected to save a session, got others that change it all the time');
}

/**
 * Makes the file of a revision, durable and whole, or no such file; whether it was made. It is not where the name is taken
 * or the folder is gone.
 */
async function addRevision(folder: string, revision: number, bytes: Uint8Array): Promise<boolean> {
  const draft = join(folder, `${randomBytes(8).toString('hex')}.draft`);
  try {
    await writeDurably(draft, bytes);
    await link(draft, fileOf(folder, revision));
    await syncFolder(folder).catch(async (error: unknown) => {
      await rm(fileOf(folder, revision), { force: true });
      throw error;
    });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // of node:fs
    if (code === 'EEXIST' || code === 'ENOENT') return false;
    throw error;
  } finally {
    await rm(draft, { force: true }).catch(() => undefined); // it goes with the session
  }
}

/** The newest of the revisions, and who saved it; of a record of `tenure` only the start is read. */
async function latestOf(
  folder: string,
  revisions: readonly number[],
  tenure: Tenure | undefined,
): Promise<Latest | undefined> {
  for (const revision of revisions.toReversed()) {
    const file = fileOf(folder, revision);
    const start = await orMissing(readStart(file));
    if (tenure !== undefined && start !== undefined && isSavedIn(tenure, start)) return { revision, tenure };
    const bytes = start && (await orMissing(readFile(file)));
    if (bytes !== undefined) return { revision, tenure: tenureIn(bytes) };
  }
  return undefined;
}

/** Whether all of the revisions are of owners before `tenure`; without it, none is. */
async function areOlder(folder: string, revisions: readonly number[], tenure: Tenure | undefined): Promise<boolean> {
  for (const revision of revisions) {
    const bytes = await orMissing(readFile(fileOf(folder, revision)));
    const term = bytes && tenureIn(bytes)?.term;
    if (bytes !== undefined && (term === undefined || tenure === undefined || term >= tenure.term)) return false;
  }
  return true;
}

function tenureIn(bytes: Uint8Array): Tenure | undefined {
  try {
    return decodeRecord(bytes).tenure;
  } catch {
    return undefined; // damaged
  }
}

async function expireIn(directory: string, idleMs: number, idle: IdleSessions): Promise<number> {
  const sessions = await onDisk('list sessions', async () => (await orMissing(readdir(directory))) ?? []);
  idle.keepOnly(new Set(sessions));
  let count = 0;
  for (const session of sessions) {
    const folder = join(directory, session);
    const latest = (await revisionsIn(folder)).at(-1);
    if (idle.idleMs(session, latest ?? 0) < idleMs) continue;
    if (latest === undefined) {
      await rmdir(folder).catch(() => undefined); // left by a first save that failed, or nothing of ours
      continue;
    }
    await onDisk('remove a session', () => rm(folder, { recursive: true, force: true }));
    count++;
  }
  return count;
}

/** Ascending. */
async function revisionsIn(folder: string): Promise<number[]> {
  const names = (await orMissing(readdir(folder))) ?? [];
  const revisions = names.flatMap((name) => REVISION_NAME.exec(name)?.[1] ?? []).map(Number);
  return revisions.toSorted((a, b) => a - b);
}

function fileOf(folder: string, revision: number): string {
  return join(folder, `${revision}.session`);
}

async function readStart(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(HEADER_BYTES), 0, HEADER_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', RECORD_MODE);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a new name in `folder` survive a crash of the machine. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function orMissing<T>(found: Promise<T>): Promise<T | undefined> {
  return found.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
}

/** Failures of the medium as `session/store`: a full or read-only disk is the operator's business, not a bug. */
async function onDisk<T>(what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof HearkenError) throw error;
    const { code = String(error) } = error as NodeJS.ErrnoException; // of node:fs
    throw new HearkenError('session/store', `Expected to ${what}, got ${code}`, { cause: error });
  }
}
