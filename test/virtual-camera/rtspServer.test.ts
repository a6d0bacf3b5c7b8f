import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { startVirtualCameras, type VirtualCamera, type VirtualCameras } from './index.ts';
import { stampsOf, TestClient, until, watch } from './testClient.ts';

/** The RTSP server against a client that we did not write: ffmpeg. */
describe('virtual camera', { concurrency: true }, () => {
  let running: VirtualCameras;
  const camera = (id: string): VirtualCamera => running.cameras.find((one) => one.id === id)!;
  const login = (id: string, profile: 'main' | 'sub') =>
    camera(id)
      .rtspUrl(profile)
      .replace('//', `//${camera(id).username}:${camera(id).password}@`);

  before(async () => {
    const specs = [
      { name: 'Digest tcp', auth: 'digest' },
      { name: 'Digest udp', auth: 'digest' },
      { name: 'Old digest', auth: 'digest-rfc2069' },
      { name: 'Both digests', auth: 'digest-sha256' },
      { name: 'Basic', auth: 'basic' },
      { name: 'Open', auth: 'none' },
      { name: 'Paused', auth: 'none' },
    ] as const;
    running = await startVirtualCameras({ cameras: specs.map((spec) => ({ ...spec, seconds: 2 })) });
  });
  after(() => running.close());

  for (const transport of ['tcp', 'udp'] as const) {
    it(`plays to ffmpeg over ${transport} with Digest, frame after frame across the loop`, async () => {
      const stamps = stampsOf(await watch(login(`digest-${transport}`, 'sub'), { transport, count: 35 }));
      const first = stamps[0]!;
      assert.deepEqual(
        stamps,
        stamps.map((_, i) => (first + i) % 30),
      );
      const { stats } = camera(`digest-${transport}`);
      assert.equal(stats.lastTransport, transport);
      assert.equal(stats.lastAuth, 'md5');
      await until('the session is gone', () => stats.sessions === 0 && stats.playing === 0);
      assert.ok(stats.requests.includes('TEARDOWN'));
    });
  }

  for (const id of ['old-digest', 'both-digests', 'basic', 'open']) {
    it(`lets ffmpeg in at the camera "${id}"`, async () => {
      const stamps = stampsOf(await watch(login(id, 'sub'), { transport: 'tcp', count: 2 }));
      assert.equal(stamps[1], (stamps[0]! + 1) % 30);
    });
  }

  it('refuses a wrong password', async () => {
    const url = camera('basic').rtspUrl('sub').replace('//', '//admin:wrong@');
    await assert.rejects(watch(url, { transport: 'tcp', count: 1 }), /401/);
  });

  it('announces main as 1280×720 at 15 frames a second to ffprobe', async () => {
    const args = ['-v', 'error', '-rtsp_transport', 'tcp', '-analyzeduration', '500000', '-of', 'json'];
    const { stdout } = await promisify(execFile)('ffprobe', [
      ...args,
      '-show_streams',
      login('open', 'main'),
    ]);
    const [stream] = (JSON.parse(stdout) as { streams: Record<string, unknown>[] }).streams;
    assert.equal(stream?.codec_name, 'h264');
    assert.equal(stream?.has_b_frames, 0);
    assert.deepEqual([stream?.width, stream?.height, stream?.avg_frame_rate], [1280, 720, '15/1']);
  });

  it('shows all its viewers the same live picture and knows when it left', async () => {
    const open = camera('open');
    const began = performance.timeOrigin + performance.now();
    const [a, b] = await Promise.all([
      TestClient.to(open.rtspUrl('sub')),
      TestClient.to(open.rtspUrl('sub')),
    ]);
    await Promise.all([a.play(open.rtspUrl('sub')), b.play(open.rtspUrl('sub'))]);
    await until('ten pictures', () => a.packets.length > 60 && b.packets.length > 60);
    a.close();
    b.close();
    const payloads = new Set(a.packets.slice(20, 50).map((packet) => packet.toString('hex', 12)));
    const shared = b.packets.filter((packet) => payloads.has(packet.toString('hex', 12)));
    assert.ok(shared.length >= 20);
    assert.notEqual(a.packets[0]!.readUInt32BE(8), b.packets[0]!.readUInt32BE(8));
    const times = Array.from({ length: open.frames('sub') }, (_, n) => open.sentAt('sub', n));
    const now = performance.timeOrigin + performance.now();
    assert.ok(times.some((time) => time !== undefined && time >= began && time <= now));
    assert.equal(open.sentAt('sub', 4000), undefined);
  });

  it('pauses and plays on in one session without a gap in sequence numbers', async () => {
    const url = camera('paused').rtspUrl('sub');
    const client = await TestClient.to(url);
    const session = await client.play(url);
    await until('pictures', () => client.packets.length > 10);
    assert.equal((await client.ask('PAUSE', url, { Session: session })).status, 200);
    const paused = client.packets.length;
    assert.equal((await client.ask('GET_PARAMETER', url, { Session: session })).status, 200);
    assert.equal(camera('paused').stats.playing, 0);
    assert.equal(client.packets.length, paused);
    assert.equal((await client.ask('PLAY', url, { Session: session })).status, 200);
    await until('more pictures', () => client.packets.length > paused + 10);
    const sequences = client.packets.map((packet) => packet.readUInt16BE(2));
    for (const [i, sequence] of sequences.entries()) assert.equal(sequence, (sequences[0]! + i) & 0xffff);
    assert.equal((await client.ask('TEARDOWN', url, { Session: session })).status, 200);
    assert.equal(camera('paused').stats.sessions, 0);
    assert.equal((await client.ask('PLAY', url, { Session: session })).status, 454);
    client.close();
  });

  it('answers what it does not have with 404 and what it cannot do with 501', async () => {
    const url = camera('open').rtspUrl('sub');
    const client = await TestClient.to(url);
    assert.equal((await client.ask('DESCRIBE', url.replace('/sub', '/third'))).status, 404);
    assert.equal((await client.ask('DESCRIBE', url.replace('/open/', '/nobody/'))).status, 404);
    assert.equal((await client.ask('RECORD', url)).status, 501);
    assert.equal((await client.ask('SETUP', url, { Transport: 'RTP/AVP;multicast' })).status, 461);
    client.close();
  });
});
