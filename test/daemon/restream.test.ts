/** Streams offered again over RTSP by the real daemon: to ffmpeg, to GStreamer, to another Walleye. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { StreamStatus, System } from '../../daemon/schema.ts';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { until } from '../e2e/until.ts';
import { type GstRtspServer, gstServerMissing, startGstServer } from '../peers/gstRtspServer.ts';
import {
  readFrameStamp,
  startVirtualCameras,
  type VirtualCamera,
  type VirtualCameras,
} from '../virtual-camera/index.ts';

const run = promisify(execFile);
const SIZE = { width: 640, height: 360 };
const missing = await gstServerMissing();

let cameras: VirtualCameras;
let camera: VirtualCamera;
let daemon: Daemon;
let port: number;
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'walleye-restream-'));
  cameras = await startVirtualCameras({ cameras: [{ name: 'Door', auth: 'digest', port: 0 }] });
  [camera] = cameras.cameras as [VirtualCamera];
  daemon = await startDaemon({});
  const { id, name, username, password, rtspUrl } = camera;
  const streams = (['main', 'sub'] as const).map((profile) => ({ profile, rtsp_url: rtspUrl(profile) }));
  await daemon.api('POST', '/api/cameras', { id, name, username, password, streams });
  port = (await daemon.api<System>('GET', '/api/system')).rtsp_port ?? 0;
});
after(async () => {
  await daemon?.stop();
  await cameras?.close();
  await rm(folder, { recursive: true, force: true });
});

const url = (stream: string) => `rtsp://127.0.0.1:${port}/${stream}`;
const status = (name: string) => daemon.api<StreamStatus>('GET', `/api/streams/${name}`);

/** The first pictures of a stream as ffmpeg takes them, and what it complained of. */
async function copy(from: string, transport: 'tcp' | 'udp', pictures: number, format = 'h264') {
  const file = join(folder, `copied.${format}`);
  const { stderr } = await run(
    'ffmpeg',
    [
      ...['-v', 'error', '-y', '-rtsp_transport', transport, '-i', from, '-c', 'copy'],
      ...['-frames:v', String(pictures), '-f', format, file],
    ],
    { timeout: 60_000 },
  );
  return { file, stderr };
}

/** The numbers in the pictures, by ffmpeg; and what it complained of. */
async function stampsIn(file: string, format = 'h264') {
  const { stdout, stderr } = await run(
    'ffmpeg',
    [
      '-v',
      'error',
      '-f',
      format,
      '-i',
      file,
      '-fps_mode',
      'passthrough',
      '-f',
      'rawvideo',
      '-pix_fmt',
      'gray',
      '-',
    ],
    { maxBuffer: 1 << 30, encoding: 'buffer' },
  );
  const bytes = SIZE.width * SIZE.height;
  const stamps = Array.from({ length: stdout.length / bytes }, (_, i) =>
    readFrameStamp(stdout.subarray(i * bytes, (i + 1) * bytes), SIZE.width, SIZE.height),
  );
  return { stamps, stderr: stderr.toString() };
}

/** Every number once, none missing; the clip begins again after its last picture. */
async function assertWhole(file: string, least: number): Promise<void> {
  const { stamps, stderr } = await stampsIn(file);
  assert.equal(stderr, '');
  assert.ok(stamps.length >= least, `${stamps.length} pictures`);
  const all = camera.frames('sub');
  assert.deepEqual(
    stamps,
    stamps.map((_, i) => ((stamps[0] ?? 0) + i) % all),
  );
}

