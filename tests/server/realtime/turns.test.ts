/** Turns over real sockets: which events come, in which order, with which ids and times. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { pcmOf, textOf } from '../recordings.ts';
import { startTestServer, type TestServer } from '../test-server.ts';
import { COMPLETED, connectRealtime, DELTA, type RealtimeClient, sessionUpdate, type Told } from './realtime-client.ts';

let server: TestServer;
let url: string;
beforeAll(async () => {
  server = await startTestServer();
  url = `ws://127.0.0.1:${server.port}/v1/realtime?intent=transcription`;
});
afterAll(() => server.drain(0));

const DIGITS = { transcription: { grammar: 'digits' } };
const SILENCE = Buffer.alloc(48_000); // a second

/** A client whose session is configured. */
async function begin(input: object = {}, session: object = {}): Promise<RealtimeClient> {
  const client = await connectRealtime(url);
  client.say(sessionUpdate({ ...DIGITS, ...input }, session));
  await client.until('session.updated');
  return client;
}

const transcriptsIn = (told: readonly Told[]): string[] =>
  told.filter(({ type }) => type === COMPLETED).map(({ transcript }) => transcript);

/** The first of the type that belongs to the item. */
function ofItem(told: readonly Told[], id: string, type: string): Told {
  const found = told.find((each) => each.type === type && (each.item_id ?? each.item?.id) === id);
  if (found === undefined) throw new Error(`Expected ${type} of ${id}, got none`);
  return found;
}

describe('where the server detects turns', () => {
  test('every turn is told from its first word to its transcript, in order, with its place in the audio', async () => {
    const client = await begin();
    const pcm = await pcmOf('two-numbers', 24_000);
    client.append(pcm);
    client.append(SILENCE);
    const told = [...(await client.until(COMPLETED)), ...(await client.until(COMPLETED))];
    const turn = [
      'input_audio_buffer.speech_started',
      'input_audio_buffer.speech_stopped',
      'input_audio_buffer.committed',
      'conversation.item.added',
      'conversation.item.done',
      COMPLETED,
    ];
    expect(told.map(({ type }) => type).filter((type) => type !== DELTA)).toEqual([...turn, ...turn]);
    expect(transcriptsIn(told).join(' ')).toBe(textOf('two-numbers'));
    expect(new Set(told.map(({ event_id }) => event_id)).size).toBe(told.length);

    const ids = told.filter(({ type }) => type === COMPLETED).map(({ item_id }) => item_id);
    let endOfLast = 0;
    for (const [index, id] of ids.entries()) {
      const { audio_start_ms: start } = ofItem(told, id, 'input_audio_buffer.speech_started');
      const { audio_end_ms: end } = ofItem(told, id, 'input_audio_buffer.speech_stopped');
      expect(start).toBeGreaterThanOrEqual(endOfLast);
      expect(end).toBeGreaterThan(start + 1000);
      expect(end).toBeLessThanOrEqual(pcm.length / 48 + 1000);
      endOfLast = end;
      for (const type of ['input_audio_buffer.committed', 'conversation.item.added', 'conversation.item.done']) {
        expect(ofItem(told, id, type).previous_item_id).toBe(ids[index - 1] ?? null);
      }
      const { transcript, usage } = ofItem(told, id, COMPLETED);
      expect(usage).toEqual({ type: 'duration', seconds: (end - start) / 1000 });
      const deltas = told.filter((each) => each.type === DELTA && each.item_id === id).map(({ delta }) => delta);
      expect(deltas.length).toBeGreaterThan(1); // while it is said
      expect(deltas.join('')).toBe(transcript);
    }
  });

  test('nothing is told of silence', async () => {
    const client = await begin();
    client.append(SILENCE);
    client.append(SILENCE);
    client.say({ type: 'input_audio_buffer.clear' });
    expect((await client.until('input_audio_buffer.cleared')).map(({ type }) => type)).toEqual([
      'input_audio_buffer.cleared',
    ]);
  });

  test('a client may commit a turn that is under way, under the id that it was announced with', async () => {
    const client = await begin();
    client.append((await pcmOf('pin', 24_000)).subarray(0, 2 * 48_000));
    client.say({ type: 'input_audio_buffer.commit' });
    const told = await client.until(COMPLETED);
    const [started] = told;
    expect(started?.type).toBe('input_audio_buffer.speech_started');
    expect(told.some(({ type }) => type === 'input_audio_buffer.speech_stopped')).toBe(false);
    expect(told.at(-1)).toMatchObject({ item_id: started?.item_id, transcript: expect.stringMatching(/^four seven/) });
  });

  test('a longer pause is part of a turn where the client wants it so', async () => {
    const client = await begin({ turn_detection: { type: 'server_vad', silence_duration_ms: 6000 } });
    client.append(await pcmOf('two-numbers', 24_000));
    for (let second = 0; second < 8; second++) client.append(SILENCE);
    expect(transcriptsIn(await client.until(COMPLETED))).toEqual([textOf('two-numbers')]);
  });

  test('a turn ends the silence that was asked for after the end of its last word', async () => {
    const pcm = Buffer.concat([await pcmOf('pin', 24_000), SILENCE]);
    for (const silence_duration_ms of [300, 500, 900]) {
      const client = await begin({ turn_detection: { type: 'server_vad', silence_duration_ms } });
      client.append(pcm);
      const stopped = (await client.until('input_audio_buffer.speech_stopped')).at(-1);
      client.close();
      // Its last word ends at 3.16 s.
      expect(Math.abs((stopped?.audio_end_ms ?? 0) - 3160 - silence_duration_ms)).toBeLessThanOrEqual(80);
    }
  });

  test('padding moves the beginning of a turn, not its words', async () => {
    const pcm = await pcmOf('pin', 24_000);
    const hear = async (prefix_padding_ms: number): Promise<Told[]> => {
      const client = await begin({ turn_detection: { type: 'server_vad', prefix_padding_ms } });
      client.append(pcm, pcm.length);
      client.append(SILENCE, SILENCE.length);
      return client.until(COMPLETED);
    };
    const [none, some] = [await hear(0), await hear(100)];
    expect(transcriptsIn(some)).toEqual(transcriptsIn(none));
    expect((none[0]?.audio_start_ms ?? 0) - (some[0]?.audio_start_ms ?? 0)).toBe(100);
  });
});

