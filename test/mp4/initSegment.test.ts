import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AudioParameters, VideoParameters } from '../../daemon/frame.ts';
import { audioTimescale, initSegment, mimeType } from '../../daemon/mp4/initSegment.ts';
import { PPS, SPS } from '../ingest/rtpPackets.ts';
import { allOf, boxTree, only, outline } from './boxTree.ts';

const VIDEO: VideoParameters = {
  codec: 'h264',
  width: 640,
  height: 480,
  fps: undefined,
  codecString: 'avc1.640033',
  parameterSets: [SPS, PPS],
};
const AAC: AudioParameters = {
  codec: 'aac',
  sampleRate: 16_000,
  channels: 1,
  codecString: 'mp4a.40.2',
  config: Buffer.from('1408', 'hex'),
  codeBits: undefined,
};
const OPUS: AudioParameters = {
  ...AAC,
  codec: 'opus',
  sampleRate: 48_000,
  channels: 2,
  codecString: 'opus',
  config: undefined,
};

const TABLES = 'stbl(stsd(*) stts stsc stsz stco)';
const TRACK = (header: string, entry: string) =>
  `trak(tkhd mdia(mdhd hdlr minf(${header} dinf(dref(url )) ${TABLES.replace('*', entry)})))`;
const tree = (tracks: Parameters<typeof initSegment>[0]) => boxTree(initSegment(tracks)!);

describe('an initialization segment', () => {
  test('of video has one track, and nothing else that the library would add', () => {
    const track = TRACK('vmhd', 'avc1(avcC)');
    assert.equal(outline(tree({ video: VIDEO })), `ftyp moov(mvhd ${track} mvex(trex))`);
  });

  test('of video and sound has both', () => {
    const tracks = `${TRACK('vmhd', 'avc1(avcC)')} ${TRACK('smhd', 'mp4a(esds)')}`;
    assert.equal(outline(tree({ video: VIDEO, audio: AAC })), `ftyp moov(mvhd ${tracks} mvex(trex trex))`);
  });

  test('has the brands that fragments with tfdt and signed offsets need', () => {
    assert.equal(only(tree({ video: VIDEO }), 'ftyp').body.toString('latin1'), 'iso6\0\0\0\0iso6mp41');
  });

  test('video is track 1, sound track 2, also alone', () => {
    const ids = (tracks: Parameters<typeof initSegment>[0]) =>
      ['tkhd', 'trex'].map((type) =>
        allOf(tree(tracks), type).map(({ body }) => body.readUInt32BE(type === 'tkhd' ? 12 : 4)),
      );
    assert.deepEqual(ids({ video: VIDEO, audio: AAC }), [
      [1, 2],
      [1, 2],
    ]);
    assert.deepEqual(ids({ audio: AAC }), [[2], [2]]);
  });

  test('has the picture’s size in its track header and its sample entry', () => {
    const boxes = tree({ video: VIDEO });
    const { body } = only(boxes, 'tkhd');
    assert.deepEqual([body.readUInt32BE(76) / 65536, body.readUInt32BE(80) / 65536], [640, 480]);
    const entry = only(boxes, 'avc1').body;
    assert.deepEqual([entry.readUInt16BE(24), entry.readUInt16BE(26)], [640, 480]);
  });

  test('sound has no size, and a volume', () => {
    const volumes = allOf(tree({ video: VIDEO, audio: AAC }), 'tkhd').map(({ body }) =>
      body.readUInt16BE(36),
    );
    assert.deepEqual(volumes, [0, 0x100]);
    const { body } = only(tree({ audio: AAC }), 'tkhd');
    assert.deepEqual([body.readUInt32BE(76), body.readUInt32BE(80)], [0, 0]);
  });

  test('counts video in 90000ths of a second, sound in samples, in no language', () => {
    const headers = allOf(tree({ video: VIDEO, audio: AAC }), 'mdhd').map(({ body }) => [
      body.readUInt32BE(12),
      body.readUInt16BE(20).toString(16),
    ]);
    assert.deepEqual(headers, [
      [90_000, '55c4'],
      [16_000, '55c4'],
    ]);
    assert.equal(audioTimescale({ ...OPUS, sampleRate: 16_000 }), 48_000);
  });

  test('says who handles a track, and by which name', () => {
    const handlers = allOf(tree({ video: VIDEO, audio: AAC }), 'hdlr').map(({ body }) => [
      body.toString('latin1', 8, 12),
      body.toString('latin1', 24),
    ]);
    assert.deepEqual(handlers, [
      ['vide', 'Walleye\0'],
      ['soun', 'Walleye\0'],
    ]);
  });

  test('says of JPEGs what they are, and nothing else', () => {
    const boxes = tree({ video: { ...VIDEO, codec: 'mjpeg', parameterSets: [] } });
    const entry = only(boxes, 'mp4v').body;
    assert.deepEqual([entry.readUInt16BE(24), entry.readUInt16BE(26)], [640, 480]);
    const descriptors = `0315000000040d6c11${'00'.repeat(11)}060102`;
    assert.equal(only(boxes, 'esds').body.toString('hex'), `00000000${descriptors}`);
  });

  test('holds the AudioSpecificConfig', () => {
    const { body } = only(tree({ audio: AAC }), 'esds');
    const descriptors = '03190000000411401500000000000000000000000502140806010' + '2';
    assert.equal(body.toString('hex'), `00000000${descriptors}`);
  });

  test('holds Opus’ channels, pre-skip and rate', () => {
    const boxes = tree({ audio: OPUS });
    assert.equal(only(boxes, 'dOps').body.toString('hex'), '000201380000bb80000000');
    assert.equal(only(boxes, 'Opus').body.readUInt32BE(24), 48_000 * 65536);
  });

  test('says nothing of a sample rate that has no place in its field', () => {
    const boxes = tree({ audio: { ...AAC, sampleRate: 96_000 } });
    assert.equal(only(boxes, 'mp4a').body.readUInt32BE(24), 0);
    assert.equal(only(boxes, 'mdhd').body.readUInt32BE(12), 96_000);
  });

  for (const [name, tracks] of [
    ['nothing', {}],
    ['pictures without parameter sets', { video: { ...VIDEO, parameterSets: [] } }],
    ['AAC without its configuration', { audio: { ...AAC, config: undefined } }],
    ['AAC of no sample rate', { audio: { ...AAC, sampleRate: 0 } }],
    ['G.711', { audio: { ...AAC, codec: 'pcm_mulaw' as const } }],
    ['video that could be and sound that cannot', { video: VIDEO, audio: { ...AAC, config: undefined } }],
  ] satisfies [string, Parameters<typeof initSegment>[0]][]) {
    test(`there is none of ${name}`, () => assert.equal(initSegment(tracks), undefined));
  }
});

test('what a browser is asked has the codec string of the bytes', () => {
  assert.equal(mimeType(VIDEO), 'video/mp4; codecs="avc1.640033"');
  assert.equal(
    mimeType({ ...VIDEO, codec: 'hevc', codecString: 'hvc1.1.6.L93.B0' }),
    'video/mp4; codecs="hvc1.1.6.L93.B0"',
  );
  assert.equal(mimeType(AAC), 'audio/mp4; codecs="mp4a.40.2"');
  assert.equal(mimeType(OPUS), 'audio/mp4; codecs="opus"');
  assert.equal(mimeType({ ...AAC, codec: 'pcm_alaw', codecString: undefined }), undefined);
  assert.equal(mimeType({ ...VIDEO, codec: 'mjpeg', codecString: 'mjpeg' }), undefined);
});
