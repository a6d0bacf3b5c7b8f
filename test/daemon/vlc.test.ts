/** The daemon against VLC's RTSP output, a server that we did not write and that refuses TCP. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { StreamStatus } from '../../daemon/schema.ts';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { until } from '../e2e/until.ts';
import { freePort } from '../network/freePort.ts';
import { startVlcServer, type VlcServer, vlcMissing } from '../peers/vlcRtspServer.ts';
import { MjpegViewer } from './mjpegViewer.ts';

const FPS = 10;

describe('the daemon against VLC’s RTSP server', { skip: vlcMissing ?? false, timeout: 180_000 }, () => {
  let folder: string;
  let file: string;
  let port: number;
  let server: VlcServer;
  let daemon: Daemon;
  let viewer: MjpegViewer;
  const status = () => daemon.api<StreamStatus>('GET', '/api/streams/vlc');

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'walleye-vlc-'));
    chmodSync(folder, 0o755);
    file = join(folder, 'film.ts');
    const picture = ['-f', 'lavfi', '-i', `testsrc2=size=320x240:rate=${FPS}`, '-t', '180'];
    const coder = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', `${FPS}`];
    execFileSync('ffmpeg', ['-v', 'error', ...picture, ...coder, file]);
    chmodSync(file, 0o644);
    port = await freePort();
    server = startVlcServer(file, port);
    daemon = await startDaemon();
  });
  after(async () => {
    viewer?.close();
    await daemon?.stop();
    await server?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it('plays, by UDP since TCP is refused, and loses nothing', async () => {
    await daemon.api('POST', '/api/streams', { name: 'vlc', rtsp_url: server.url, transport: 'auto' });
    viewer = await MjpegViewer.open(`${daemon.url}/api/streams/vlc/mjpeg`);
    await until('five seconds', () => viewer.pictures > 5 * FPS);
    const { state, codec, transport_in_use, packets_lost, frames_dropped } = await status();
    assert.deepEqual([state, codec, transport_in_use], ['live', 'h264', 'udp']);
    assert.deepEqual([packets_lost, frames_dropped], [0, 0]);
  });

  it('is live again after VLC was killed and started again', async () => {
    await server.kill();
    await until('it is gone', async () => (await status()).state !== 'live');
    server = startVlcServer(file, port);
    const before = viewer.pictures;
    await until(
      'it is live again',
      async () => (await status()).state === 'live' && viewer.pictures > before + FPS,
    );
    assert.equal((await status()).packets_lost, 0);
  });
});