describe('a stream offered again', { timeout: 300_000 }, () => {
  for (const transport of ['tcp', 'udp'] as const) {
    it(`to ffmpeg over ${transport}: every picture once, and the stream rests when it has gone`, async () => {
      const { file, stderr } = await copy(url('door_sub'), transport, 45);
      assert.equal(stderr.replaceAll(/.*Timestamps are unset.*\n/g, ''), '');
      await assertWhole(file, 45);
      await until('nobody to look', async () => (await status('door_sub')).video_viewers === 0);
    });

    it(`to GStreamer over ${transport}`, { skip: missing ?? false }, async () => {
      const file = join(folder, `gst-${transport}.h264`);
      const script = join(import.meta.dirname, '../peers/gstRtspClient.py');
      const { stdout } = await run('/usr/bin/python3', [script, url('door_sub'), transport, '45', file], {
        timeout: 60_000,
      });
      assert.ok(Number(stdout) >= 45, `${stdout} buffers`);
      await assertWhole(file, 45);
    });

    it(`to our own ingest over ${transport}, and once more from there`, async () => {
      const name = `again-${transport}`;
      await daemon.api('POST', '/api/streams', { name, rtsp_url: url('door_sub'), transport });
      const seen = await until('forty pictures', async () => {
        const now = await status(name);
        return now.frames_received >= 40 && now;
      });
      assert.deepEqual(
        [seen.state, seen.codec, seen.width, seen.height, seen.transport_in_use],
        ['live', 'h264', 640, 360, transport],
      );
      assert.deepEqual([seen.packets_lost, seen.frames_dropped, seen.connects], [0, 0, 1]);
      assert.ok(Math.abs((seen.fps ?? 0) - camera.fps) < 1.5, `${seen.fps} fps`);
      await assertWhole((await copy(url(name), 'tcp', 45)).file, 45);
      await daemon.api('DELETE', `/api/streams/${name}`);
    });
  }

  it('costs the camera one session, however many take it, and says where it is', async () => {
    const copies = [1, 2, 3].map((n) =>
      run('ffmpeg', [
        ...['-v', 'error', '-y', '-rtsp_transport', 'tcp', '-i', url('door_sub'), '-c', 'copy'],
        ...['-frames:v', '60', '-f', 'h264', join(folder, `many-${n}.h264`)],
      ]),
    );
    await until('three viewers', async () => (await status('door_sub')).video_viewers >= 3);
    assert.equal(camera.stats.sessions, 1);
    assert.equal((await status('door_sub')).rtsp_path, '/door_sub');
    await Promise.all(copies);
    for (const n of [1, 2, 3]) await assertWhole(join(folder, `many-${n}.h264`), 60);
  });

  it('goes on through a new session of the camera, on one clock', async () => {
    const times = run(
      'ffmpeg',
      [
        ...['-v', 'error', '-rtsp_transport', 'tcp', '-i', url('door_sub'), '-c', 'copy'],
        ...['-frames:v', '120', '-f', 'framecrc', '-'],
      ],
      { timeout: 90_000 },
    );
    await until('a viewer', async () => (await status('door_sub')).video_viewers >= 1);
    await sleep(2_000);
    const { connects } = await status('door_sub');
    await camera.fault({ reboot: 1 });
    await until('another session', async () => (await status('door_sub')).connects > connects);
    const { stdout } = await times;
    const dts = stdout
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => Number(line.split(',')[1]));
    assert.equal(dts.length, 120);
    assert.ok(dts.slice(2).every((time, i) => time > dts[i + 1]!));
    // What the camera was away for is seen in the times, and nothing more.
    assert.ok((dts.at(-1)! - dts[0]!) / 90_000 < 60);
  });

  describe('of another coding', { skip: missing ?? false }, () => {
    let server: GstRtspServer;
    before(async () => {
      server = await startGstServer();
    });
    after(() => server?.close());

    const add = (name: Parameters<GstRtspServer['url']>[0]) =>
      daemon.api('POST', '/api/streams', {
        ...{ name, rtsp_url: server.url(name), username: server.username, password: server.password },
        keep_warm: false,
      });

    for (const [name, codec, format] of [
      ['h265', 'hevc', 'hevc'],
      ['mpeg4', 'mpeg4', 'm4v'],
      ['vp8', 'vp8', 'ivf'],
      ['jpeg', 'mjpeg', 'mjpeg'],
      ['jpeg422', 'mjpeg', 'mjpeg'],
    ] as const)
      it(name, async () => {
        await add(name);
        const { file } = await copy(url(name), 'tcp', 45, format);
        const what = ['-count_frames', '-show_entries', 'stream=codec_name,width,height,nb_read_frames'];
        const { stdout, stderr } = await run('ffprobe', ['-v', 'error', ...what, '-of', 'json', file]);
        assert.deepEqual(
          [(JSON.parse(stdout) as { streams: object[] }).streams, stderr],
          [[{ codec_name: codec, width: 320, height: 240, nb_read_frames: '45' }], ''],
        );
        await daemon.api('DELETE', `/api/streams/${name}`);
      });

    it('vp9, decoded: ffmpeg (5.1) marks no key picture of it in RTP, GStreamer’s server’s neither, and copies none', async () => {
      await add('vp9');
      const input = ['-v', 'error', '-rtsp_transport', 'tcp', '-i', url('vp9')];
      const output = ['-frames:v', '45', '-fps_mode', 'passthrough', '-f', 'framecrc', '-'];
      const { stdout, stderr } = await run('ffmpeg', [...input, ...output], { timeout: 60_000 });
      assert.equal(stderr, '');
      assert.match(stdout, /^#dimensions 0: 320x240$/m);
      assert.equal(stdout.split('\n').filter((line) => /^0,/.test(line)).length, 45);
      await daemon.api('DELETE', '/api/streams/vp9');
    });

    it('JPEGs larger than the packets can say: to our own ingest, which reads the SDP', async () => {
      await add('jpegbig');
      await daemon.api('POST', '/api/streams', { name: 'again', rtsp_url: url('jpegbig') });
      const { codec, width, height, frames_dropped } = await until('pictures', async () => {
        const now = await status('again');
        return now.frames_received >= 10 && now;
      });
      assert.deepEqual([codec, width, height, frames_dropped], ['mjpeg', 2560, 1440, 0]);
      for (const name of ['again', 'jpegbig']) await daemon.api('DELETE', `/api/streams/${name}`);
    });
  });

  it('a port that is taken is told, and the wall goes on without', async () => {
    const second = await startDaemon({ env: { WALLEYE_RTSP_PORT: String(port) } });
    try {
      assert.equal((await second.api<System>('GET', '/api/system')).rtsp_port, null);
      const line = second.log.find((text) => text.includes('not offered over RTSP'));
      assert.match(line ?? '', new RegExp(`Port ${port} of 127.0.0.1 is taken.*WALLEYE_RTSP_PORT`));
    } finally {
      await second.stop();
    }
  });
});

