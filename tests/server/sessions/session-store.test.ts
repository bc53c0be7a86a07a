import { chmod, mkdir, mkdtemp, readdir, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { openDirectoryStore } from '../../../server/sessions/directory-store.ts';
import { createMemoryStore } from '../../../server/sessions/memory-store.ts';
import type { SessionRecord } from '../../../server/sessions/session-record.ts';
import type { SessionStore } from '../../../server/sessions/session-store.ts';

const record = (revision: number, extra: Partial<SessionRecord> = {}): SessionRecord => ({
  session: 'abc-1',
  epoch: 'e1',
  revision,
  client: 'key:phone',
  owner: 'server-1',
  modelVersion: 'codes-en-1',
  samples: 16_000 * revision,
  nextEvent: 2,
  events: ['{"type":"endpoint"}', '{"type":"final","text":"ä"}'],
  start: { type: 'start', sampleRate: 16_000 },
  isClosed: false,
  state: Uint8Array.of(0, 10, 255, revision),
  ...extra,
});

const folder = (): Promise<string> => mkdtemp(join(tmpdir(), 'hearken-sessions-'));

const stores: [string, () => Promise<SessionStore>][] = [
  ['the store in memory', async () => createMemoryStore()],
  ['the store in a directory', async () => openDirectoryStore(join(await folder(), 'new'))],
];

describe.each(stores)('%s', (_, open) => {
  it('gives the latest record as it was saved', async () => {
    const store = await open();
    expect(await store.load('abc-1')).toBeUndefined();
    await store.save(record(1));
    await store.save(record(2));
    expect(await store.load('abc-1')).toEqual(record(2));
    expect(await store.load('other')).toBeUndefined();
  });

  it('fences an owner whose session somebody else goes on with', async () => {
    const store = await open();
    await store.save(record(1));
    await store.save(record(2, { epoch: 'other owner' }));
    await expect(store.save(record(2))).rejects.toMatchObject({ code: 'session/fenced' });
    await expect(store.save(record(4))).rejects.toMatchObject({ code: 'session/fenced' });
    expect((await store.load('abc-1'))?.epoch).toBe('other owner');
  });

  it('lets one of many owners that save the same revision win', async () => {
    const store = await open();
    await store.save(record(1));
    const tries = await Promise.allSettled(
      Array.from({ length: 8 }, (_unused, owner) => store.save(record(2, { epoch: `owner ${owner}` }))),
    );
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const winner = tries.findIndex(({ status }) => status === 'fulfilled');
    expect((await store.load('abc-1'))?.epoch).toBe(`owner ${winner}`);
  });

  it('forgets what is removed or expired, and nothing else', async () => {
    const store = await open();
    await store.save(record(1));
    await store.save(record(1, { session: 'def' }));
    await store.remove('abc-1');
    await store.remove('never-was');
    expect(await store.load('abc-1')).toBeUndefined();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * 3_600_000 }); // somebody sets the clock
    expect(await store.expire(3_600_000)).toBe(0);
    vi.useRealTimers();
    expect((await store.load('def'))?.session).toBe('def');
    expect(await store.expire(0)).toBe(1);
    expect(await store.load('def')).toBeUndefined();
  });
});

describe('the store in a directory', () => {
  it('serves another process that opens the same directory, and keeps one file a session', async () => {
    const directory = await folder();
    const [first, second] = [await openDirectoryStore(directory), await openDirectoryStore(directory)];
    for (const revision of [1, 2, 3]) await first.save(record(revision));
    expect(await second.load('abc-1')).toEqual(record(3));
    expect(await readdir(join(directory, 'abc-1'))).toEqual(['3.session']);
  });

  it('fences a late owner even after the winner has cleaned up the revision in question', async () => {
    const directory = await folder();
    const store = await openDirectoryStore(directory);
    for (const revision of [1, 2, 3, 4]) await store.save(record(revision));
    await expect(store.save(record(3))).rejects.toMatchObject({ code: 'session/fenced' });
    expect(await readdir(join(directory, 'abc-1'))).toEqual(['4.session']);
  });

  it('lets go of what a first save that failed has left, and of nothing that is not its own', async () => {
    const directory = await folder();
    const store = await openDirectoryStore(directory);
    await mkdir(join(directory, 'never-saved'));
    await mkdir(join(directory, 'models'));
    await writeFile(join(directory, 'models', 'mine'), '');
    expect(await store.load('models')).toBeUndefined();
    expect(await store.expire(0)).toBe(0);
    expect(await readdir(directory)).toEqual(['models']);
  });

  it.each(['../escape', 'a/b', '', 'x'.repeat(65)])('takes no session called %j', async (session) => {
    const store = await openDirectoryStore(await folder());
    await expect(store.save(record(1, { session }))).rejects.toMatchObject({ code: 'session/name' });
    expect(await store.load(session)).toBeUndefined();
  });

  it('refuses a damaged record rather than going on from it', async () => {
    const directory = await folder();
    const store = await openDirectoryStore(directory);
    await store.save(record(1));
    const path = join(directory, 'abc-1', '1.session');
    await truncate(path, 40);
    await expect(store.load('abc-1')).rejects.toMatchObject({ code: 'session/damaged' });
    await writeFile(path, 'no session\n');
    await expect(store.load('abc-1')).rejects.toMatchObject({ code: 'session/damaged' });
  });

  it('lets only its own user look at folders and records, whatever the umask', async () => {
    const umask = process.umask(0);
    onTestFinished(() => void process.umask(umask));
    const directory = join(await folder(), 'new');
    await (await openDirectoryStore(directory)).save(record(1));
    const modeOf = async (...names: readonly string[]): Promise<string> =>
      ((await stat(join(directory, ...names))).mode & 0o777).toString(8);
    expect(await modeOf()).toBe('700');
    expect(await modeOf('abc-1')).toBe('700');
    expect(await modeOf('abc-1', '1.session')).toBe('600');
  });

  it.skipIf(process.getuid?.() === 0)('says that it cannot write, and still has what was saved before', async () => {
    const directory = await folder();
    const store = await openDirectoryStore(directory);
    await store.save(record(1));
    await chmod(join(directory, 'abc-1'), 0o500);
    await expect(store.save(record(2))).rejects.toMatchObject({ code: 'session/store' });
    await chmod(join(directory, 'abc-1'), 0o700);
    expect(await store.load('abc-1')).toEqual(record(1));
  });
});
