import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import { textOf } from '../recordings.ts';
import { scraped } from '../scraped.ts';
import { startTestServer, type TestServer } from '../test-server.ts';
import { answersIn, rawAnswer } from './raw-answers.ts';

let server: TestServer;
let recording: Buffer;
beforeAll(async () => {
  recording = await readFile(new URL('../../../samples/pin.wav', import.meta.url));
  server = await startTestServer();
});
afterAll(() => server.drain(0));

const HEAD = 'Content-Disposition: form-data; name="file"; filename="a.wav"\r\n';
const field = (name: string, value: string): string =>
  `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
/** The part of the recording, without its end. */
const file = (more = ''): Buffer => Buffer.concat([Buffer.from(`--x\r\n${HEAD}${more}\r\n`), recording]);
const END = '\r\n--x--\r\n';
const TYPE = 'multipart/form-data; boundary=x';

function bytesOf(...parts: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

/** A request with a body; `length`: what it says of its length. */
function upload(body: Buffer, { type = TYPE, more = '', length = body.length, connection = 'close' } = {}): Buffer {
  const lines = `Host: 127.0.0.1\r\nConnection: ${connection}\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n`;
  return bytesOf(`POST /v1/transcriptions HTTP/1.1\r\n${lines}${more}\r\n`, body);
}

async function answerTo(request: Buffer): Promise<{ status: number; body: unknown }> {
  const [{ status, body } = { status: 0, body: '{}' }] = answersIn(await rawAnswer(server.port, [request]));
  return { status, body: JSON.parse(body) };
}

describe('an upload is refused with a sentence, and nothing in the log, where it', () => {
  test.each<[string, () => Buffer, string]>([
    ['has no boundary', () => upload(bytesOf(file(), END), { type: 'multipart/form-data' }), 'form'],
    ['has an empty boundary', () => upload(bytesOf(file(), END), { type: 'multipart/form-data; boundary=' }), 'form'],
    [
      'has a boundary that is too long',
      () => upload(bytesOf(`--${'y'.repeat(300)}${END}`), { type: `multipart/form-data; boundary=${'y'.repeat(300)}` }),
      'form',
    ],
    [
      'has another boundary than it says',
      () => upload(bytesOf(file(), END), { type: TYPE.replace(/x$/, 'z') }),
      'form',
    ],
    ['does not close its last part', () => upload(file()), 'form'],
    ['closes its last part by half', () => upload(bytesOf(file(), '\r\n--x')), 'form'],
    [
      'ends lines with LF only',
      () => upload(Buffer.from(bytesOf(file(), END).toString('latin1').replaceAll('\r\n', '\n'), 'latin1')),
      'form',
    ],
    ['ends within the head of a part', () => upload(bytesOf('--x\r\nContent-Disposition: form-da')), 'form'],
    [
      'ends within a field',
      () => upload(bytesOf('--x\r\nContent-Disposition: form-data; name="model"\r\n\r\nco')),
      'form',
    ],
    ['is text', () => upload(bytesOf('hello')), 'form'],
    ['is empty', () => upload(bytesOf('')), 'form'],
    ['has no parts', () => upload(bytesOf('--x--\r\n')), 'form'],
    ['says that it is shorter', () => upload(bytesOf(file(), END), { length: 5_000 }), 'form'],
    ['is compressed', () => upload(bytesOf(file(), END), { more: 'Content-Encoding: gzip\r\n' }), 'form'],
    ['has a part in an encoding', () => upload(bytesOf(file('Content-Transfer-Encoding: base64\r\n'), END)), 'form'],
    [
      'has its recording in a part that is no form-data',
      () => upload(bytesOf(`--x\r\n${HEAD.replace('form-data', 'attachment')}\r\n`, recording, END)),
      'form',
    ],
    ['has its recording in a part without a head', () => upload(bytesOf('--x\r\n\r\n', recording, END)), 'form'],
    ['has two files', () => upload(bytesOf(file(), '\r\n', file(), END)), 'form'],
    ['has its recording as text', () => upload(bytesOf(field('file', 'RIFF'), END.slice(2))), 'form'],
    ['has too many fields', () => upload(bytesOf(field('a', 'b').repeat(40), file(), END)), 'form'],
    ['has a field that is too long', () => upload(bytesOf(field('prompt', 'b'.repeat(20_000)), file(), END)), 'field'],
    ['has a field called __proto__', () => upload(bytesOf(field('__proto__', 'b'), file(), END)), 'form'],
    [
      'has a field that is no JSON',
      () =>
        upload(
          bytesOf(field('model', '{').replace('\r\n\r\n', '\r\nContent-Type: application/json\r\n\r\n'), file(), END),
        ),
      'form',
    ],
  ])('%s', async (_, request, what) => {
    const before = server.logged.length;
    expect(await answerTo(request())).toEqual({
      status: 400,
      body: {
        error: {
          message: expect.stringMatching(/Expected .*, got|^Expected a form of/),
          type: 'invalid_request_error',
          param: null,
          code: `request/${what}`,
        },
      },
    });
    expect(server.logged.slice(before)).toEqual([]);
  });
});

test.each<[string, () => readonly (string | Buffer)[]]>([
  ['after fields', () => [upload(bytesOf(field('model', 'codes'), file()), { length: 1e6 })]],
  ['within a recording', () => [upload(file(), { length: 1e6 })]],
  ['before a recording', () => [upload(bytesOf('--x\r\n'), { length: 1e6 })]],
])('a client that leaves %s is no error of the server', async (_, parts) => {
  const before = server.logged.length;
  const socket = connect(server.port, '127.0.0.1');
  for (const part of parts()) socket.write(part);
  const active = (): Promise<number> => scraped(server.http, 'hearken_connections_active');
  await expect.poll(active, { timeout: 60_000 }).toBe(1);
  socket.destroy();
  await once(socket, 'close');
  await expect.poll(active, { timeout: 60_000 }).toBe(0);
  await expect.poll(() => server.logged.length).toBe(before + 1);
  expect(JSON.parse(server.logged.at(-1) ?? '')).toMatchObject({ level: 30, code: 'request/aborted' });
  expect(await scraped(server.http, 'hearken_sessions_active')).toBe(0);
});

test('a client that sends all before it reads is told what is wrong, and may go on', async () => {
  const noAudio = bytesOf(`--x\r\n${HEAD}\r\n`, Buffer.alloc(30_000_000, 'no audio '), END);
  const requests = [upload(noAudio, { connection: 'keep-alive' }), upload(bytesOf(file(), END))];
  const answers = answersIn(await rawAnswer(server.port, requests));
  expect(answers.map(({ status }) => status)).toEqual([400, 200]);
  expect(JSON.parse(answers[0]?.body ?? '')).toMatchObject({ error: { code: 'audio/unknown-container' } });
});

describe('fields', () => {
  let temporary: string;
  beforeEach(async () => {
    temporary = await mkdtemp(join(tmpdir(), 'hearken-test-'));
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  const text = { status: 200, body: { text: textOf('pin') } };
  /** A model that hears letters only. */
  async function lettersModel(): Promise<string> {
    const model = fileURLToPath(new URL('../../../models/codes-en', import.meta.url));
    const folder = await mkdtemp(join(tmpdir(), 'hearken-letters-'));
    for (const name of ['config.json', 'model.safetensors', 'onnx']) {
      await cp(join(model, name), join(folder, name), { recursive: true });
    }
    const config = await readFile(join(folder, 'config.json'), 'utf8');
    const changed = config.replace('"defaultGrammar": "codes"', '"defaultGrammar": "letters"');
    await writeFile(join(folder, 'config.json'), changed);
    return folder;
  }

  test('may come after the recording, which is then heard as they say, and not kept', async () => {
    const folder = await lettersModel();
    vi.stubEnv('TMPDIR', temporary);
    const both = await startTestServer({
      models: [
        { id: 'codes', folder: 'codes-en' },
        { id: 'letters', folder },
      ],
    });
    const ask = async (...parts: readonly (string | Buffer)[]): Promise<unknown> => {
      const [answer] = answersIn(await rawAnswer(both.port, [upload(bytesOf(...parts))]));
      return { status: answer?.status, body: JSON.parse(answer?.body ?? '') };
    };
    const asLetters = await ask(field('model', 'letters'), file(), END);
    expect(asLetters).not.toEqual(text);
    expect(await ask(file(), '\r\n', field('model', 'letters'), END.slice(2))).toEqual(asLetters);
    expect(await ask(file(), '\r\n', field('model', 'codes'), END.slice(2))).toEqual(text);
    expect(await ask(file(), END)).toEqual(text);
    expect((await readdir(temporary)).filter((name) => name.startsWith('hearken-'))).toEqual([]);
    vi.stubEnv('TMPDIR', join(temporary, 'missing'));
    expect(await ask(file(), END)).toEqual(text);
    expect(await ask(file(), '\r\n', field('model', 'letters'), END.slice(2))).toEqual({
      status: 400,
      body: {
        error: expect.objectContaining({
          message: 'Expected the fields that say how to hear before `file`, for it could not be kept (ENOENT)',
        }),
      },
    });
    await both.drain(0);
    await rm(folder, { recursive: true });
  });

  test('that are empty are as good as none', async () => {
    const names = ['model', 'response_format', 'timestamp_granularities[]', 'stream', 'language', 'prompt'];
    const empty = names.map((name) => field(name, '')).join('');
    expect(await answerTo(upload(bytesOf(empty, file(), END)))).toEqual(text);
    expect(await answerTo(upload(bytesOf(file(), '\r\n', empty, END.slice(2))))).toEqual(text);
    const one = field('timestamp_granularities[]', '') + field('timestamp_granularities[]', 'word');
    const words = await answerTo(upload(bytesOf(one, field('response_format', 'verbose_json'), file(), END)));
    expect(words).toMatchObject({ status: 200, body: { words: expect.any(Array) } });
  });
});