describe('who may take it', { timeout: 120_000 }, () => {
  const password = 'set in the unit file';
  let locked: Daemon;
  let token: string;
  let lockedPort: number;
  before(async () => {
    locked = await startDaemon({ env: { WALLEYE_ADMIN_PASSWORD: password } });
    token = (await readFile(join(locked.stateDir, 'tokens', 'cli'), 'utf8')).trim();
    const { id, username, rtspUrl } = camera;
    const added = await call('POST', '/api/streams', {
      ...{ name: id, rtsp_url: rtspUrl('sub'), username, password: camera.password },
    });
    assert.ok(added.ok, await added.text());
    lockedPort = ((await (await call('GET', '/api/system')).json()) as System).rtsp_port ?? 0;
  });
  after(() => locked?.stop());

  const call = (method: string, path: string, body?: unknown) =>
    fetch(`${locked.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  /** Status line and head of the answer to DESCRIBE. */
  async function describeWith(login: string | undefined): Promise<string> {
    const socket = connect(lockedPort, '127.0.0.1');
    const basic = login && `Authorization: Basic ${Buffer.from(login).toString('base64')}\r\n`;
    socket.write(`DESCRIBE rtsp://127.0.0.1/door RTSP/1.0\r\nCSeq: 1\r\n${basic ?? ''}\r\n`);
    for await (const chunk of socket) return String(chunk);
    return '';
  }

  it('nobody without a login: 401 with Basic', async () => {
    const answer = await describeWith(undefined);
    assert.match(answer, /^RTSP\/1\.0 401 /);
    assert.match(answer, /\r\nWWW-Authenticate: Basic realm="Walleye"\r\n/);
  });

  for (const [who, login] of [
    ['a user with his password', () => `admin:${encodeURIComponent(password)}`],
    ['whoever has a token', () => `anything:${token}`],
  ] as const)
    it(`${who}: ffmpeg gets in`, async () => {
      const { file } = await copy(`rtsp://${login()}@127.0.0.1:${lockedPort}/door`, 'tcp', 5);
      assert.ok((await stampsIn(file)).stamps.length >= 5);
    });

  it('a token that is taken away ends what it opened', async () => {
    const made = (await (await call('POST', '/api/tokens', { name: 'nvr', scope: 'viewer' })).json()) as {
      id: string;
      token: string;
    };
    const going = run('ffmpeg', [
      ...[
        '-v',
        'error',
        '-rtsp_transport',
        'tcp',
        '-i',
        `rtsp://nvr:${made.token}@127.0.0.1:${lockedPort}/door`,
      ],
      ...['-c', 'copy', '-f', 'null', '-'],
    ]).catch(() => undefined);
    await until('a viewer', async () => {
      const stream = (await (await call('GET', '/api/streams/door')).json()) as StreamStatus;
      return stream.video_viewers === 1;
    });
    await call('DELETE', `/api/tokens/${made.id}`);
    await going;
  });

  it('wrong passwords are refused, and count as they do over HTTP', async () => {
    for (let i = 0; i < 5; i++) assert.match(await describeWith(`admin:wrong${i}`), /^RTSP\/1\.0 401 /);
    const answer = await describeWith('admin:wrong again');
    assert.match(answer, /^RTSP\/1\.0 503 /);
    assert.match(answer, /\r\nRetry-After: \d+\r\n/);
    const authorization = `Basic ${Buffer.from('admin:wrong too').toString('base64')}`;
    const http = await fetch(`${locked.url}/api/streams`, { headers: { authorization } });
    assert.equal(http.status, 429);
    assert.match(await describeWith(`x:${token}`), /^RTSP\/1\.0 200 /, 'a token is no guess');
    assert.ok(!locked.log.join('\n').includes('wrong again'));
  });
});
