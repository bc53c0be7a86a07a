import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';

/** What a server writes until it ends the connection, where `parts` are written one by one; `ca`: over TLS. */
export async function rawAnswer(port: number, parts: readonly (string | Uint8Array)[], ca?: string): Promise<string> {
  const socket = ca === undefined ? connect(port, '127.0.0.1') : connectTls({ port, host: '127.0.0.1', ca });
  const pieces: Buffer[] = [];
  socket.on('data', (piece: Buffer) => pieces.push(piece)).on('error', () => {});
  const closed = once(socket, 'close');
  await once(socket, ca === undefined ? 'connect' : 'secureConnect');
  socket.setNoDelay(true);
  for (const part of parts) {
    await written(socket, part);
    await turn(); // or the parts would be one
  }
  await closed;
  return Buffer.concat(pieces).toString();
}

function written(socket: Socket, part: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    socket.write(part, () => resolve()); // also where the server has ended the connection before
  });
}

export type Answer = {
  readonly status: number;
  /** Names are lower case. */ readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** The answers in what a server wrote, whose bodies have lengths or end it. */
export function answersIn(text: string): Answer[] {
  const answers: Answer[] = [];
  let rest = text;
  while (rest !== '') {
    const [, head = '', after = ''] = /^(HTTP\/1\.1 .*?)\r\n\r\n(.*)$/s.exec(rest) ?? [];
    if (head === '') throw new Error(`Expected an answer, got ${rest}`);
    const [line = '', ...lines] = head.split('\r\n');
    const headers = Object.fromEntries(
      lines.map((each) => [each.slice(0, each.indexOf(':')).toLowerCase(), each.slice(each.indexOf(':') + 1).trim()]),
    );
    const status = Number(line.split(' ')[1]);
    const length = status === 100 ? 0 : Number(headers['content-length'] ?? after.length);
    answers.push({ status, headers, body: after.slice(0, length) });
    rest = after.slice(length);
  }
  return answers;
}
