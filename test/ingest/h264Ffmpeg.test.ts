/** The depacketizer against packets that we did not make: ffmpeg's RTP muxer, x264's pictures. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { AccessUnit } from '../../daemon/frame.ts';
import { GopCache } from '../../daemon/ingest/gopCache.ts';
import { parseRtp } from '../../daemon/ingest/rtp.ts';
import { RtpReceiver } from '../../daemon/ingest/rtpReceiver.ts';
import { annexBNals } from '../../daemon/nal/annexB.ts';
import { H264_AUD, h264Type } from '../../daemon/nal/h264.ts';
import { parseRtcp } from '../../daemon/rtsp/rtcp.ts';
import { type Capture, capture, decode, ffmpeg } from './ffmpegRtp.ts';
import { h264Depacketizer } from './rtpPackets.ts';

const PICTURES = 30;
let folder: string;
let captured: Capture;
/** The same with delimiters and parameter sets in band. */
let inBand: Capture;
/** NAL units of the file, in order, without delimiters. */
let sent: Buffer[];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'walleye-h264-'));
  const clip = join(folder, 'clip.mkv');
  await ffmpeg(
    ...[
      '-f',
      'lavfi',
      '-i',
      'testsrc=size=640x360:rate=15',
      '-frames:v',
      `${PICTURES}`,
      '-pix_fmt',
      'yuv420p',
    ],
    ...[
      '-c:v',
      'libx264',
      '-preset',
      'veryfast',
      '-tune',
      'zerolatency',
      '-x264-params',
      'slices=2:sliced-threads=0:keyint=10:scenecut=0',
      clip,
    ],
  );
  const stream = join(folder, 'clip.h264');
  await ffmpeg('-i', clip, '-c', 'copy', '-bsf:v', 'h264_mp4toannexb', '-f', 'h264', stream);
  sent = annexBNals(await readFile(stream)).filter((nal) => h264Type(nal[0]!) !== H264_AUD);
  const delimited = join(folder, 'delimited.h264');
  await ffmpeg(
    '-i',
    clip,
    '-c',
    'copy',
    '-bsf:v',
    'h264_mp4toannexb,h264_metadata=aud=insert',
    '-f',
    'h264',
    delimited,
  );
  [captured, inBand] = await Promise.all([capture(clip, 600), capture(delimited, 1400)]);
});

after(() => rm(folder, { recursive: true, force: true }));

function receive(datagrams: readonly Buffer[], options: { reorder?: boolean; sprop?: string } = {}) {
  const receiver = new RtpReceiver({
    payloadType: 96,
    clockRate: 90_000,
    reorder: true,
    now: () => 0,
    ...options,
  });
  const depacketizer = h264Depacketizer(
    options.sprop ?? /sprop-parameter-sets=([^;\s]+)/.exec(captured.sdp)?.[1],
  );
  const units: AccessUnit[] = [];
  for (const [i, datagram] of datagrams.entries()) {
    const packet = parseRtp(datagram);
    assert.ok(!('invalid' in packet));
    for (const ready of receiver.push(packet, i)) units.push(...depacketizer.push(ready));
  }
  for (const ready of receiver.flush(Number.POSITIVE_INFINITY)) units.push(...depacketizer.push(ready));
  return { units, receiver, depacketizer };
}

/** Without the sets, which the depacketizer places itself. */
function pictureNals(nals: readonly Buffer[]): string[] {
  return nals.filter((nal) => ![7, 8].includes(h264Type(nal[0]!))).map((nal) => nal.toString('hex'));
}

test('packets of ffmpeg give the NAL units of its file, two slices in each access unit', () => {
  const { units, receiver, depacketizer } = receive(captured.rtp);
  assert.equal(units.length, PICTURES);
  assert.deepEqual(pictureNals(units.flatMap(({ data }) => annexBNals(data))), pictureNals(sent));
  for (const { data } of units) {
    assert.equal(annexBNals(data).filter((nal) => h264Type(nal[0]!) <= 5).length, 2);
  }
  assert.deepEqual(
    units.flatMap(({ key }, i) => (key ? [i] : [])),
    [0, 10, 20],
  );
  assert.equal(depacketizer.droppedUnits + depacketizer.counters.malformed + receiver.lost, 0);
  const { video } = units[0]!;
  assert.deepEqual([video.width, video.height, video.fps], [640, 360, 15]);
  assert.ok(units.every((unit) => unit.video === video));
  const steps = units.slice(1).map(({ mediaTime }, i) => mediaTime - units[i]!.mediaTime);
  assert.ok(
    steps.every((step) => Math.abs(step - 1000 / 15) < 1.1),
    `${steps}`,
  );
});

