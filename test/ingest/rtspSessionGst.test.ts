/** RtspSession against GStreamer's gst-rtsp-server, an RTSP server that we did not write. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { framed, PIPE_FORMAT, pipeHead } from '../../daemon/decode/pipeFormat.ts';
import type { AccessUnit } from '../../daemon/frame.ts';
import { IngestError } from '../../daemon/ingest/ingestError.ts';
import {
  type GstPath,
  type GstRtspServer,
  gstServerMissing,
  startGstServer,
} from '../peers/gstRtspServer.ts';
import { play } from './sessionTest.ts';
import { until } from './until.ts';

/** Decodes with ffmpeg; gives the number of pictures and everything that it complained of. */
async function decode(
  units: readonly AccessUnit[],
  format = 'h264',
  size = 320 * 240,
): Promise<{ pictures: number; complaints: string }> {
  // biome-ignore format: one option per pair
  const ffmpeg = spawn('ffmpeg', ['-v', 'error', '-f', format, '-i', 'pipe:0',
    '-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'gray', 'pipe:1']);
  let bytes = 0;
  let complaints = '';
  ffmpeg.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  ffmpeg.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk;
  });
  const piped = format === 'ivf' && units[0]?.video;
  ffmpeg.stdin.end(
    piped
      ? Buffer.concat([
          pipeHead(piped.codec, piped),
          ...units.map(({ data }, i) => framed(data, piped.codec, i)),
        ])
      : Buffer.concat(units.map((unit) => unit.data)),
  );
  await once(ffmpeg, 'close');
  return { pictures: bytes / size, complaints };
}

const missing = await gstServerMissing();

