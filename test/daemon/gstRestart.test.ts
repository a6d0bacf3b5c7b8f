/** gst-rtsp-server is killed and started again; and ffmpeg publishes through it. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import type { StreamStatus } from '../../daemon/schema.ts';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { until } from '../e2e/until.ts';
import { freePort } from '../network/freePort.ts';
import {
  type GstPath,
  type GstRtspServer,
  gstServerMissing,
  startGstServer,
} from '../peers/gstRtspServer.ts';

/** Name → what it plays, and how. */
const STREAMS = {
  h264: { path: 'live', transport: 'tcp' },
  jpeg: { path: 'jpeg', transport: 'udp' },
  vp8: { path: 'vp8', transport: 'tcp' },
  published: { path: 'published', transport: 'udp' },
} as const satisfies Record<string, { path: GstPath; transport: string }>;

describe('a server that others wrote is killed and started again', {
  skip: (await gstServerMissing()) ?? false,
  timeout: 240_000,
}, () => {
  let port: number;
  let server: GstRtspServer;
  let publisher: ChildProcess;
  let daemon: Daemon;
  const status = (name: string) => daemon.api<StreamStatus>('GET', `/api/streams/${name}`);

  async function startServer(): Promise<void> {
    server = await startGstServer({ port });
    const { username, password } = server;
    const url = server.url('publish').replace('//', `//${username}:${encodeURIComponent(password)}@`);
    const picture = ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=15'];
    const coder = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '15'];
    const output = ['-pix_fmt', 'yuv420p', '-f', 'rtsp', '-rtsp_transport', 'tcp', url];
    publisher = spawn('ffmpeg', ['-nostdin', '-v', 'error', ...picture, ...coder, ...output], {
      stdio: 'ignore',
    });
  }
  async function kill(): Promise<void> {
    const gone = once(publisher, 'exit');
    publisher.kill('SIGKILL');
    await Promise.all([gone, server.close()]);
  }

  before(async () => {
    port = await freePort();
    await startServer();
    daemon = await startDaemon();
    for (const [name, { path, transport }] of Object.entries(STREAMS))
      await daemon.api('POST', '/api/streams', {
        ...{ name, transport, keep_warm: true, rtsp_url: server.url(path) },
        ...{ username: server.username, password: server.password },
      });
  });
  after(async () => {
    await daemon?.stop();
    await kill();
  });

  for (const [name, { path }] of Object.entries(STREAMS))
    it(`${name}: plays, and loses nothing`, async () => {
      const played = await until('three seconds', async () => {
        const one = await status(name);
        return one.state === 'live' && one.frames_received > 45 && one;
      });
      assert.deepEqual([played.packets_lost, played.frames_dropped], [0, 0]);
      const codec = { live: 'h264', published: 'h264', jpeg: 'mjpeg', vp8: 'vp8' }[path];
      assert.deepEqual([played.codec, played.width, played.height], [codec, 320, 240]);
    });

  it('all are live again by themselves, and lose nothing', async () => {
    await kill();
    const names = Object.keys(STREAMS);
    for (const name of names)
      await until(`${name} is gone`, async () => (await status(name)).state !== 'live');
    await startServer();
    for (const name of names) {
      const { frames_received } = await status(name);
      await until(`${name} is live again`, async () => {
        const one = await status(name);
        return one.state === 'live' && one.frames_received > frames_received + 30;
      });
      const { packets_lost, frames_dropped, connects } = await status(name);
      assert.deepEqual([name, packets_lost, frames_dropped], [name, 0, 0]);
      assert.ok(connects >= 2);
    }
  });
});
