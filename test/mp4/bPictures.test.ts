/** Pictures that are sent after one that is shown later, the whole way: x264, ffmpeg's RTP, our ingest, our MP4, ffprobe. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { AccessUnit } from '../../daemon/frame.ts';
import { parseRtp } from '../../daemon/ingest/rtp.ts';
import { RtpReceiver } from '../../daemon/ingest/rtpReceiver.ts';
import { Mp4Video } from '../../daemon/mp4/videoTrack.ts';
import { capture, ffmpeg } from '../ingest/ffmpegRtp.ts';
import { h264Depacketizer } from '../ingest/rtpPackets.ts';

const FPS = 25;
const PICTURES = 50;
let folder: string;
let units: AccessUnit[];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'walleye-b-'));
  const clip = join(folder, 'clip.mkv');
  const source = ['-f', 'lavfi', '-i', `testsrc=size=320x180:rate=${FPS}`, '-frames:v', `${PICTURES}`];
  const coding = ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-bf', '2', '-b_strategy', '0', '-g', '25'];
  await ffmpeg(...source, ...coding, clip);
  const { rtp, sdp } = await capture(clip, 1200);
  const receiver = new RtpReceiver({ payloadType: 96, clockRate: 90_000, reorder: true, now: () => 0 });
  const depacketizer = h264Depacketizer(/sprop-parameter-sets=([^;\s]+)/.exec(sdp)?.[1]);
  units = rtp.flatMap((datagram, i) => {
    const packet = parseRtp(datagram);
    assert.ok(!('invalid' in packet));
    return receiver.push(packet, (i * 1000) / FPS).flatMap((ready) => depacketizer.push(ready));
  });
});
after(() => rm(folder, { recursive: true, force: true }));

test('media times are those at which pictures are shown', () => {
  const times = units.map(({ mediaTime }) => Math.round((mediaTime * FPS) / 1000));
  assert.ok(
    times.some((time, i) => i > 0 && time < times[i - 1]!),
    'there are B pictures',
  );
  assert.deepEqual(
    [...times].sort((a, b) => a - b),
    times.map((_, i) => i),
  );
});

test('the MP4 shows each picture in its turn, one every 40 ms, and decoding times go forward', async () => {
  const track = new Mp4Video();
  const file = join(folder, 'made.mp4');
  await writeFile(file, Buffer.concat(units.flatMap((unit) => track.push(unit).map(({ data }) => data))));
  const probe = ['-v', 'error', '-show_entries', 'packet=pts_time,dts_time', '-of', 'json', file];
  const { packets } = JSON.parse(execFileSync('ffprobe', probe, { encoding: 'utf8' })) as {
    packets: { pts_time: string; dts_time: string }[];
  };
  assert.equal(packets.length, units.length);
  const shown = packets.map(({ pts_time }) => Number(pts_time)).sort((a, b) => a - b);
  for (const [i, time] of shown.entries())
    if (i > 0) assert.ok(Math.abs(time - shown[i - 1]! - 1 / FPS) < 0.002, `${time} after ${shown[i - 1]}`);
  const decoded = packets.map(({ dts_time }) => Number(dts_time));
  assert.ok(decoded.every((time, i) => i === 0 || time > decoded[i - 1]!));
});
