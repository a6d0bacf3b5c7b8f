/** From an RTSP camera with telephone sound into a file: the real supervisor, transcoder, recorder and ffmpeg. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pino } from 'pino';
import { Recordings } from '../../daemon/camera/recordings.ts';
import { StreamSupervisor } from '../../daemon/camera/streamSupervisor.ts';
import { findFfmpeg } from '../../daemon/decode/ffmpegChoice.ts';
import { probeSandbox } from '../../daemon/decode/sandbox.ts';
import type { Camera } from '../../daemon/schema.ts';
import { openStore } from '../../daemon/store/store.ts';
import { until } from '../api/apiServer.ts';
import { noRemuxer } from '../ingest/noRemuxer.ts';
import { interleaved, type Script } from '../ingest/scriptedServer.ts';
import { serve } from '../ingest/sessionTest.ts';
import { SSRC, talking } from '../ingest/talkingCamera.ts';

/** Ten pictures a second, as their time stamps say, and 100 ms of sound with each. */
const paced: Script = {
  PLAY: (_request, connection) => {
    const begun = performance.now();
    let sent = 0;
    const timer = setInterval(() => {
      for (; sent * 100 <= performance.now() - begun; sent++) {
        connection.picture();
        connection.send(interleaved(2, sound(sent)));
      }
    }, 20);
    connection.socket.on('close', () => clearInterval(timer));
    return {};
  },
};

function sound(count: number): Buffer {
  const packet = Buffer.alloc(12 + 800, 0xd5);
  packet.set([0x80, 0x88]);
  packet.writeUInt16BE(500 + count, 2);
  packet.writeUInt32BE(7000 + 800 * count, 4);
  packet.writeUInt32BE(SSRC, 8);
  return packet;
}

describe('telephone sound', { timeout: 120_000 }, () => {
  it('is in the file as AAC, in the first one from its beginning', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'walleye-sound-'));
    const { store } = openStore(':memory:');
    const log = pino({ level: 'silent' });
    const server = await serve(t, talking({ script: paced }));
    const ffmpeg = await findFfmpeg({});
    const tools = { ffmpeg, sandbox: await probeSandbox({ program: ffmpeg.path }) };
    const login = {
      username: null,
      password: null,
      transport: 'tcp',
      knownTransport: null,
      enabled: true,
      keepWarm: false,
    } as const;
    const supervisor = new StreamSupervisor({
      source: { name: 'door_main', camera: 'door', profile: 'main', url: server.url, ...login },
      tools: () => assert.fail('no picture is decoded'),
      rtsp: { requestTimeout: 2_000, remuxer: noRemuxer },
      log,
      changed: () => {},
      learned: () => {},
    });
    const cameras = {
      supervisors: [supervisor],
      camera: () => ({ streams: [supervisor.source] }) as unknown as Camera,
      subscribe: () => () => {},
      announce: () => {},
    };
    const recordings = new Recordings({
      store,
      cameras,
      folder: { own: join(folder, 'own'), indexes: join(folder, 'indexes') },
      tools,
      log,
      round: 200,
    });
    const stop = new AbortController();
    const done = Promise.all([supervisor.run(stop.signal), recordings.run(stop.signal)]);
    t.after(async () => {
      stop.abort();
      await done;
      store.close();
      rmSync(folder, { recursive: true });
    });
    await recordings.putSettings({ cameras: { door: { mode: 'manual' } } });
    await recordings.start('door');
    const long = () => recordings.find({ limit: 9 }).some(({ from, until }) => until - from > 6_000);
    await until(long, 'six seconds', 60_000);
    await recordings.stop('door');
    const [file, ...others] = recordings.find({ limit: 9 });
    assert.deepEqual(others, []);
    const args = ['-v', 'quiet', '-show_streams', '-show_packets', '-of', 'json', recordings.pathOf(file!)];
    const { streams, packets } = JSON.parse(execFileSync('ffprobe', args, { encoding: 'utf8' })) as {
      streams: { codec_name: string; sample_rate?: string }[];
      packets: { codec_type: string; pts_time: string }[];
    };
    assert.deepEqual(
      streams.map(({ codec_name, sample_rate }) => [codec_name, sample_rate]),
      [
        ['h264', undefined],
        ['aac', '48000'],
      ],
    );
    const times = (type: string) =>
      packets.filter(({ codec_type }) => codec_type === type).map(({ pts_time }) => Number(pts_time));
    const [sound, pictures] = [times('audio'), times('video')];
    // A transcoder takes a moment to begin, more on a machine under load.
    assert.ok((sound[0] ?? 99) < 4, `${sound[0]} s`);
    assert.ok(Math.abs((sound.at(-1) ?? 0) - (pictures.at(-1) ?? 0)) < 1, 'it lasts to the end');
    for (const [i, time] of sound.entries())
      if (i > 0) assert.ok(Math.abs(time - (sound[i - 1] ?? 0) - 1024 / 48_000) < 0.002, `gap at ${time}`);
  });
});
