/** The depacketizer against packets that we did not make: ffmpeg's RTP muxer, x265's pictures. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { AccessUnit } from '../../daemon/frame.ts';
import { h265Coding } from '../../daemon/ingest/h265Coding.ts';
import { NalDepacketizer } from '../../daemon/ingest/nalDepacketizer.ts';
import { parseRtp } from '../../daemon/ingest/rtp.ts';
import { RtpReceiver } from '../../daemon/ingest/rtpReceiver.ts';
import { parseSdp } from '../../daemon/ingest/sdp.ts';
import { annexBNals } from '../../daemon/nal/annexB.ts';
import { H265_AUD, H265_LAST_VCL, H265_PPS, H265_VPS, h265Type } from '../../daemon/nal/h265.ts';
import { type Capture, capture, decode, ffmpeg } from './ffmpegRtp.ts';

const PICTURES = 30;
let folder: string;
/** Two slices a picture, a closed group of ten. */
let closed: Capture;
/** The same with parameter sets and delimiters in band, none in the SDP that is used. */
let inBand: Capture;
/** Groups that begin with CRA pictures, and pictures that refer across them. */
let open: Capture;
/** NAL units of the closed file. */
let sent: Buffer[];

async function encode(name: string, parameters: string): Promise<string> {
  const file = join(folder, name);
  const source = ['-f', 'lavfi', '-i', 'testsrc=size=640x360:rate=15', '-frames:v', `${PICTURES}`];
  const coder = ['-pix_fmt', 'yuv420p', '-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params'];
  await ffmpeg(...source, ...coder, `log-level=none:scenecut=0:keyint=10:min-keyint=10:${parameters}`, file);
  return file;
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'walleye-h265-'));
  const clip = await encode('clip.mkv', 'slices=2:bframes=0:open-gop=0');
  const delimited = await encode('delimited.hevc', 'bframes=0:open-gop=0:aud=1:repeat-headers=1');
  const stream = join(folder, 'clip.hevc');
  await ffmpeg('-i', clip, '-c', 'copy', '-f', 'hevc', stream);
  sent = annexBNals(await readFile(stream));
  const openGop = await encode('open.mkv', 'bframes=3:b-adapt=0:open-gop=1');
  [closed, inBand, open] = await Promise.all([
    capture(clip, 600),
    capture(delimited, 1400),
    capture(openGop, 1000),
  ]);
});

after(() => rm(folder, { recursive: true, force: true }));

const type = (nal: Buffer) => h265Type(nal[0]!);
const typesOf = ({ data }: AccessUnit) => annexBNals(data).map(type);

function receive({ rtp, sdp }: Capture, options: { hint?: boolean; without?: (i: number) => boolean } = {}) {
  const receiver = new RtpReceiver({ payloadType: 96, clockRate: 90_000, reorder: true, now: () => 0 });
  const format = parseSdp(sdp.slice(sdp.indexOf('v='))).media[0]!.formats[0]!;
  assert.equal(format.codec, 'hevc');
  const fmtp = options.hint === false ? undefined : format.fmtp;
  const depacketizer = new NalDepacketizer({ coding: h265Coding, clockRate: format.clockRate, fmtp });
  const units: AccessUnit[] = [];
  for (const [i, datagram] of rtp.entries()) {
    if (options.without?.(i)) continue;
    const packet = parseRtp(datagram);
    assert.ok(!('invalid' in packet));
    for (const ready of receiver.push(packet, i)) units.push(...depacketizer.push(ready));
  }
  for (const ready of receiver.flush(Number.POSITIVE_INFINITY)) units.push(...depacketizer.push(ready));
  units.push(...depacketizer.flush());
  return { units, receiver, depacketizer };
}

/** The picture that each datagram is of, by its timestamp. */
function pictures(rtp: readonly Buffer[]): number[] {
  const times = rtp.map((datagram) => parseRtp(datagram)).map((p) => ('invalid' in p ? 0 : p.timestamp));
  const order = [...new Set(times)];
  return times.map((time) => order.indexOf(time));
}

const decoded = (units: readonly AccessUnit[]) =>
  decode(Buffer.concat(units.map(({ data }) => data)), 'hevc');

