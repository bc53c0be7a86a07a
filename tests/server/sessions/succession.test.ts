import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { openDirectoryStore } from '../../../server/sessions/directory-store.ts';
import { createMemoryStore } from '../../../server/sessions/memory-store.ts';
import type { SessionRecord } from '../../../server/sessions/session-record.ts';
import type { SessionStore } from '../../../server/sessions/session-store.ts';
import { termAfter } from '../../../server/sessions/succession.ts';
import { HearkenError } from '../../../src/errors.ts';

const SESSION = 'abc-1';

/** What may happen: an owner saves, a new one takes over, everything is removed. */
type Step =
  | { readonly what: 'save'; readonly owner: number }
  | { readonly what: 'take over' }
  | { readonly what: 'remove' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant('save' as const), owner: fc.nat({ max: 7 }) }) },
  { weight: 2, arbitrary: fc.constant({ what: 'take over' as const }) },
  { weight: 1, arbitrary: fc.constant({ what: 'remove' as const }) },
);

type Owner = { record: SessionRecord; isFenced: boolean; isFollowed: boolean };

function recordOf(owner: number, term: number): SessionRecord {
  const tenure = { id: `owner ${owner}`, term };
  const rest = { modelVersion: 'm', samples: 0, nextEvent: 0, events: [], start: {}, isClosed: false };
  return {
    session: SESSION,
    epoch: 'e',
    revision: 1,
    owner: 's',
    client: '',
    tenure,
    ...rest,
    state: new Uint8Array(3),
  };
}

/** Owners of one session, one after the other; `isFollowed` are those that a later one has taken the session over from. */
class Owners {
  readonly all: Owner[] = [];
  readonly store: SessionStore;
  constructor(store: SessionStore) {
    this.store = store;
  }

  async begin(): Promise<void> {
    const record = recordOf(0, 0);
    await this.store.save(record);
    this.all.push({ record, isFenced: false, isFollowed: false });
  }

  async save(index: number): Promise<'saved' | 'fenced' | 'none'> {
    const owner = this.all[index];
    if (owner === undefined || owner.isFenced) return 'none';
    try {
      const { revision } = await this.store.save({ ...owner.record, revision: owner.record.revision + 1 });
      owner.record = { ...owner.record, revision };
      return 'saved';
    } catch (error) {
      if (!(error instanceof HearkenError && error.code === 'session/fenced')) throw error;
      owner.isFenced = true;
      return 'fenced';
    }
  }

  async takeOver(): Promise<boolean> {
    const found = await this.store.load(SESSION);
    if (found === undefined) return false;
    const tenure = { id: `owner ${this.all.length}`, term: termAfter(found.tenure?.term ?? 0) };
    const record = { ...found, tenure, revision: found.revision + 1 };
    const { revision } = await this.store.save(record, found);
    for (const owner of this.all) owner.isFollowed = true;
    this.all.push({ record: { ...record, revision }, isFenced: false, isFollowed: false });
    return true;
  }
}

const stores: [string, () => Promise<SessionStore>, number][] = [
  ['in memory', async () => createMemoryStore(), 300],
  ['in a directory', async () => openDirectoryStore(await mkdtemp(join(tmpdir(), 'hearken-sessions-'))), 30],
];

beforeEach(() => {
  let milliseconds = 0;
  vi.spyOn(Date, 'now').mockImplementation(() => ++milliseconds);
});
afterEach(() => void vi.restoreAllMocks());

describe.each(stores)('the owners of a session %s', (_, open, numRuns) => {
  test('are fenced only where they were followed, and are then, once the last one has saved', async () => {
    const steps = fc.array(step, { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        const owners = new Owners(await open());
        await owners.begin();
        const wrong: string[] = [];
        let isStanding = true; // whether the last owner's record is in the store
        for (const each of taken) {
          if (each.what === 'remove') {
            await owners.store.remove(SESSION);
            isStanding = false;
          } else if (each.what === 'take over') {
            isStanding = (await owners.takeOver()) || isStanding;
          } else {
            const owner = owners.all[each.owner];
            const outcome = await owners.save(each.owner);
            if (outcome === 'fenced' && owner?.isFollowed === false) wrong.push('the last owner is fenced');
            if (outcome === 'saved' && owner?.isFollowed === true && isStanding) wrong.push('there are two owners');
            if (outcome === 'saved' && owner?.isFollowed === false) isStanding = true;
          }
        }
        expect(wrong).toEqual([]);
        // Whoever saves first after a loss, the last owner goes on and nobody else does.
        expect(await owners.save(owners.all.length - 1)).toBe('saved');
        for (const index of owners.all.keys()) await owners.save(index);
        expect(owners.all.map(({ isFenced }) => isFenced)).toEqual(
          owners.all.map((_each, index) => index < owners.all.length - 1),
        );
      }),
      { numRuns },
    );
  });

  test('are one, whoever of them saves at the same time as others', async () => {
    const owners = new Owners(await open());
    await owners.begin();
    for (let round = 0; round < 20; round++) {
      await owners.takeOver();
      if (round % 3 === 0) await owners.store.remove(SESSION);
      await Promise.all(owners.all.map((_owner, index) => owners.save(index)));
      await owners.save(owners.all.length - 1);
      await Promise.all(owners.all.map((_owner, index) => owners.save(index)));
      expect(owners.all.findIndex(({ isFenced }) => !isFenced)).toBe(owners.all.length - 1);
    }
  });
});
