import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AccessUnit, VideoParameters } from '../../daemon/frame.ts';
import { type Mp4Part, Mp4Video } from '../../daemon/mp4/videoTrack.ts';
import { toAnnexB } from '../../daemon/nal/annexB.ts';
import { idr, PPS, SPS, slice } from '../ingest/rtpPackets.ts';
import { boxTree, only, outline } from './boxTree.ts';

const parameters = (more: Partial<VideoParameters> = {}): VideoParameters => ({
  codec: 'h264',
  width: 640,
  height: 480,
  fps: undefined,
  codecString: 'avc1.640033',
  parameterSets: [SPS, PPS],
  ...more,
});
const VIDEO = parameters();
const key = (mediaTime: number, more: Partial<AccessUnit> = {}): AccessUnit => ({
  video: VIDEO,
  data: toAnnexB([SPS, PPS, idr()]),
  key: true,
  mediaTime,
  receivedAt: 5000 + mediaTime,
  ...more,
});
const picture = (mediaTime: number, more: Partial<AccessUnit> = {}): AccessUnit =>
  key(mediaTime, { data: toAnnexB([slice()]), key: false, ...more });

const push = (units: readonly AccessUnit[], track = new Mp4Video()) =>
  units.flatMap((unit) => track.push(unit));
const kinds = (parts: readonly Mp4Part[]) =>
  parts.map(({ kind, key: isKey }) => (kind === 'init' ? 'init' : isKey ? 'key' : 'picture'));

describe('the live packager', () => {
  test('begins with an initialization segment and the key picture, then each picture at once', () => {
    const track = new Mp4Video();
    assert.deepEqual(kinds(track.push(key(0))), ['init', 'key']);
    assert.deepEqual(kinds(track.push(picture(40))), ['picture']);
    assert.deepEqual(kinds(track.push(key(80))), ['key']);
  });

  test('says of each part when it came, when it is shown and when it is decoded', () => {
    const parts = push([key(0), picture(40)]);
    const seen = parts.map(({ data: _, ...rest }) => rest);
    const common = { codecString: 'avc1.640033', discontinuity: false };
    const first = { key: true, presentedAt: 5000, decodeTime: 4960 * 90, receivedAt: 5000 };
    assert.deepEqual(seen, [
      { kind: 'init', ...first, ...common },
      { kind: 'media', ...first, ...common },
      { kind: 'media', key: false, presentedAt: 5040, decodeTime: 5000 * 90, receivedAt: 5040, ...common },
    ]);
  });

  test('counts its fragments from 1, and puts the picture into the first track', () => {
    const media = push([key(0), picture(40)]).filter(({ kind }) => kind === 'media');
    for (const [i, { data }] of media.entries()) {
      const boxes = boxTree(data);
      assert.equal(outline(boxes), 'moof(mfhd traf(tfhd tfdt trun)) mdat');
      assert.equal(only(boxes, 'mfhd').body.readUInt32BE(4), i + 1);
      assert.equal(only(boxes, 'tfhd').body.readUInt32BE(4), 1);
    }
    assert.equal(only(boxTree(media[0]!.data), 'mdat').body.toString('hex'), '0000000465888433');
  });

  test('hands on nothing before the first key picture', () => {
    assert.deepEqual(kinds(push([picture(0), picture(40), key(80)])), ['init', 'key']);
  });

  test('sends a new initialization segment where the parameters change, before their key picture', () => {
    const other = parameters({ width: 320, height: 240 });
    const parts = push([key(0), picture(40), key(80, { video: other }), picture(120, { video: other })]);
    assert.deepEqual(kinds(parts), ['init', 'key', 'picture', 'init', 'key', 'picture']);
    assert.equal(only(boxTree(parts[3]!.data), 'tkhd').body.readUInt32BE(76), 320 * 65536);
  });

  test('leaves out pictures of new parameters before their key picture', () => {
    const other = parameters();
    const parts = push([key(0), picture(40, { video: other }), key(80, { video: other })]);
    assert.deepEqual(kinds(parts), ['init', 'key', 'init', 'key']);
  });

  test('goes on in one timeline after a reconnect, which it reports', () => {
    const again = parameters();
    const later = { video: again, receivedAt: 60_000 };
    const parts = push([key(0), picture(40), key(0, later), picture(40, { ...later, receivedAt: 60_040 })]);
    assert.deepEqual(
      parts.map(({ presentedAt, discontinuity }) => [presentedAt, discontinuity]),
      [
        [5000, false],
        [5000, false],
        [5040, false],
        [60_000, true],
        [60_000, true],
        [60_040, false],
      ],
    );
    const times = parts.map(({ decodeTime }) => decodeTime);
    assert.ok(times.every((time, i) => i === 0 || time >= times[i - 1]!));
  });

  test('packs nothing of what MP4 does not take, and goes on with what it does', () => {
    const unusable = parameters({ parameterSets: [PPS] });
    const track = new Mp4Video();
    assert.deepEqual(push([key(0, { video: unusable }), picture(40, { video: unusable })], track), []);
    assert.deepEqual(kinds(push([key(80)], track)), ['init', 'key']);
  });

  test('packs nothing of a unit without pictures, and sends the initialization segment with the next', () => {
    const empty = { data: toAnnexB([SPS, PPS]) };
    assert.deepEqual(kinds(push([key(0, empty), key(40)])), ['init', 'key']);
  });
});