describe('where the client commits', () => {
  test('an item is what was sent since the last commit, and its text is told while it comes', async () => {
    const client = await begin({ turn_detection: null });
    const pcm = await pcmOf('pin', 24_000);
    client.append(pcm);
    client.say({ type: 'input_audio_buffer.commit' });
    const first = await client.until(COMPLETED);
    client.append(pcm);
    client.append(pcm);
    client.say({ type: 'input_audio_buffer.commit' });
    const second = await client.until(COMPLETED);
    expect(transcriptsIn([...first, ...second])).toEqual([textOf('pin'), `${textOf('pin')} ${textOf('pin')}`]);
    expect(first[0]?.type).toBe(DELTA);
    expect(first.filter(({ type }) => type.startsWith('input_audio_buffer.')).map(({ type }) => type)).toEqual([
      'input_audio_buffer.committed',
    ]);
    const [id, next] = [first.at(-1)?.item_id, second.at(-1)?.item_id];
    expect(first.filter(({ type }) => type === DELTA).every(({ item_id }) => item_id === id)).toBe(true);
    const committed = second.find(({ type }) => type === 'input_audio_buffer.committed');
    expect(committed).toMatchObject({ item_id: next, previous_item_id: id });
    expect(second.at(-1)?.usage).toEqual({ type: 'duration', seconds: Math.round(pcm.length / 24) / 1000 });
  });

  test('what was cleared is in no item', async () => {
    const client = await begin({ turn_detection: null });
    const pcm = await pcmOf('pin', 24_000);
    client.append((await pcmOf('phone-number', 24_000)).subarray(0, 3 * 48_000));
    client.say({ type: 'input_audio_buffer.clear' });
    client.append(pcm);
    client.say({ type: 'input_audio_buffer.commit' });
    await client.until('input_audio_buffer.cleared');
    expect(transcriptsIn(await client.until(COMPLETED))).toEqual([textOf('pin')]);
  });
});

describe('updates', () => {
  test('in the middle of a turn settle it, and the next one is heard by them, later in the session', async () => {
    const client = await begin();
    const pcm = await pcmOf('pin', 24_000);
    client.append(pcm.subarray(0, 2 * 48_000));
    client.say(sessionUpdate({ ...DIGITS, format: { type: 'audio/pcm', rate: 16_000 } }));
    const first = await client.until('session.updated');
    expect(transcriptsIn(first)[0]).toMatch(/^four seven/);
    const { audio_end_ms: end = 0 } = first.find(({ type }) => type === 'input_audio_buffer.speech_stopped') ?? {};
    expect(end).toBe(2000);
    client.append(await pcmOf('pin', 16_000));
    client.append(SILENCE);
    const second = await client.until(COMPLETED);
    expect(transcriptsIn(second)).toEqual([textOf('pin')]);
    expect(second[0]?.audio_start_ms).toBeGreaterThan(end);
  });

  test('that do not change how audio is heard leave the turn alone; words come with how probable they are', async () => {
    const client = await begin();
    const pcm = await pcmOf('pin', 24_000);
    client.append(pcm.subarray(0, 2 * 48_000));
    client.say(sessionUpdate({}, { include: ['item.input_audio_transcription.logprobs'] }));
    client.append(pcm.subarray(2 * 48_000));
    client.append(SILENCE);
    const told = await client.until(COMPLETED);
    expect(transcriptsIn(told)).toEqual([textOf('pin')]);
    const { logprobs, transcript } = told.at(-1)!; // `until` gives at least the last
    expect(logprobs?.map(({ token }) => token).join('')).toBe(transcript);
    expect(logprobs?.every(({ logprob }) => logprob <= 0 && Number.isFinite(logprob))).toBe(true);
    expect(logprobs?.every(({ token, bytes }) => Buffer.from(bytes).toString() === token)).toBe(true);
  });
});

describe('streams', () => {
  test('transcripts and ends of turns do not depend on how the audio was cut, in samples or not', async () => {
    const pcm = Buffer.concat([await pcmOf('pin', 24_000), SILENCE]);
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 801, max: pcm.length }), async (pieceBytes) => {
        const client = await begin();
        client.append(pcm, pieceBytes);
        const told = await client.until(COMPLETED);
        client.close();
        const stopped = told.find(({ type }) => type === 'input_audio_buffer.speech_stopped');
        seen.add(JSON.stringify([transcriptsIn(told), stopped?.audio_end_ms]));
        return seen.size === 1;
      }),
      { numRuns: 6 },
    );
    expect([...seen][0]).toContain(textOf('pin'));
  });

  test('sessions at the same time do not mix', async () => {
    const names = ['pin', 'phone-number', 'two-numbers'];
    const heard = names.map(async (name) => {
      const client = await begin({ turn_detection: null });
      client.append(await pcmOf(name, 24_000));
      client.say({ type: 'input_audio_buffer.commit' });
      return transcriptsIn(await client.until(COMPLETED));
    });
    expect(await Promise.all(heard)).toEqual(names.map((name) => [textOf(name)]));
  });
});
