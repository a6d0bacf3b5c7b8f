import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { ConfigResult } from '../../daemon/api/config.ts';
import type { AccessUnit } from '../../daemon/frame.ts';
import type { Health, StreamList, StreamStatus, System } from '../../daemon/schema.ts';
import { type ApiServer, call, startApi } from './apiServer.ts';

const run = promisify(execFile);

let api: ApiServer;
before(async () => {
  api = await startApi();
});
after(() => api.close());

test('health has the reference server’s fields', async () => {
  const { status, body } = await call<Health>(api, 'GET', '/api/health');
  assert.equal(status, 200);
  assert.equal(body.status, 'ok');
  assert.equal(typeof body.message, 'string');
});

test('health is degraded, and still answered 200, when the database does not answer', async () => {
  const broken = await startApi();
  try {
    broken.store.close();
    const { status, body } = await call<Health>(broken, 'GET', '/api/health');
    assert.equal(status, 200);
    assert.equal(body.status, 'degraded');
    assert.match(body.message, /database/);
  } finally {
    await broken.close();
  }
});

test('a stream lives: added, listed, stopped, started, deleted', async () => {
  const body = {
    name: 'camera_1',
    rtsp_url: 'rtsp://192.0.2.108:554/cam/realmonitor?channel=1&subtype=0',
    channel: 1,
    subtype: 0,
    username: null,
    password: null,
    enabled: true,
  };
  const added = await call(api, 'POST', '/api/streams', body);
  assert.equal(added.status, 201);
  assert.equal(added.headers.get('location'), '/api/streams/camera_1');
  const list = await call<StreamList>(api, 'GET', '/api/streams');
  assert.equal(list.body.total, 1);
  assert.equal(list.body.streams[0]?.name, 'camera_1');
  assert.equal('last_frame_time' in (list.body.streams[0] ?? {}), false, 'only of one stream');
  const one = await call<StreamStatus>(api, 'GET', '/api/streams/camera_1');
  for (const field of ['connected', 'playing', 'packets_received', 'frames_received', 'bytes_received'])
    assert.ok(field in one.body, field);
  assert.equal(one.body.last_frame_time, null);
  assert.equal((await call<StreamStatus>(api, 'POST', '/api/streams/camera_1/stop')).body.state, 'stopped');
  assert.equal((await call<StreamStatus>(api, 'POST', '/api/streams/camera_1/start', {})).body.enabled, true);
  assert.equal((await call(api, 'DELETE', '/api/streams/camera_1')).status, 204);
  assert.deepEqual((await call(api, 'GET', '/api/streams')).body, { total: 0, streams: [] });
});

test('a configuration adds, updates and fails stream by stream', async () => {
  const streams = [
    { name: 'one', rtsp_url: 'rtsp://192.0.2.1/a' },
    { name: 'bad/name', rtsp_url: 'rtsp://192.0.2.1/b' },
    { name: 'two', rtsp_url: 'http://192.0.2.1/c' },
    'nonsense',
    { name: 'three', rtsp_url: 'rtsp://192.0.2.1/d', channel: -1 },
    { name: 'one', rtsp_url: 'rtsp://192.0.2.1/e', channel: 2 },
  ];
  const { status, body } = await call<ConfigResult>(api, 'POST', '/api/config/streams', {
    streams,
    version: 3,
  });
  assert.equal(status, 200);
  assert.equal(body.total, 6);
  assert.deepEqual(body.added, ['one']);
  assert.deepEqual(body.updated, ['one']);
  assert.deepEqual(
    body.failed.map(({ name, code }) => [name, code]),
    [
      ['bad/name', 'invalid_name'],
      ['two', 'invalid_url'],
      ['streams[3]', 'invalid_body'],
      ['three', 'invalid_body'],
    ],
  );
  assert.match(body.failed[3]?.message ?? '', /"streams\[4\]\.channel" must be an integer from 0 to 1024/);
  const { body: list } = await call<StreamList>(api, 'GET', '/api/streams');
  assert.deepEqual(
    list.streams.map(({ name }) => name),
    ['one'],
    'nothing of what failed is there',
  );
  assert.equal(
    (await call<StreamStatus>(api, 'GET', '/api/streams/one')).body.rtsp_url,
    'rtsp://192.0.2.1/e',
  );
});