describe('RtspSession against gst-rtsp-server with Digest', {
  timeout: 120_000,
  skip: missing ?? false,
}, () => {
  let server: GstRtspServer;
  before(async () => {
    server = await startGstServer();
  });
  after(() => server?.close());

  const target = (path: GstPath, transport: 'tcp' | 'udp') => ({
    url: server.url(path),
    username: server.username,
    password: server.password,
    transport,
  });

  for (const transport of ['tcp', 'udp'] as const) {
    test(`${transport}: access units at the source’s rate that ffmpeg decodes without complaint; abort ends the server’s session`, async (t) => {
      const played = play(t, target('live', transport));
      await until(() => played.units.length >= 31);
      const { counters } = played.session;
      assert.ok(counters.packets_received >= 31 && counters.bytes_received > 1000);
      assert.equal(server.sessions, 1);
      played.abort();
      assert.equal(await played.result, 'aborted');
      await until(() => server.sessions === 0);

      assert.equal(played.playing.length, 1);
      assert.equal(played.playing[0]?.transport, transport);
      assert.equal(played.session.loginWorked, true);
      assert.deepEqual(
        [counters.packets_lost, counters.frames_dropped, counters.bytes_skipped, counters.unknown_channel],
        [0, 0, 0, 0],
      );
      assert.deepEqual([counters.frames_received, counters.key_frames >= 2], [played.units.length, true]);
      const [first] = played.units;
      assert.ok(first?.key);
      assert.deepEqual([first.video.width, first.video.height], [320, 240]);
      // 15 frames per second, by the source's own clock: 30 steps are two seconds.
      const seconds = ((played.units[30]?.mediaTime ?? 0) - first.mediaTime) / 1000;
      assert.ok(Math.abs(seconds - 2) < 0.1, `30 pictures in ${seconds} s`);
      assert.deepEqual(await decode(played.units), { pictures: played.units.length, complaints: '' });
    });

    test(`${transport}: a recording plays to its last picture and ends`, async (t) => {
      const played = play(t, target('vod', transport));
      assert.equal(await played.result, 'ended');
      assert.equal(played.units.length, 45);
      assert.deepEqual(await decode(played.units), { pictures: 45, complaints: '' });
      await until(() => server.sessions === 0);
    });

    test(`${transport}: H.265 plays to its last picture, and what comes decodes`, async (t) => {
      const played = play(t, target('h265', transport));
      assert.equal(await played.result, 'ended');
      assert.equal(played.units.length, 75);
      const { video } = played.units[0]!;
      assert.deepEqual([video.codec, video.width, video.height], ['hevc', 320, 240]);
      assert.equal(played.session.counters.packets_lost, 0);
      assert.deepEqual(await decode(played.units, 'hevc'), { pictures: 75, complaints: '' });
    });
  }

  test('pause silences it, resume goes on, and what comes decodes', async (t) => {
    const played = play(t, target('live', 'tcp'));
    await until(() => played.units.length > 5);
    assert.equal(played.session.canPause, true);
    await played.session.pause();
    const packets = () => played.session.counters.packets_received;
    let quiet = { since: performance.now(), packets: packets() };
    await until(() => {
      if (packets() !== quiet.packets) quiet = { since: performance.now(), packets: packets() };
      return performance.now() - quiet.since > 500; // seven pictures’ time
    });
    const before = played.units.length;
    await played.session.resume();
    await until(() => played.units.length > before + 15);
    played.abort();
    assert.equal(await played.result, 'aborted');
    const { pictures, complaints } = await decode(played.units);
    assert.deepEqual([pictures, complaints], [played.units.length, '']);
    await until(() => server.sessions === 0);
  });

  for (const [path, transport, size] of [
    ['jpeg', 'tcp', 320 * 240],
    ['jpeg', 'udp', 320 * 240],
    ['jpeg422', 'tcp', 320 * 240],
    ['jpegbig', 'tcp', 2560 * 1440],
  ] as const)
    test(`${transport}: ${path}, whole files that ffmpeg decodes without complaint (RFC 2435)`, async (t) => {
      const played = play(t, target(path, transport));
      await until(() => played.units.length >= 10);
      played.abort();
      await played.result;
      assert.ok(played.units.every(({ key, video }) => key && video.codec === 'mjpeg'));
      assert.equal(played.session.counters.packets_lost, 0);
      const { width, height } = played.units[0]!.video;
      assert.equal(width * height, size);
      // Fifteen a second by their own times.
      const times = played.units.map(({ mediaTime }) => mediaTime);
      assert.ok(Math.abs((times.at(-1)! - times[0]!) / (times.length - 1) - 1000 / 15) < 1);
      const { pictures, complaints } = await decode(played.units, 'mjpeg', size);
      assert.deepEqual([pictures, complaints], [played.units.length, '']);
    });

  for (const [path, codec] of [
    ['mpeg4', 'mpeg4'],
    ['vp8', 'vp8'],
    ['vp9', 'vp9'],
  ] as const)
    for (const transport of ['tcp', 'udp'] as const)
      test(`${transport}: ${path}, pictures that ffmpeg decodes without complaint`, async (t) => {
        const played = play(t, target(path, transport));
        await until(() => played.units.length >= 31);
        played.abort();
        await played.result;
        const { units, session } = played;
        assert.deepEqual([units[0]?.key, units.filter(({ key }) => key).length >= 2], [true, true]);
        assert.deepEqual([session.counters.packets_lost, session.counters.frames_dropped], [0, 0]);
        const { video } = units[0]!;
        assert.deepEqual([video.codec, video.width, video.height], [codec, 320, 240]);
        assert.ok(units.every((unit) => unit.video === video));
        const times = units.slice(0, 31).map(({ mediaTime }) => mediaTime);
        assert.ok(Math.abs((times.at(-1)! - times[0]!) / 30 - 1000 / 15) < 1, String(times));
        const { pictures, complaints } = await decode(units, PIPE_FORMAT[codec]);
        assert.deepEqual([pictures, complaints], [units.length, '']);
      });

  test('auto takes TCP', async (t) => {
    const played = play(t, { ...target('live', 'tcp'), transport: 'auto' });
    await until(() => played.units.length > 0);
    assert.equal(played.playing[0]?.transport, 'tcp');
  });

  test('credentials in the address work like separate ones, unescaped as people type them', async (t) => {
    const url = server.url('live').replace('//', `//${server.username}:${server.password}@`);
    const played = play(t, { url });
    await until(() => played.units.length > 0);
  });

  test('a wrong password is "refused"', async (t) => {
    const played = play(t, { ...target('live', 'tcp'), password: 'wrong' });
    const error = await played.result;
    assert.ok(error instanceof IngestError);
    assert.deepEqual([error.code, error.status], ['refused', 401]);
    assert.equal(played.units.length, 0);
  });

  test('a path that is not there is "not_found"', async (t) => {
    const played = play(t, { ...target('live', 'tcp'), url: `rtsp://127.0.0.1:${server.port}/nothing` });
    const error = await played.result;
    assert.ok(error instanceof IngestError);
    assert.equal(error.code, 'not_found');
  });
});
