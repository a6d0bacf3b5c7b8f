/** A camera's sound offered again over RTSP by the real daemon: from GStreamer's server to ffmpeg, as it was coded. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import type { StreamStatus, System } from '../../daemon/schema.ts';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { until } from '../e2e/until.ts';
import { type GstAudioServer, startGstAudioServer } from '../ingest/gstAudioServer.ts';
import { gstServerMissing } from '../peers/gstRtspServer.ts';
import { frequencyOf } from '../peers/tone.ts';

const run = promisify(execFile);
const tone = (rate: number, frequency: number) =>
  `audiotestsrc is-live=true freq=${frequency} volume=0.5 samplesperbuffer=160 ! audio/x-raw,rate=${rate},channels=1`;
const CASES = [
  {
    codec: 'aac',
    frequency: 440,
    elements: `${tone(16_000, 440)} ! voaacenc bitrate=32000 ! rtpmp4gpay name=pay1 pt=97`,
  },
  {
    codec: 'opus',
    frequency: 660,
    elements: `${tone(48_000, 660)} ! opusenc frame-size=20 ! rtpopuspay name=pay1 pt=97`,
  },
  {
    codec: 'pcm_mulaw',
    frequency: 880,
    elements: `${tone(8_000, 880)} ! mulawenc ! rtppcmupay name=pay1 pt=0`,
  },
] as const;
const missing = await gstServerMissing();

describe('restreaming with sound', { timeout: 240_000, skip: missing ?? false }, () => {
  let server: GstAudioServer;
  let daemon: Daemon;
  let folder: string;
  let port: number;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'walleye-restream-sound-'));
    server = await startGstAudioServer(
      Object.fromEntries(CASES.map(({ codec, elements }) => [codec, elements])),
    );
    daemon = await startDaemon({});
    for (const { codec } of CASES)
      await daemon.api('POST', '/api/cameras', {
        ...{ id: codec, name: codec },
        streams: [{ profile: 'main', rtsp_url: server.url(codec), keep_warm: true }],
      });
    port = (await daemon.api<System>('GET', '/api/system')).rtsp_port ?? 0;
  });
  after(async () => {
    await daemon?.stop();
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  for (const { codec, frequency } of CASES)
    for (const transport of ['tcp', 'udp'] as const)
      it(`${codec} by ${transport}: the same coding, the same tone, beside the pictures`, async () => {
        await until('the camera to be live', async () => {
          const { state } = await daemon.api<StreamStatus>('GET', `/api/streams/${codec}_main`);
          return state === 'live';
        });
        const file = join(folder, `${codec}-${transport}.mkv`);
        const from = `rtsp://127.0.0.1:${port}/${codec}_main`;
        await run(
          'ffmpeg',
          ['-v', 'error', '-y', '-rtsp_transport', transport, '-i', from, '-t', '3', '-c', 'copy', file],
          { timeout: 60_000 },
        );
        const { stdout } = await run('ffprobe', [
          ...['-v', 'error', '-show_entries', 'stream=codec_name,codec_type', '-of', 'csv=p=0', file],
        ]);
        assert.deepEqual(stdout.trim().split('\n').sort(), [`${codec},audio`, 'h264,video'].sort());
        const { stdout: pcm } = await run(
          'ffmpeg',
          ['-v', 'error', '-i', file, '-map', '0:a', '-ar', '48000', '-ac', '1', '-f', 's16le', '-'],
          { encoding: 'buffer', maxBuffer: 1 << 28 },
        );
        const samples = new Int16Array(pcm.buffer.slice(pcm.byteOffset, pcm.byteOffset + (pcm.length & ~1)));
        assert.ok(samples.length > 2 * 48_000, `${samples.length / 48_000} s of sound`);
        const heard = frequencyOf(samples.subarray(24_000, 2 * 48_000), 48_000);
        assert.ok(Math.abs(heard - frequency) < 5, `${heard} Hz`);
      });
});