test('a frame of a stopped stream is refused, of one without pictures it is not there yet', async () => {
  await call(api, 'POST', '/api/streams', { name: 'dark', rtsp_url: 'rtsp://192.0.2.1/' });
  const early = await call(api, 'GET', '/api/streams/dark/frame');
  assert.equal(early.status, 503);
  assert.equal(early.body.error.code, 'no_frame_yet');
  assert.equal(early.headers.get('retry-after'), '1');
  await call(api, 'POST', '/api/streams/dark/stop');
  const stopped = await call(api, 'GET', '/api/streams/dark/frame');
  assert.equal(stopped.status, 409);
  assert.equal(stopped.body.error.code, 'stream_stopped');
});

/** Splits an Annex B stream of ffmpeg's into NAL units without start codes. */
function nalUnits(stream: Buffer): Buffer[] {
  const starts: number[] = [];
  for (
    let at = stream.indexOf('\0\0\x01', 0, 'latin1');
    at >= 0;
    at = stream.indexOf('\0\0\x01', at + 3, 'latin1')
  )
    starts.push(at + 3);
  return starts.map((start, index) => {
    let end = (starts[index + 1] ?? stream.length + 3) - 3;
    while (end > start && stream[end - 1] === 0) end--;
    return stream.subarray(start, end);
  });
}

test('the frame of a stream is accepted by ffprobe, also between key frames', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'walleye-frame-'));
  try {
    const encode = '-f lavfi -i testsrc2=size=320x192:rate=5 -frames:v 2 -c:v libx264 -bf 0 -f h264 -';
    const { stdout } = await run('ffmpeg', ['-v', 'error', ...encode.split(' ')], { encoding: 'buffer' });
    const nals = nalUnits(stdout);
    const ofType = (type: number) => nals.filter((nal) => ((nal[0] ?? 0) & 31) === type);
    const startCode = Buffer.from([0, 0, 0, 1]);
    const parameterSets = [...ofType(7), ...ofType(8)];
    const video: AccessUnit['video'] = {
      codec: 'h264',
      width: 320,
      height: 192,
      fps: 5,
      codecString: 'avc1.64000D',
      parameterSets,
    };
    const annexB = (units: Buffer[]) => Buffer.concat(units.flatMap((nal) => [startCode, nal]));
    const units: AccessUnit[] = [
      {
        video,
        data: annexB([...parameterSets, ...ofType(5)]),
        key: true,
        mediaTime: 0,
        receivedAt: performance.now(),
      },
      { video, data: annexB(ofType(1)), key: false, mediaTime: 200, receivedAt: performance.now() },
    ];
    await call(api, 'POST', '/api/streams', { name: 'seen', rtsp_url: 'rtsp://192.0.2.1/' });
    for (const unit of units) {
      api.cameras.units.set('seen', unit);
      const response = await fetch(`${api.url}/api/streams/seen/frame`);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('content-type'), 'video/h264');
      assert.equal(response.headers.get('x-frame-key'), unit.key ? '1' : '0');
      const data = Buffer.from(await response.arrayBuffer());
      assert.ok(data.includes(unit.data), 'the whole access unit');
      const file = join(folder, `${unit.key}.h264`);
      await writeFile(file, data);
      const show = '-v quiet -f h264 -show_entries stream=codec_name,width,height -of csv=p=0';
      const probed = await run('ffprobe', [...show.split(' '), file]);
      assert.equal(probed.stdout.trim(), 'h264,320,192');
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('the system page has the machine, ffmpeg and totals', async () => {
  const { status, body } = await call<System>(api, 'GET', '/api/system');
  assert.equal(status, 200);
  assert.equal(body.node, process.version);
  assert.equal(body.ffmpeg.source, 'system');
  assert.ok(body.memory.rss > 1e6);
  assert.equal(body.streams.total, api.cameras.byName.size);
});
