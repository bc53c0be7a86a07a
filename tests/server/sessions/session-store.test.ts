import { chmod, mkdir, mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { openDirectoryStore } from '../../../server/sessions/directory-store.ts';
import { createMemoryStore } from '../../../server/sessions/memory-store.ts';
import { HearkenError } from '../../../src/errors.ts';
import { encodeRecord, type SessionRecord } from '../../../server/sessions/session-record.ts';
import type { SessionStore } from '../../../server/sessions/session-store.ts';

const FIRST = { id: 'one', term: 0 };
const SECOND = { id: 'two', term: 1 };

const record = (revision: number, extra: Partial<SessionRecord> = {}): SessionRecord => ({
  session: 'abc-1',
  epoch: 'e1',
  revision,
  client: 'key:phone',
  owner: 'server-1',
  tenure: FIRST,
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
  test('gives the latest record as it was saved', async () => {
    const store = await open();
    expect(await store.load('abc-1')).toBeUndefined();
    await store.save(record(1));
    await store.save(record(2));
    expect(await store.load('abc-1')).toEqual(record(2));
    expect(await store.load('other')).toBeUndefined();
  });

  test('fences an owner whose session somebody else goes on with', async () => {
    const store = await open();
    await store.save(record(1));
    await store.save(record(2, { tenure: SECOND }), record(1));
    await expect(store.save(record(2))).rejects.toMatchObject({ code: 'session/fenced' });
    await expect(store.save(record(4))).rejects.toMatchObject({ code: 'session/fenced' });
    expect((await store.load('abc-1'))?.tenure).toEqual(SECOND);
  });

  test('gives a session over only from its latest record', async () => {
    const store = await open();
    await store.save(record(1));
    await store.save(record(2));
    const late = store.save(record(2, { tenure: SECOND }), record(1));
    await expect(late).rejects.toMatchObject({ code: 'session/fenced' });
    await store.save(record(3, { tenure: SECOND }), record(2));
    expect(await store.load('abc-1')).toEqual(record(3, { tenure: SECOND }));
  });

  test('saves anew what was removed, and says so once', async () => {
    const store = await open();
    await store.save(record(1));
    expect((await store.save(record(2))).wasLost).toBe(false);
    await store.remove('abc-1');
    expect(await store.save(record(3))).toMatchObject({ revision: 3, wasLost: true });
    expect(await store.save(record(4))).toMatchObject({ revision: 4, wasLost: false });
    expect(await store.load('abc-1')).toEqual(record(4));
  });

  test('lets the last owner go on where an owner before it was the first to save anew, however often', async () => {
    const store = await open();
    await store.save(record(1));
    await store.save(record(2, { tenure: SECOND }), record(1));
    await store.remove('abc-1');
    for (const revision of [2, 3, 4]) await store.save(record(revision)); // it cannot know
    expect(await store.save(record(3, { tenure: SECOND }))).toMatchObject({ revision: 5, wasLost: true });
    await expect(store.save(record(5))).rejects.toMatchObject({ code: 'session/fenced' });
    expect(await store.save(record(6, { tenure: SECOND }))).toMatchObject({ revision: 6, wasLost: false });
  });

  test('fences an owner whose session was taken over from one before it that had saved anew', async () => {
    const store = await open();
    await store.save(record(1));
    await store.save(record(2, { tenure: SECOND }), record(1));
    await store.remove('abc-1');
    await store.save(record(2));
    const third = { id: 'three', term: 1 };
    await store.save(record(3, { tenure: third }), record(2));
    await expect(store.save(record(3, { tenure: SECOND }))).rejects.toMatchObject({ code: 'session/fenced' });
    await expect(store.save(record(4, { tenure: SECOND }))).rejects.toMatchObject({ code: 'session/fenced' });
    expect((await store.load('abc-1'))?.tenure).toEqual(third);
  });

  test('lets one of many owners that save the same revision win', async () => {
    const store = await open();
    await store.save(record(1));
    const tries = await Promise.allSettled(
      Array.from({ length: 8 }, (_unused, owner) =>
        store.save(record(2, { tenure: { id: `owner ${owner}`, term: 1 } }), record(1)),
      ),
    );
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const winner = tries.findIndex(({ status }) => status === 'fulfilled');
    expect((await store.load('abc-1'))?.tenure?.id).toBe(`owner ${winner}`);
  });

  test('forgets what is removed or expired, and nothing else', async () => {
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
  test('serves another process that opens the same directory, and keeps one file a session', async () => {
    const directory = await folder();
    const [first, second] = [await openDirectoryStore(directory), await openDirectoryStore(directory)];
    for (const revision of [1, 2, 3]) await first.save(record(revision));
    expect(await second.load('abc-1')).toEqual(record(3));
    expect(await readdir(join(directory, 'abc-1'))).toEqual(['3.session']);
  });

  test('fences a late owner even after the winner has cleaned up the revision in question', async () => {
    const directory = await folder();
    const store = await openDirectoryStore(directory);
    for (const revision of [1, 2]) await store.save(record(revision));
    await store.save(record(3, { tenure: SECOND }), record(2));
    await store.save(record(4, { tenure: SECOND }));
    await expect(store.save(record(3))).rejects.toMatchObject({ code: 'session/fenced' });
    expect(await readdir(join(directory, 'abc-1'))).toEqual(['4.session']);
  });

  test('lets go of what a first save that failed has left, and of nothing that is not its own', async () => {
    const directory = await folder();
    const store = await openDirectoryStore(directory);
    await mkdir(join(directory, 'never-saved'));
    await mkdir(join(directory, 'models'));
    await writeFile(join(directory, 'models', 'mine'), '');
    expect(await store.load('models')).toBeUndefined();
    expect(await store.expire(0)).toBe(0);
    expect(await readdir(directory)).toEqual(['models']);
  });

  test.each(['../escape', 'a/b', '', 'x'.repeat(65)])('takes no session called %j', async (session) => {
    const store = await openDirectoryStore(await folder());
    await expect(store.save(record(1, { session }))).rejects.toMatchObject({ code: 'session/name' });
    expect(await store.load(session)).toBeUndefined();
  });

  test('makes its folder anew where somebody has removed it, and expires nothing meanwhile', async () => {
    const directory = join(await folder(), 'store');
    const store = await openDirectoryStore(directory);
    await store.save(record(1));
    await rm(directory, { recursive: true });
    expect(await store.expire(0)).toBe(0);
    expect(await store.save(record(2))).toMatchObject({ revision: 2, wasLost: true });
    expect(await store.load('abc-1')).toEqual(record(2));
  });

  test('saves while its folder is removed again and again', async () => {
    const directory = await folder();
    const store = await openDirectoryStore(directory);
    const saving = new AbortController();
    const removing = (async () => {
      while (!saving.signal.aborted) {
        await rm(join(directory, 'abc-1'), { recursive: true, force: true }).catch(() => undefined);
      }
    })();
    let revision = 0;
    for (let save = 0; save < 50; save++) {
      try {
        ({ revision } = await store.save(record(revision + 1)));
      } catch (error) {
        if (!(error instanceof HearkenError && error.code === 'session/store')) throw error;
      }
    }
    saving.abort();
    await removing;
    ({ revision } = await store.save(record(revision + 1)));
    expect(await store.load('abc-1')).toEqual(record(revision));
  });

  test('goes on over its own record that was damaged, and over the one that a failed save had left', async () => {
    const directory = await folder();
    const store = await openDirectoryStore(directory);
    await store.save(record(1));
    await writeFile(join(directory, 'abc-1', '1.session'), 'no session\n');
    expect(await store.save(record(2))).toMatchObject({ revision: 2, wasLost: true });
    await store.save(record(3));
    expect(await store.save(record(3, { samples: 5 }))).toMatchObject({ revision: 4, wasLost: false });
    expect(await store.load('abc-1')).toEqual({ ...record(3), revision: 4, samples: 5 });
    expect(await readdir(join(directory, 'abc-1'))).toEqual(['4.session']);
  });

  test('takes over what a server before tenures has left, and is fenced where such a one goes on', async () => {
    const directory = await folder();
    const store = await openDirectoryStore(directory);
    const old = record(7, { tenure: undefined });
    await mkdir(join(directory, 'abc-1'));
    await writeFile(join(directory, 'abc-1', '7.session'), encodeRecord(old));
    expect(await store.load('abc-1')).toEqual(old);
    await store.save(record(8), old);
    await writeFile(join(directory, 'abc-1', '9.session'), encodeRecord({ ...old, revision: 9 }));
    await expect(store.save(record(9))).rejects.toMatchObject({ code: 'session/fenced' });
  });

  test('refuses a damaged record rather than going on from it', async () => {
    const directory = await folder();
    const store = await openDirectoryStore(directory);
    await store.save(record(1));
    const path = join(directory, 'abc-1', '1.session');
    await truncate(path, 40);
    await expect(store.load('abc-1')).rejects.toMatchObject({ code: 'session/damaged' });
    await writeFile(path, 'no session\n');
    await expect(store.load('abc-1')).rejects.toMatchObject({ code: 'session/damaged' });
  });

  test('lets only its own user look at folders and records, whatever the umask', async () => {
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

  test.skipIf(process.getuid?.() === 0)('says that it cannot write, and still has what was saved before', async () => {
    const directory = await folder();
    const store = await openDirectoryStore(directory);
    await store.save(record(1));
    await chmod(join(directory, 'abc-1'), 0o500);
    await expect(store.save(record(2))).rejects.toMatchObject({ code: 'session/store' });
    await chmod(join(directory, 'abc-1'), 0o700);
    expect(await store.load('abc-1')).toEqual(record(1));
  });
});