test('delimiters of ffmpeg are left out, and parameter sets in band stand once before each key picture', () => {
  const { units, depacketizer } = receive(inBand.rtp, { sprop: '' });
  assert.equal(units.length, PICTURES);
  assert.deepEqual(pictureNals(units.flatMap(({ data }) => annexBNals(data))), pictureNals(sent));
  const types = units.map(({ data }) => annexBNals(data).map((nal) => h264Type(nal[0]!)));
  for (const i of [0, 10, 20])
    assert.deepEqual(
      types[i]!.filter((type) => type !== 6),
      [7, 8, 5, 5],
    );
  assert.ok(types.every((list) => !list.includes(H264_AUD)));
  assert.equal(depacketizer.counters.malformed, 0);
});

test('what is depacketized, ffmpeg decodes without complaint, every picture', async () => {
  const { units } = receive(captured.rtp);
  const { pictures, complaints } = await decode(Buffer.concat(units.map(({ data }) => data)));
  assert.equal(complaints, '');
  assert.equal(pictures, PICTURES);
});

test('after lost packets ffmpeg decodes what is left without complaint', async () => {
  const key = 10;
  // One packet from a picture of the first group, one of the second group's last: the third group is whole.
  const numbers = captured.rtp
    .map((datagram) => parseRtp(datagram))
    .map((packet) => ('invalid' in packet ? 0 : packet.timestamp));
  const times = [...new Set(numbers)];
  const inPicture = (picture: number) => numbers.indexOf(times[picture]!);
  const gone = new Set([inPicture(4), inPicture(19)]);
  const { units, depacketizer, receiver } = receive(captured.rtp.filter((_, i) => !gone.has(i)));
  assert.equal(receiver.lost, 2);
  assert.equal(units.length, 4 + 9 + key);
  assert.equal(depacketizer.droppedUnits, 6 + 1);
  const { pictures, complaints } = await decode(Buffer.concat(units.map(({ data }) => data)));
  assert.equal(complaints, '');
  assert.equal(pictures, units.length);
});

test('reordered and doubled packets of ffmpeg decode without complaint', async () => {
  const shuffled = captured.rtp.flatMap((datagram, i) =>
    i % 3 === 1 ? [] : i % 3 === 2 ? [datagram, captured.rtp[i - 1]!, datagram] : [datagram],
  );
  if (captured.rtp.length % 3 === 2) shuffled.push(captured.rtp.at(-1)!);
  const { units, receiver } = receive(shuffled);
  assert.ok(receiver.reordered > 10 && receiver.duplicate > 10);
  const { pictures, complaints } = await decode(Buffer.concat(units.map(({ data }) => data)));
  assert.equal(complaints, '');
  assert.equal(pictures, PICTURES);
});

test('a group of pictures from the cache decodes by itself', async () => {
  const cache = new GopCache();
  for (const unit of receive(captured.rtp).units.slice(0, 17)) cache.push(unit);
  assert.equal(cache.units().length, 7);
  const { pictures, complaints } = await decode(Buffer.concat(cache.units().map(({ data }) => data)));
  assert.equal(complaints, '');
  assert.equal(pictures, 7);
});

test('a sender report of ffmpeg is read, with the SSRC of its packets', () => {
  const reports = captured.rtcp
    .flatMap((datagram) => parseRtcp(datagram))
    .filter(({ type }) => type === 'senderReport');
  const packet = parseRtp(captured.rtp[0]!);
  assert.ok(reports.length > 0 && !('invalid' in packet));
  for (const report of reports) assert.equal(report.type === 'senderReport' && report.ssrc, packet.ssrc);
});
