/** Viewers who ask for pictures and do not read them. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { StreamStatus } from '../../daemon/schema.ts';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { until } from '../e2e/until.ts';
import { startVirtualCameras, type VirtualCameras } from '../virtual-camera/index.ts';
import { MjpegViewer, stuckViewer } from './mjpegViewer.ts';
import { residentMegabytes } from './processes.ts';

/** How much the daemon may grow while viewers do not read, MB. */
const MOST_GROWTH = 50;
/**
 * How much they leave unread, MB. Were it kept for them, it would be seen: up to 150 MB it only takes the place of the
 * garbage that the collector lets lie.
 */
const UNREAD = 220;

describe('viewers who do not read', { timeout: 240_000 }, () => {
  let cameras: VirtualCameras;
  let daemon: Daemon;

  before(async () => {
    cameras = await startVirtualCameras({ cameras: [{ name: 'Yard' }] });
    daemon = await startDaemon();
    const rtsp_url = cameras.cameras[0]!.rtspUrl('main');
    await daemon.api('POST', '/api/streams', { name: 'yard', rtsp_url });
  });
  after(async () => {
    await daemon?.stop();
    await cameras?.close();
  });

  const status = () => daemon.api<StreamStatus>('GET', '/api/streams/yard');

  /** What the daemon takes for those who read, once it has not grown for a while: the collector lets it grow at first. */
  const levelled = async (): Promise<number> => {
    let most = 0;
    let since = 0;
    await until('the daemon’s memory to stand still', () => {
      const now = residentMegabytes(daemon.pid);
      if (now > most + 5) [most, since] = [now, performance.now()];
      return performance.now() - since > 6_000;
    });
    return most;
  };

  it('cost no memory, however large the pictures are, and what they miss is counted', async (t) => {
    // Several renditions, for more megabytes a second.
    const urls = [100, 99, 98, 97, 96].map(
      (quality) => `${daemon.url}/api/streams/yard/mjpeg?quality=${quality}`,
    );
    const readers = await Promise.all(urls.map((url) => MjpegViewer.open(url)));
    await until('the first pictures', () => readers.every((reader) => reader.pictures > 0));
    const megabytes = await levelled();
    const hangUps = await Promise.all([...urls, ...urls].map(stuckViewer));
    await until('the stuck viewers', async () => (await status()).viewers === 15);
    const read = () => readers.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;
    const alreadyRead = read();
    const count = readers.map((reader) => reader.pictures);
    let most = megabytes;
    await until(
      `${UNREAD} MB of pictures`,
      () => {
        most = Math.max(most, residentMegabytes(daemon.pid));
        return read() - alreadyRead > UNREAD;
      },
      120_000,
    );
    t.diagnostic(`${megabytes.toFixed(0)} MB, at most ${most.toFixed(0)} MB`);
    assert.ok(most - megabytes < MOST_GROWTH, `grew from ${megabytes} to ${most} MB`);
    const { renditions } = await status();
    for (const [i, { drops }] of renditions.entries()) {
      // Some pictures fit into the kernel’s buffers of a connection.
      const passed = (readers[i]?.pictures ?? 0) - (count[i] ?? 0);
      assert.ok(drops > passed, `${drops} drops of two viewers for ${passed} pictures`);
    }
    for (const hangUp of hangUps) hangUp();
    await until('the stuck viewers to be gone', async () => (await status()).viewers === 5);
    for (const reader of readers) reader.close();
  });
});
