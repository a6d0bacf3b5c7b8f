/** MPEG-4 part 2, VP8, VP9, AV1 and JPEG there and back: what the packetizers send, read by our own depacketizers. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import jpeg from 'jpeg-js';
import { JpegDepacketizer } from '../../daemon/ingest/jpegDepacketizer.ts';
import { parseRtp } from '../../daemon/ingest/rtp.ts';
import { parseSdp } from '../../daemon/ingest/sdp.ts';
import { jpegParts } from '../../daemon/jpeg/jpegParts.ts';
import { sessionDescription } from '../../daemon/restream/description.ts';
import { encodingOf, type StreamPart } from '../../daemon/restream/streams.ts';
import { MAX_PAYLOAD } from '../../daemon/restream/video/maxPayload.ts';
import { videoFormat } from '../../daemon/restream/video/videoFormat.ts';
import { videoPayloads } from '../../daemon/restream/video/videoPayloads.ts';
import { RtpWriter } from '../../daemon/rtsp/rtpWriter.ts';
import { ffmpegJpeg } from '../ingest/jpegSource.ts';
import { type PictureCodec, pictureClip, receive } from '../ingest/pictures/clips.ts';

interface Sent {
  data: Buffer;
  key: boolean;
  codec: string;
}

/** The SDP and the packets of pictures that are 40 ms apart. */
function send(pictures: readonly Sent[]): { sdp: string; rtp: Buffer[] } {
  const parts = pictures.map((one, i): StreamPart => ({ kind: 'picture', time: i * 40, ...one }));
  const format = videoFormat(parts[0]!);
  assert.ok(format);
  const sdp = sessionDescription(format, undefined, { name: 'door', address: '192.0.2.1', version: 1 });
  const writer = new RtpWriter({ cname: 'test', payloadType: 96, clockRate: 90_000 });
  const rtp = parts.flatMap(({ data, key, codec, time }) => {
    const payloads = videoPayloads(encodingOf(codec)!, data, key);
    return payloads.map((payload, i) =>
      writer.packet(payload, writer.timestamp(time), i === payloads.length - 1),
    );
  });
  assert.ok(rtp.every(({ length }) => length <= MAX_PAYLOAD + 12));
  return { sdp, rtp };
}

describe('there and back', { timeout: 120_000 }, () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'walleye-codings-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  for (const codec of ['mpeg4', 'vp8', 'vp9', 'av1'] satisfies PictureCodec[])
    test(`${codec}: every picture as it was, and what SDP says of it is understood`, async () => {
      const { units } = receive(await pictureClip(folder, codec));
      const pictures = units.map(({ data, key, video }) => ({ data, key, codec: video.codecString }));
      const again = receive({ codec, file: '', ...send(pictures) });
      assert.equal(again.units.length, units.length);
      for (const [i, unit] of again.units.entries()) {
        assert.deepEqual(unit.data, units[i]!.data, `picture ${i}`);
        assert.equal(unit.key, units[i]!.key);
        assert.equal(Math.round(unit.mediaTime), i * 40);
        assert.deepEqual(unit.video, units[i]!.video);
      }
      assert.equal(again.depacketizer.malformed, 0);
    });
});

describe('JPEG', () => {
  const CODEC = 'mp4v.6C';
  const sent = (data: Buffer) => send([{ data, key: true, codec: CODEC }]);
  function back(data: Buffer): Buffer {
    const { sdp, rtp } = sent(data);
    const { dimensions } = parseSdp(sdp).media[0]!;
    const depacketizer = new JpegDepacketizer({ clockRate: 90_000, dimensions });
    const units = rtp.flatMap((datagram, i) => {
      const packet = parseRtp(datagram);
      assert.ok(!('invalid' in packet));
      return depacketizer.push({ ...packet, arrival: i, lost: 0, restarted: false });
    });
    assert.equal(units.length, 1);
    return units[0]!.data;
  }
  const pixels = (data: Buffer) => jpeg.decode(data, { useTArray: true, maxMemoryUsageInMB: 1024 });

  for (const [what, size, args] of [
    ['4:2:0', '640x360', ['-pix_fmt', 'yuvj420p']],
    [
      'restart markers, as with several threads',
      '640x480',
      ['-pix_fmt', 'yuvj420p', '-slices', '4', '-threads', '4'],
    ],
    ['more than eight bits of blocks', '2560x1440', ['-pix_fmt', 'yuvj420p']],
  ] as const)
    test(`${what}: the very picture`, async () => {
      const data = await ffmpegJpeg(size, args);
      const [was, is] = [pixels(data), pixels(back(data))];
      assert.deepEqual([is.width, is.height], [was.width, was.height]);
      assert.ok(Buffer.from(is.data).equals(Buffer.from(was.data)));
    });

  test('4:2:2: the same scan, tables and shape', async () => {
    const data = await ffmpegJpeg('640x360');
    // Of a 4:2:0 picture, so it shows nothing; that does not matter here.
    const frame = data.indexOf(Buffer.of(0xff, 0xc0));
    data[frame + 11] = 0x21;
    const [was, is] = [jpegParts(data), jpegParts(back(data))];
    assert.equal(was?.shape.halfLines, false);
    assert.deepEqual(is, was);
  });

  test('of a USB camera, which leaves the tables of Huffman’s codes out; and zeros behind its end', async () => {
    const data = await ffmpegJpeg('640x360');
    const from = data.indexOf(Buffer.of(0xff, 0xc4));
    const without: Buffer[] = [data.subarray(0, from)];
    let at = from;
    while (data.readUInt16BE(at) === 0xffc4) at += 2 + data.readUInt16BE(at + 2);
    without.push(data.subarray(at), Buffer.alloc(40));
    const is = pixels(back(Buffer.concat(without)));
    assert.ok(Buffer.from(is.data).equals(Buffer.from(pixels(data).data)));
  });

  for (const [what, args] of [
    ['4:2:2 in an order of blocks that is ffmpeg’s own', ['-pix_fmt', 'yuvj422p']],
    ['chroma as 4:4:4', ['-pix_fmt', 'yuvj444p']],
    ['tables of Huffman’s codes of its own', ['-pix_fmt', 'yuvj420p', '-huffman', 'optimal']],
  ] as const)
    test(`${what}: RTP has no way to say it, so it is not described and not sent`, async () => {
      const data = await ffmpegJpeg('320x240', args);
      const part: StreamPart = { kind: 'picture', data, key: true, codec: CODEC, time: 0 };
      assert.equal(videoFormat(part), undefined);
      assert.deepEqual(videoPayloads('JPEG', data, true), []);
    });

  test('whatever the bytes, nothing is thrown', async () => {
    const data = await ffmpegJpeg('64x48');
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: data.length }),
        fc.integer({ min: 0, max: data.length - 1 }),
        fc.nat(255),
        (end, at, byte) => {
          const broken = Buffer.from(data);
          broken[at] = byte;
          jpegParts(broken.subarray(0, end));
          videoPayloads('JPEG', broken.subarray(0, end), true);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
