import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';

import { expect, test } from 'vitest';

import { createMetrics } from '../../server/metrics.ts';
import { missingPrograms, skipNote } from '../installed.ts';
import { connectRaw } from './native/native-client.ts';
import { startTestServer } from './test-server.ts';

test("the guide's table lists the metrics of the server, and no others", async () => {
  const { rows } = createMetrics('0.0.0', () => ({ streams: 0, queuedSeconds: 0, egressBytes: 0 }));
  const guide = await readFile(new URL('../../docs/guides/server.md', import.meta.url), 'utf8');
  const table = guide.split('\n').filter((line) => line.startsWith('| `hearken_'));
  expect(table.toSorted()).toEqual(rows.map(({ name, help }) => `| \`${name}\` | ${help} |`).toSorted());
});

test('a session that is saved, lost and taken up again shows in the metrics', async () => {
  const server = await startTestServer();
  const url = `ws://127.0.0.1:${server.port}/v1/stream`;
  const scrape = async (): Promise<string> => (await fetch(`${server.http}/metrics`)).text();
  const client = await connectRaw(url);
  client.say({ type: 'start', encoding: 's16le', sampleRate: 16_000 });
  const { session, epoch } = await client.next('started');
  for (let frame = 0; frame < 25; frame++) client.say(Buffer.alloc(3_200));
  const { samples } = await client.next('ack');
  await expect.poll(scrape).toMatch(/^hearken_audio_seconds_total 2\.[45]/m);
  const during = await scrape();
  expect(during).toMatch(/^hearken_connections_active\{protocol="native"\} 1$/m);
  expect(during).toMatch(/^hearken_memory_levels\{model="codes"\} [1-9]$/m);
  expect(during).toMatch(/^hearken_batch_waiting_streams\{model="codes"\} 0$/m);
  expect(during).toMatch(/^hearken_snapshot_duration_seconds_count 2$/m);
  expect(during).toMatch(/^hearken_unacked_audio_seconds 0\.[45]\d*$/m);
  const [, bytes] = /^hearken_snapshot_bytes_sum (\d+)$/m.exec(during) ?? [];
  const [, stateBytes] = /^hearken_state_bytes_sum (\d+)$/m.exec(during) ?? [];
  expect(Number(bytes)).toBeGreaterThan(Number(stateBytes));
  client.socket.close();
  await client.closed;

  const resume = { type: 'resume', session, epoch, lastEventOffset: -1, firstSample: samples };
  for (const wrong of [{}, { epoch: 'another' }]) {
    const again = await connectRaw(url);
    again.say({ ...resume, ...wrong });
    await again.next('resumed');
    again.socket.close();
    await again.closed;
  }
  const after = await scrape();
  expect(after).toContain('hearken_session_resumes_total{outcome="recovered"} 1');
  expect(after).toContain('hearken_session_resumes_total{outcome="lost"} 1');
  expect(after).toMatch(/^hearken_resume_duration_seconds_count 1$/m);
  await expect.poll(scrape).toMatch(/^hearken_connections_active\{protocol="native"\} 0$/m);
  expect(await scrape()).toMatch(/^hearken_unacked_audio_seconds 0$/m);
  await server.drain(0);
});

const noPromtool = missingPrograms('promtool');

test.skipIf(noPromtool.length > 0)(
  `promtool finds no fault with the metrics of a server in use${skipNote(noPromtool)}`,
  async () => {
    const server = await startTestServer();
    const live = await connectRaw(`ws://127.0.0.1:${server.port}/v1/stream`);
    live.say({ type: 'start', encoding: 's16le', sampleRate: 16_000 });
    for (let frame = 0; frame < 25; frame++) live.say(Buffer.alloc(3_200));
    await live.next('ack');
    const form = new FormData();
    form.append('file', new File([await readFile(new URL('../../samples/pin.wav', import.meta.url))], 'pin.wav'));
    const uploaded = await fetch(`${server.http}/v1/transcriptions`, { method: 'POST', body: form });
    expect(uploaded.status).toBe(200);
    await server.reload();
    const input = await (await fetch(`${server.http}/metrics`)).text();
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
    live.socket.close();
    await live.closed;
    await server.drain(0);
  },
);