test('packets of ffmpeg give the NAL units of its H.265 file, two slices in each access unit', () => {
  const { units, receiver, depacketizer } = receive(closed);
  assert.equal(units.length, PICTURES);
  // The parameter sets are the depacketizer's to place; ffmpeg sends what x265 says of itself in the SDP only.
  const slices = (nals: readonly Buffer[]) =>
    nals
      .filter((nal) => type(nal) <= H265_LAST_VCL)
      .map((nal) => createHash('md5').update(nal).digest('hex'));
  assert.deepEqual(slices(units.flatMap(({ data }) => annexBNals(data))), slices(sent));
  for (const unit of units) assert.equal(typesOf(unit).filter((t) => t <= H265_LAST_VCL).length, 2);
  assert.deepEqual(
    units.flatMap(({ key }, i) => (key ? [i] : [])),
    [0, 10, 20],
  );
  assert.deepEqual(
    typesOf(units[10]!).slice(0, 3),
    [32, 33, 34],
    'a key unit begins with its parameter sets',
  );
  assert.equal(depacketizer.droppedUnits + depacketizer.counters.malformed + receiver.lost, 0);
  const { video } = units[0]!;
  assert.deepEqual([video.codec, video.width, video.height, video.fps], ['hevc', 640, 360, 15]);
  assert.match(video.codecString, /^hvc1\.1\.6\.L\d+\.90$/);
  assert.ok(units.every((unit) => unit.video === video));
});

test('what is depacketized of H.265, ffmpeg decodes without complaint, every picture', async () => {
  for (const one of [closed, inBand, open])
    assert.deepEqual(await decoded(receive(one).units), { pictures: PICTURES, complaints: '' });
});

test('H.265 parameter sets come in band too, and delimiters are left out', () => {
  const { units, depacketizer } = receive(inBand, { hint: false });
  assert.equal(units.length, PICTURES);
  assert.ok(units.every((unit) => !typesOf(unit).includes(H265_AUD)));
  for (const i of [0, 10, 20])
    assert.deepEqual(
      typesOf(units[i]!).filter((t) => t >= H265_VPS && t <= H265_PPS),
      [32, 33, 34],
    );
  assert.equal(depacketizer.counters.malformed, 0);
});

test('without parameter sets nothing of H.265 is handed on', () => {
  const { units, depacketizer } = receive(closed, { hint: false });
  assert.equal(units.length, 0);
  assert.equal(depacketizer.droppedUnits, 0, 'nothing was lost: it has not begun');
});

test('after lost packets of H.265 ffmpeg decodes what is left without complaint', async () => {
  const of = pictures(closed.rtp);
  const gone = new Set([of.indexOf(4), of.indexOf(19)]);
  const { units, depacketizer, receiver } = receive(closed, { without: (i) => gone.has(i) });
  assert.equal(receiver.lost, 2);
  assert.equal(units.length, 4 + 9 + 10);
  // The rest of the group; both pictures were one packet, of which nothing is known.
  assert.equal(depacketizer.droppedUnits, 5);
  assert.deepEqual(await decoded(units), { pictures: units.length, complaints: '' });
});

test('pictures that lead a CRA picture are handed on in a running stream, and left out where decoding begins there', async () => {
  const running = receive(open).units;
  const leading = running.filter((unit) => typesOf(unit).some((t) => t === 8 || t === 9)).length;
  assert.ok(leading > 0, 'the file has pictures that refer across its groups');
  assert.equal(running.length, PICTURES);

  const second = running.findIndex(({ key }, i) => key && i > 0);
  const of = pictures(open.rtp);
  const joined = receive(open, { without: (i) => of[i]! < second });
  const rasl = joined.units
    .slice(0, 10)
    .filter((unit) => typesOf(unit).some((t) => t === 8 || t === 9)).length;
  assert.equal(rasl, 0);
  assert.ok(joined.depacketizer.counters.skippedUnits > 0);
  assert.equal(joined.depacketizer.droppedUnits, 0, 'that is no loss');
  assert.deepEqual(await decoded(joined.units), { pictures: joined.units.length, complaints: '' });
});
