/** MPEG-4 part 2, VP8, VP9 and AV1: from packets to pictures, for decoders and in MP4, judged by ffmpeg. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { framed, PIPE_FORMAT, pipeHead } from '../../../daemon/decode/pipeFormat.ts';
import type { AccessUnit } from '../../../daemon/frame.ts';
import { Mp4Video } from '../../../daemon/mp4/videoTrack.ts';
import { frameHashes, probe } from '../../mp4/clips.ts';
import { decode } from '../ffmpegRtp.ts';
import {
  GROUP,
  HEIGHT,
  PICTURES,
  type PictureClip,
  type PictureCodec,
  pictureClip,
  pictureOf,
  receive,
  WIDTH,
} from './clips.ts';

const CODECS: readonly { codec: PictureCodec; codecString: RegExp }[] = [
  { codec: 'mpeg4', codecString: /^mp4v\.20\.\d+$/ },
  { codec: 'vp8', codecString: /^vp08\.00\.10\.08$/ },
  { codec: 'vp9', codecString: /^vp09\.00\.11\.08$/ },
  { codec: 'av1', codecString: /^av01\.0\.\d\d[MH]\.08\.0\.110$/ },
];

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'walleye-pictures-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const mp4Of = (units: readonly AccessUnit[]) => {
  const track = new Mp4Video();
  return Buffer.concat(units.flatMap((unit) => track.push(unit).map(({ data }) => data)));
};

const pipedOf = (units: readonly AccessUnit[]) =>
  Buffer.concat([
    pipeHead(units[0]!.video.codec, units[0]!.video),
    ...units.map(({ data, video }, i) => framed(data, video.codec, i)),
  ]);

for (const { codec, codecString } of CODECS)
  describe(codec, () => {
    let clip: PictureClip;
    before(async () => {
      clip = await pictureClip(folder, codec);
    });

    test('every picture, key pictures where they are, size and codec string from their own bytes', () => {
      const { units, depacketizer, receiver } = receive(clip);
      assert.equal(units.length, PICTURES);
      assert.deepEqual(
        units.flatMap(({ key }, i) => (key ? [i] : [])),
        [0, GROUP, 2 * GROUP],
      );
      assert.equal(depacketizer.droppedUnits + depacketizer.malformed + receiver.lost, 0);
      const { video } = units[0]!;
      assert.deepEqual([video.codec, video.width, video.height], [codec, WIDTH, HEIGHT]);
      assert.match(video.codecString, codecString);
      assert.ok(
        units.every((unit) => unit.video === video),
        'one object, or decoders would begin anew',
      );
      assert.deepEqual(
        units.slice(0, 4).map(({ mediaTime }) => Math.round(mediaTime)),
        [0, 67, 133, 200],
      );
    });

    test('in a decoder’s pipe and in MP4, they are the pictures that were coded', async () => {
      const { units } = receive(clip);
      const { hashes } = await frameHashes(clip.file);
      assert.equal(hashes.length, PICTURES);
      const mp4 = join(folder, `${codec}.out.mp4`);
      await writeFile(mp4, mp4Of(units));
      assert.deepEqual(await frameHashes(mp4), { hashes, complaints: '' });
      const [stream] = await probe<{ codec_name: string; width: number; height: number }>(mp4, 'stream');
      assert.deepEqual([stream?.codec_name, stream?.width, stream?.height], [codec, WIDTH, HEIGHT]);
      const { pictures } = await decode(pipedOf(units), PIPE_FORMAT[codec]);
      assert.equal(pictures, PICTURES);
    });

    test('after a packet was lost, nothing until the next key picture', async () => {
      const of = pictureOf(clip.rtp);
      for (const lost of [of.indexOf(4), of.lastIndexOf(4), of.indexOf(GROUP + 2) + 1]) {
        const { units, depacketizer, receiver } = receive(clip, (i) => i === lost);
        assert.equal(receiver.lost, 1);
        const picture = of[lost]!;
        const group = Math.floor(picture / GROUP);
        assert.equal(units.length, PICTURES - ((group + 1) * GROUP - picture), `packet ${lost}`);
        assert.ok(depacketizer.droppedUnits > 0);
        const mp4 = join(folder, `${codec}.lossy.mp4`);
        await writeFile(mp4, mp4Of(units));
        const { hashes, complaints } = await frameHashes(mp4);
        assert.deepEqual([hashes.length, complaints], [units.length, '']);
      }
    });

    test('whoever comes in the middle of a group waits for the next', () => {
      const of = pictureOf(clip.rtp);
      const { units, depacketizer } = receive(clip, (i) => of[i]! < 3);
      assert.equal(units.length, PICTURES - GROUP);
      assert.equal(units[0]?.key, true);
      assert.equal(depacketizer.droppedUnits, 0, 'that is no loss');
    });
  });
