/** A camera whose video comes over HTTP in FLV (Reolink’s /flv): on the wall, recorded with its sound, and back after a restart. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { after, before, describe, it } from 'node:test';
import type { RecordingList, StreamStatus } from '../../daemon/schema.ts';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { until } from '../e2e/until.ts';
import { freePort } from '../network/freePort.ts';
import { MjpegViewer } from './mjpegViewer.ts';

const PATH = '/flv?port=1935&app=bcs&stream=channel0_main.bcs&user=admin&password=geheim';
const PICTURES = ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=10'];
const SOUND = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=16000'];
const CODED = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '10', '-c:a', 'aac'];

describe('a camera that sends FLV over HTTP', { timeout: 180_000 }, () => {
  let daemon: Daemon;
  let port: number;
  let camera: Server | undefined;
  const coders = new Set<ChildProcess>();
  const status = () => daemon.api<StreamStatus>('GET', '/api/streams/yard_main');

  const switchOn = async () => {
    const server = createServer(({ url }, response) => {
      if (url !== PATH) return response.writeHead(404).end();
      const coder = spawn('ffmpeg', ['-v', 'error', ...PICTURES, ...SOUND, ...CODED, '-f', 'flv', 'pipe:1'], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      coders.add(coder);
      response.on('close', () => coder.kill('SIGKILL'));
      response.writeHead(200, { 'content-type': 'video/x-flv' });
      return coder.stdout.pipe(response);
    });
    camera = server;
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  };
  const switchOff = () => {
    camera?.closeAllConnections();
    camera?.close();
    for (const coder of coders) coder.kill('SIGKILL');
  };

  before(async () => {
    port = await freePort();
    daemon = await startDaemon();
    await switchOn();
  });
  after(async () => {
    await daemon?.stop();
    switchOff();
  });

  it('is live, is decoded for viewers, and back after it was switched off', async () => {
    const streams = [{ profile: 'main', rtsp_url: `http://127.0.0.1:${port}${PATH}` }];
    await daemon.api('POST', '/api/cameras', { id: 'yard', name: 'Yard', streams });
    const viewer = await MjpegViewer.open(`${daemon.url}/api/streams/yard_main/mjpeg`);
    await until('ten pictures', () => viewer.pictures > 10);
    const { state, codec, width, height, transport_in_use, rtsp_url } = await status();
    assert.deepEqual([state, codec, width, height, transport_in_use], ['live', 'h264', 320, 240, 'http']);
    assert.doesNotMatch(rtsp_url, /geheim/);
    switchOff();
    await until('it is gone', async () => (await status()).state !== 'live');
    const { last_error } = await status();
    assert.doesNotMatch(last_error?.message ?? '', /geheim/);
    await switchOn();
    const before = viewer.pictures;
    await until(
      'it is live again',
      async () => viewer.pictures > before + 5 && (await status()).state === 'live',
    );
    viewer.close();
  });

  it('is recorded as it comes, with its sound', async () => {
    await daemon.api('PUT', '/api/recordings/settings', {
      cameras: { yard: { mode: 'always', stream: 'main' } },
    });
    const list = async () =>
      (await daemon.api<RecordingList>('GET', '/api/recordings?camera=yard')).recordings;
    await until('four seconds', async () => (await list()).some(({ from, to }) => to - from > 4));
    await daemon.api('PUT', '/api/recordings/settings', {
      cameras: { yard: { mode: 'off', stream: 'main' } },
    });
    const [recording] = await list();
    const url = `${daemon.url}/api/recordings/${recording!.id}/media.mp4`;
    const answer = await fetch(url);
    const probed = JSON.parse(
      execFileSync('ffprobe', ['-v', 'error', '-of', 'json', '-show_streams', '-count_frames', 'pipe:0'], {
        input: Buffer.from(await answer.arrayBuffer()),
        encoding: 'utf8',
      }),
    ) as { streams: { codec_name: string; nb_read_frames: string; r_frame_rate: string }[] };
    const [video, sound] = probed.streams;
    assert.deepEqual([video?.codec_name, sound?.codec_name], ['h264', 'aac']);
    assert.equal(video?.r_frame_rate, '10/1');
    assert.ok(Number(video?.nb_read_frames) >= 39, video?.nb_read_frames);
    assert.ok(Number(sound?.nb_read_frames) >= 55, sound?.nb_read_frames);
  });
});
