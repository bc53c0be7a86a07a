import { PassThrough, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

import { of, throwError } from 'rxjs';
import { expect, test } from 'vitest';

import { PullObservable, writeTo } from '../../../streams/index.ts';

test('everything is written in order, and the stream stays open', async () => {
  const output = new PassThrough();
  await writeTo(of('a', Buffer.from('b'), 'c'), output);
  await writeTo(of('d'), output);
  output.end();
  expect(await text(output)).toBe('abcd');
});

test('a full stream holds the source back until it has drained', async () => {
  const taken: (() => void)[] = [];
  const output = new Writable({ highWaterMark: 4, write: (_piece, _encoding, done) => void taken.push(done) });
  let sent = 0;
  const source = new PullObservable(function* () {
    for (; sent < 5; ) {
      sent++;
      yield 'four';
    }
  });
  const written = writeTo(source, output);
  await expect.poll(() => taken.length).toBe(1);
  expect(sent).toBe(1);
  for (let count = 1; count < 5; count++) {
    taken.shift()?.();
    await expect.poll(() => taken.length).toBe(1);
    expect(sent).toBe(count + 1);
  }
  taken.shift()?.();
  await written;
});

test('ends with what is wrong with the source, with the stream, or with the reason of an abort', async () => {
  const output = (): Writable => new Writable({ highWaterMark: 1, write: () => undefined }); // never done
  await expect(
    writeTo(
      throwError(() => new Error('broken')),
      output(),
    ),
  ).rejects.toThrow('broken');
  const failing = output();
  failing.on('error', () => undefined);
  const failed = writeTo(of('ab'), failing);
  failing.destroy(new Error('no space'));
  await expect(failed).rejects.toThrow('no space');
  const closing = output();
  const closed = writeTo(of('ab', 'c'), closing);
  await expect.poll(() => closing.writableNeedDrain).toBe(true);
  closing.destroy();
  await expect(writeTo(of('ab'), closing)).rejects.toMatchObject({ code: 'output/unwritable' });
  await expect(closed).rejects.toMatchObject({ code: 'output/unwritable' });
  const reason = new Error('enough');
  await expect(writeTo(of('ab'), output(), AbortSignal.abort(reason))).rejects.toBe(reason);
});
