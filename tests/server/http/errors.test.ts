import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { describeFailure } from '../../../server/http/error.ts';
import { refusedHandshake } from '../socket-client.ts';
import { startTestServer, type TestServer } from '../test-server.ts';
import { missingPrograms, skipNote } from '../../installed.ts';
import { type Answer, answersIn, rawAnswer } from './raw-answers.ts';

const run = promisify(execFile);

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.drain(0));

const HOST = 'Host: 127.0.0.1\r\nConnection: close\r\n';
const UPLOAD = `POST /v1/transcriptions HTTP/1.1\r\n${HOST}Content-Type: multipart/form-data; boundary=x\r\n`;

async function answerOf(request: string, port = server.port): Promise<Answer> {
  const [answer, ...more] = answersIn(await rawAnswer(port, [request]));
  expect(more).toEqual([]);
  return answer ?? { status: 0, headers: {}, body: '' };
}

/** The one form, which is OpenAI's. */
function form(code: string, message: unknown = expect.stringMatching(/^Expected .*[^.]$/)): object {
  return { error: { message, type: 'invalid_request_error', param: null, code } };
}

test("what of a request the framework refuses is told by a code of ours, not by the framework's", () => {
  const refusal = Object.assign(new Error('Expected another length'), { statusCode: 414, code: 'FST_ERR_LENGTH' });
  expect(describeFailure(refusal)).toEqual({ status: 414, code: 'request/http', message: 'Expected another length' });
});

test.each([
  ['an unknown path', `GET /v1/nothing?key=secret HTTP/1.1\r\n${HOST}\r\n`, 404, 'request/path'],
  ['an unknown path, with a body', `POST /nothing HTTP/1.1\r\n${HOST}Content-Length: 1\r\n\r\n{`, 404, 'request/path'],
  ['a wrong method', `GET /v1/transcriptions HTTP/1.1\r\n${HOST}\r\n`, 405, 'request/method'],
  ['another wrong method', `DELETE /v1/models HTTP/1.1\r\n${HOST}\r\n`, 405, 'request/method'],
  ['a method of no standard', `BREW /v1/models HTTP/1.1\r\n${HOST}\r\n`, 400, 'request/http'],
  ['a path that cannot be decoded', `GET /%zz HTTP/1.1\r\n${HOST}\r\n`, 400, 'request/url'],
  ['a body that is too large', `${UPLOAD}Content-Length: 3000000000\r\n\r\n`, 413, 'request/too-big'],
  [
    'a body of another type',
    `POST /v1/transcriptions HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nContent-Length: 1\r\n\r\n{`,
    400,
    'request/form',
  ],
  [
    'a body of no type',
    `POST /v1/transcriptions HTTP/1.1\r\n${HOST}Content-Type: ///\r\nContent-Length: 1\r\n\r\n{`,
    400,
    'request/form',
  ],
  ['no body', `POST /v1/transcriptions HTTP/1.1\r\n${HOST}\r\n`, 400, 'request/form'],
  ['two hosts', `GET /livez HTTP/1.1\r\n${HOST}Host: 127.0.0.1\r\n\r\n`, 400, 'request/host'],
  ['no host', 'GET /livez HTTP/1.1\r\n\r\n', 400, 'request/host'],
  ['another expectation', `GET /livez HTTP/1.1\r\n${HOST}Expect: tea\r\n\r\n`, 417, 'request/expect'],
  ['a proxy that it is not', `CONNECT a:1 HTTP/1.1\r\n${HOST}\r\n`, 405, 'request/method'],
  ['another protocol', 'HELO example\r\n\r\n', 400, 'request/http'],
  ['another version', 'GET / HTTP/3.7\r\n\r\n', 400, 'request/http'],
  ['HTTP/2 without asking', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'request/http'],
  ['too many headers', `GET /livez HTTP/1.1\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`, 431, 'request/headers'],
  ['a length that is no number', `${UPLOAD}Content-Length: abc\r\n\r\n`, 400, 'request/http'],
  ['two lengths', `${UPLOAD}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`, 400, 'request/http'],
  ['a chunk of no length', `${UPLOAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, 400, 'request/http'],
])('%s is told in the one form', async (_, request, status, code) => {
  const answer = await answerOf(request);
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  expect({ status: answer.status, body: JSON.parse(answer.body) }).toEqual({ status, body: form(code) });
  expect(answer.body).not.toContain('secret');
});

test('a wrong method is told those that there are', async () => {
  const answer = await answerOf(`PUT /v1/audio/transcriptions HTTP/1.1\r\n${HOST}\r\n`);
  expect(answer.headers['allow']).toBe('POST');
  expect(JSON.parse(answer.body)).toEqual(form('request/method', 'Expected POST, got PUT'));
  expect((await answerOf(`POST /livez HTTP/1.1\r\n${HOST}\r\n`)).headers['allow']).toBe('GET, HEAD');
});

test.each([
  ['a handshake elsewhere', () => `${server.http}/nothing`, 404],
  ['a handshake of another protocol', () => `${server.http}/v1/models`, 404],
])('%s is told in the one form', async (_, url, status) => {
  const path = new URL(url()).pathname;
  const answer = await answerOf(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
  );
  expect({ status: answer.status, body: JSON.parse(answer.body) }).toEqual({ status, body: form('request/path') });
  expect((await refusedHandshake(url().replace('http', 'ws'))).statusCode).toBe(status);
});

describe('on the port of vosk', () => {
  test.each([
    ['what is no handshake', `GET / HTTP/1.1\r\n${HOST}\r\n`, 426, 'request/upgrade'],
    ['what is no HTTP', 'hello\r\n\r\n', 400, 'request/http'],
    [
      'a handshake with two hosts',
      'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      400,
      'request/host',
    ],
  ])('%s is told in the one form', async (_, request, status, code) => {
    const answer = await answerOf(request, server.voskPort);
    expect({ status: answer.status, body: JSON.parse(answer.body) }).toEqual({ status, body: form(code) });
  });
});

test('a fault behind a whole request comes after its answer', async () => {
  const text = await rawAnswer(server.port, ['GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nHELLO\r\n\r\n']);
  const metrics = text.indexOf('hearken_build_info');
  expect(metrics).toBeGreaterThan(0);
  expect(text.indexOf('request/http')).toBeGreaterThan(metrics);
  expect(text.match(/^HTTP\/1\.1 \d+/gm)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400']);
});

const noCurl = missingPrograms('curl');

test.skipIf(noCurl.length > 0)(`curl shows why an upload is refused while it comes in${skipNote(noCurl)}`, async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'hearken-')), 'long.wav');
  await writeFile(file, Buffer.alloc(20_000_000));
  const fields = ['-F', 'model=unknown', '-F', `file=@${file}`];
  const { stdout } = await run('curl', ['-sS', '-w', ' %{http_code}', ...fields, `${server.http}/v1/transcriptions`]);
  expect(stdout).toMatch(/"code":"model\/unknown-id"\}\} 400$/);
  await rm(file);
});
