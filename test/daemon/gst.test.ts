/** The daemon against GStreamer's gst-rtsp-server, an RTSP server that we did not write. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Camera, StreamList, StreamStatus, Transport } from '../../daemon/schema.ts';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { until } from '../e2e/until.ts';
import { type GstRtspServer, gstServerMissing, startGstServer } from '../peers/gstRtspServer.ts';
import { look, MjpegViewer } from './mjpegViewer.ts';
import { descendants, ffmpegsUnder, survivors } from './processes.ts';

const run = promisify(execFile);
/** Pictures over which the rate is measured: five seconds of the source. */
const MEASURED = 75;

const missing = await gstServerMissing();

describe('the daemon against gst-rtsp-server with Digest', {
  skip: missing ?? false,
  timeout: 300_000,
}, () => {
  let server: GstRtspServer;
  let daemon: Daemon;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'walleye-gst-test-'));
    [server, daemon] = await Promise.all([startGstServer(), startDaemon()]);
  });
  after(async () => {
    await daemon?.stop();
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const status = (name: string) => daemon.api<StreamStatus>('GET', `/api/streams/${name}`);
  const add = (name: string, path: 'live' | 'vod' | 'h265', transport: Transport) =>
    daemon.api<StreamStatus>('POST', '/api/streams', {
      name,
      rtsp_url: server.url(path),
      username: server.username,
      password: server.password,
      transport,
    });
  const becomes = (name: string, state: StreamStatus['state']) =>
    until(`${name} is ${state}`, async () => {
      const seen = await status(name);
      return seen.state === state && seen;
    });

  for (const transport of ['tcp', 'udp'] as const) {
    describe(`a stream over ${transport}`, () => {
      const name = `live-${transport}`;
      let viewer: MjpegViewer;

      it('becomes live by itself once it was added', async () => {
        const added = await add(name, 'live', transport);
        assert.equal(added.rtsp_url, server.url('live'));
        const { connected, playing, transport_in_use, codec } = await becomes(name, 'live');
        assert.deepEqual(
          { connected, playing, transport_in_use, codec },
          { connected: true, playing: true, transport_in_use: transport, codec: 'h264' },
        );
      });

      it('is M-JPEG at the source’s rate, and its counters rise as the source’s do', async () => {
        viewer = await MjpegViewer.open(`${daemon.url}/api/streams/${name}/mjpeg`);
        await until('the first pictures', () => viewer.pictures >= 5);
        const before = { ...(await status(name)), source: server.frames, pictures: viewer.pictures };
        await until(`${MEASURED} pictures of the source`, () => server.frames - before.source >= MEASURED);
        const source = server.frames - before.source;
        const pictures = viewer.pictures - before.pictures;
        const now = await status(name);
        const frames = now.frames_received - before.frames_received;

        assert.ok(pictures >= 0.95 * source, `${pictures} pictures of ${source}`);
        assert.ok(Math.abs(pictures - frames) <= 0.05 * source, `${pictures} pictures, ${frames} frames`);
        assert.ok(frames <= 1.05 * source, `${frames} frames of ${source}`);
        assert.equal(viewer.broken, 0);
        assert.ok(now.packets_received - before.packets_received >= frames);
        assert.ok(now.bytes_received - before.bytes_received > 50 * frames);
        assert.ok((now.last_frame_time ?? 0) > (before.last_frame_time ?? Number.POSITIVE_INFINITY));
        assert.deepEqual([now.packets_lost, now.frames_dropped, now.connects], [0, 0, 1]);
        assert.ok(Math.abs((now.fps ?? 0) - 15) < 1, `fps ${now.fps}`);
        const { width, height } = look(viewer.last!);
        assert.deepEqual([width, height], [320, 240]);
      });

      it('gives frames that ffprobe accepts: one to decode by itself, and those between', async () => {
        const seen = new Set<string>();
        await until('a key frame and another', async () => {
          const response = await fetch(`${daemon.url}/api/streams/${name}/frame`);
          assert.equal(response.status, 200);
          assert.equal(response.headers.get('content-type'), 'video/h264');
          const key = response.headers.get('x-frame-key') ?? '';
          const bytes = Buffer.from(await response.arrayBuffer());
          if (seen.has(key)) return false;
          seen.add(key);
          const file = join(folder, `${name}-${key}.h264`);
          await writeFile(file, bytes);
          const entries = 'stream=codec_name,width,height:frame=pict_type';
          const what = ['-show_entries', entries, '-of', 'json'];
          const { stdout, stderr } = await run('ffprobe', ['-v', 'error', '-f', 'h264', ...what, file]);
          const { streams, frames } = JSON.parse(stdout) as { streams: object[]; frames: object[] };
          assert.deepEqual(streams, [{ codec_name: 'h264', width: 320, height: 240 }]);
          if (key === '1') assert.deepEqual([frames, stderr], [[{ pict_type: 'I' }], '']);
          return seen.size === 2;
        });
        assert.deepEqual([...seen].sort(), ['0', '1']);
      });

      it('stops: the viewer’s response, the child and the server’s session end, and pictures are refused', async () => {
        const children = descendants(daemon.pid);
        assert.equal(ffmpegsUnder(daemon.pid).length, 1);
        assert.equal((await daemon.api<StreamStatus>('POST', `/api/streams/${name}/stop`)).enabled, false);
        await becomes(name, 'stopped');
        await until('the response to end', () => viewer.ended);
        await until('the child to end', () => survivors(children).length === 0);
        await until('the session to end', () => server.sessions === 0);
        for (const what of ['mjpeg', 'frame', 'snapshot.jpg']) {
          const answer = await fetch(`${daemon.url}/api/streams/${name}/${what}`);
          assert.equal(answer.status, 409, what);
          await answer.body?.cancel();
        }
        assert.equal((await status(name)).connected, false);
      });

      it('starts again, and plays', async () => {
        const before = await status(name);
        await daemon.api('POST', `/api/streams/${name}/start`);
        viewer = await MjpegViewer.open(`${daemon.url}/api/streams/${name}/mjpeg?width=160`);
        await until('pictures', () => viewer.pictures >= 10);
        const now = await status(name);
        assert.deepEqual([now.state, now.enabled, now.connects], ['live', true, 2]);
        assert.ok(now.frames_received > before.frames_received, 'the counters go on');
        const { width, height } = look(viewer.last!);
        assert.deepEqual([width, height], [160, 120]);
        const frame = await fetch(`${daemon.url}/api/streams/${name}/frame`);
        assert.equal(frame.status, 200);
        await frame.body?.cancel();
      });

      it('is deleted, and leaves neither stream nor camera nor process nor session', async () => {
        const children = descendants(daemon.pid);
        assert.notEqual(children.length, 0);
        await daemon.api('DELETE', `/api/streams/${name}`);
        await until('the response to end', () => viewer.ended);
        await until('the children to end', () => survivors(children).length === 0);
        await until('the session to end', () => server.sessions === 0);
        assert.deepEqual(descendants(daemon.pid), []);
        const { connections } = server;
        for (const path of [`streams/${name}`, `streams/${name}/frame`, `cameras/${name}`]) {
          const answer = await fetch(`${daemon.url}/api/${path}`);
          assert.equal(answer.status, 404, path);
          await answer.body?.cancel();
        }
        assert.equal((await daemon.api<StreamList>('GET', '/api/streams')).total, 0);
        assert.deepEqual(await daemon.api<Camera[]>('GET', '/api/cameras'), { total: 0, cameras: [] });
        await sleep(1_500); // a retry would have come by now
        assert.equal(server.connections, connections);
      });
    });
  }

  it('plays a recording to its end once, rests, and plays it again when it is started', async () => {
    const { connections } = server;
    await add('vod', 'vod', 'auto');
    const viewer = await MjpegViewer.open(`${daemon.url}/api/streams/vod/mjpeg`);
    const first = await becomes('vod', 'ended');
    assert.equal(first.frames_received, 45);
    assert.equal(first.connected, false);
    assert.ok(viewer.pictures > 0);
    assert.equal(server.connections - connections, 1);
    await until('the session to end', () => server.sessions === 0);
    await sleep(5_000);
    assert.equal((await status('vod')).state, 'ended');
    assert.equal(server.connections - connections, 1, 'nobody tried again');

    const { pictures } = viewer;
    await daemon.api('POST', '/api/streams/vod/start');
    await until('the second end', async () => {
      const { state, frames_received } = await status('vod');
      return state === 'ended' && frames_received === 90;
    });
    assert.equal(server.connections - connections, 2);
    await until(
      'the viewer of the first time to see it again, whole',
      () => viewer.pictures - pictures >= 43,
    );
    viewer.close();
    await daemon.api('DELETE', '/api/streams/vod');
  });

  it('shows H.265 as it does H.264, and gives its frames by their own name', async () => {
    await add('h265', 'h265', 'auto');
    const viewer = await MjpegViewer.open(`${daemon.url}/api/streams/h265/mjpeg`);
    const frame = await until('a key frame', async () => {
      const response = await fetch(`${daemon.url}/api/streams/h265/frame`);
      const bytes = Buffer.from(await response.arrayBuffer());
      return response.headers.get('x-frame-key') === '1' && { response, bytes };
    });
    assert.equal(frame.response.headers.get('content-type'), 'video/h265');
    const file = join(folder, 'frame.h265');
    await writeFile(file, frame.bytes);
    const { stdout, stderr } = await run('ffprobe', [
      ...[
        '-v',
        'error',
        '-f',
        'hevc',
        '-show_entries',
        'stream=codec_name,width,height',
        '-of',
        'json',
        file,
      ],
    ]);
    assert.deepEqual(
      [(JSON.parse(stdout) as { streams: object[] }).streams, stderr],
      [[{ codec_name: 'hevc', width: 320, height: 240 }], ''],
    );
    const { codec, frames_received, frames_dropped } = await becomes('h265', 'ended');
    assert.deepEqual([codec, frames_received, frames_dropped], ['hevc', 75, 0]);
    // Those before the decoder had started are not shown.
    await until('most pictures', () => viewer.pictures >= 50);
    assert.equal(viewer.broken, 0);
    viewer.close();
    await daemon.api('DELETE', '/api/streams/h265');
  });
});
