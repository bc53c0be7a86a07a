/**
 * Sessions as files, for one server that restarts or several that share a disk. A revision is a file of its own, made by
 * `link`, which fails where the name is taken: of two owners that save the same revision one loses, whatever the timing.
 */
import { link, mkdir, open, readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';

import { HearkenError } from '../../src/errors.ts';
import { createIdleSessions, type IdleSessions } from './idle-sessions.ts';
import { fenced } from './memory-store.ts';
import { decodeRecord, encodeRecord, type SessionRecord } from './session-record.ts';
import type { SessionStore } from './session-store.ts';

const SESSION_NAME = /^[\w-]{1,64}$/;
const REVISION_NAME = /^(\d+)\.session$/;
/** Nobody but the server's user may look at what was said. */
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
    save: async (record) => {
      const folder = folderOf(record.session);
      if (folder === undefined) {
        throw new HearkenError('session/name', 'Expected a session named by 1..64 letters, digits, - and _');
      }
      return saveRevision(folder, record);
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

/** Gives the bytes that were written. */
async function saveRevision(folder: string, record: SessionRecord): Promise<number> {
  const { revision } = record;
  const bytes = encodeRecord(record);
  await onDisk('save a session', async () => {
    await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
    const before = await revisionsIn(folder);
    if (revision !== (before.at(-1) ?? 0) + 1) throw fenced(revision, before.at(-1) ?? 0);
    await addRevision(folder, revision, bytes);
    const after = await revisionsIn(folder);
    const latest = after.at(-1) ?? 0;
    if (latest > revision) {
      // The name was free only because a later owner had cleaned up behind itself.
      await rm(fileOf(folder, revision), { force: true });
      throw fenced(revision, latest);
    }
    // It is durable: what cannot be removed now is passed over by `load`, and goes with a later save.
    await Promise.allSettled(
      after.filter((old) => old < revision).map((old) => rm(fileOf(folder, old), { force: true })),
    );
  });
  return bytes.length;
}

/** The file of a revision, durable and whole, or no such file: its owner may try again. */
async function addRevision(folder: string, revision: number, bytes: Uint8Array): Promise<void> {
  const draft = join(folder, `${randomBytes(8).toString('hex')}.draft`);
  try {
    await writeDurably(draft, bytes);
    await link(draft, fileOf(folder, revision)).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'EEXIST' ? fenced(revision, revision) : error;
    });
    await syncFolder(folder).catch(async (error: unknown) => {
      await rm(fileOf(folder, revision), { force: true });
      throw error;
    });
  } finally {
    await rm(draft, { force: true }).catch(() => undefined); // it goes with the session
  }
}

async function expireIn(directory: string, idleMs: number, idle: IdleSessions): Promise<number> {
  const sessions = await onDisk('list sessions', () => readdir(directory));
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
