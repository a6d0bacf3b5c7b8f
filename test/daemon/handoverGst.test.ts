/** The session with a server that we did not write, left by a daemon that is killed: pictures and sound go on without a gap. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import type { RecordingList } from '../../daemon/schema.ts';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { until } from '../e2e/until.ts';
import { type GstAudioServer, startGstAudioServer } from '../ingest/gstAudioServer.ts';
import { gstServerMissing } from '../peers/gstRtspServer.ts';
import { DescriptorKeeper } from '../system/descriptorKeeper.ts';

const run = promisify(execFile);
const AAC =
  'audiotestsrc is-live=true freq=440 samplesperbuffer=160 ! audio/x-raw,rate=16000,channels=1 ' +
  '! voaacenc bitrate=32000 ! rtpmp4gpay name=pay1 pt=97';
/** Seconds: of a picture, of a frame of AAC with 1024 samples. */
const EACH = { v: 1 / 15, a: 1024 / 16_000 };

describe('a daemon that is killed beside GStreamer’s server', {
  skip: (await gstServerMissing()) ?? false,
  timeout: 180_000,
}, () => {
  let keeper: DescriptorKeeper;
  let server: GstAudioServer;
  let stateDir: string;
  let daemon: Daemon;
  const list = async () => (await daemon.api<RecordingList>('GET', '/api/recordings?camera=door')).recordings;
  const recorded = async (seconds: number) => {
    const since = Date.now() / 1000;
    await until(`${seconds} s more`, async () => ((await list()).at(-1)?.to ?? 0) > since + seconds);
  };

  before(async () => {
    keeper = await DescriptorKeeper.start();
    server = await startGstAudioServer({ aac: AAC });
    stateDir = await mkdtemp(join(tmpdir(), 'walleye-handover-gst-'));
    daemon = await startDaemon({ stateDir, keeper });
    const streams = [{ profile: 'main', rtsp_url: server.url('aac'), transport: 'tcp' }];
    await daemon.api('POST', '/api/cameras', { id: 'door', name: 'Door', streams });
  });
  after(async () => {
    await daemon?.stop();
    await server?.close();
    await keeper?.stop();
    await rm(stateDir, { recursive: true, force: true });
  });

  it('records its pictures and its sound as if there had been one daemon', async () => {
    await daemon.api('PUT', '/api/recordings/settings', { cameras: { door: { mode: 'always' } } });
    await until('the session to be kept', () => keeper.kept.length === 1);
    await recorded(2);
    for (let kill = 0; kill < 2; kill++) {
      await daemon.kill();
      daemon = await startDaemon({ stateDir, keeper });
      await recorded(3);
      assert.ok(daemon.log.some((line) => line.includes('the daemon before has left sessions')));
      assert.ok(!daemon.log.some((line) => line.includes('of no use')));
    }
    for (const [kind, each] of Object.entries(EACH)) {
      const times: number[] = [];
      for (const { id, from } of await list()) {
        const url = `${daemon.url}/api/recordings/${id}/media.mp4`;
        const show = ['-select_streams', kind, '-show_entries', 'packet=pts_time', '-of', 'csv=p=0'];
        const { stdout } = await run('ffprobe', ['-v', 'error', ...show, url]);
        times.push(...stdout.split('\n').flatMap((time) => (time === '' ? [] : [from + Number(time)])));
      }
      assert.ok(times.length * each > 8, `${times.length} of ${kind}`);
      const steps = times.slice(1).map((time, i) => time - times[i]!);
      // Between two files their own times of day come in, of which each is a little off.
      const odd = steps.filter((step) => step < -0.25 || step > each + 0.25);
      assert.deepEqual(odd, [], `gaps of ${kind}`);
      const lost = times.at(-1)! - times[0]! - (times.length - 1) * each;
      assert.ok(Math.abs(lost) < 0.3, `${lost} s of ${kind} are missing`);
    }
  });
});
