import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { aacStream } from '../../daemon/ingest/aacParameters.ts';
import { adtsFrames } from '../../daemon/ingest/adts.ts';
import { lowComplexityConfig, parseAudioSpecificConfig } from '../../daemon/ingest/audioSpecificConfig.ts';
import { bytes } from './rtpPackets.ts';
import { adts } from './sound.ts';

interface Expected {
  rate: number;
  channels: number;
  codecString: string;
  /** Milliseconds of a frame. */
  duration: number;
}

// biome-ignore format: a line a case
const CONFIGS: [name: string, config: string, expected: Expected][] = [
  ['Dahua (retina)', '11 88', { rate: 48000, channels: 1, codecString: 'mp4a.40.2', duration: 1024 / 48 }],
  ['Hikvision, Reolink', '14 08', { rate: 16000, channels: 1, codecString: 'mp4a.40.2', duration: 64 }],
  ['Big Buck Bunny (retina)', '14 90', { rate: 12000, channels: 2, codecString: 'mp4a.40.2', duration: 1024 / 12 }],
  ['5.1 (RFC 3640)', '11 b0', { rate: 48000, channels: 6, codecString: 'mp4a.40.2', duration: 1024 / 48 }],
  ['7.1', '11 b8', { rate: 48000, channels: 8, codecString: 'mp4a.40.2', duration: 1024 / 48 }],
  ['frames of 960 samples', '14 0c', { rate: 16000, channels: 1, codecString: 'mp4a.40.2', duration: 60 }],
  ['ffmpeg: says that there is no SBR', '11 90 56 e5 00', { rate: 48000, channels: 2, codecString: 'mp4a.40.2', duration: 1024 / 48 }],
  ['SBR, hierarchical: frames count at the core’s rate', '2b 92 08 00', { rate: 44100, channels: 2, codecString: 'mp4a.40.5', duration: 1024 / 22.05 }],
  ['SBR, backward compatible', '13 90 56 e5 a0', { rate: 44100, channels: 2, codecString: 'mp4a.40.5', duration: 1024 / 22.05 }],
  ['SBR and parametric stereo, hierarchical', 'eb 8a 08 00', { rate: 44100, channels: 2, codecString: 'mp4a.40.29', duration: 1024 / 22.05 }],
  ['SBR and parametric stereo, backward compatible', '13 88 56 e5 a5 48 80', { rate: 44100, channels: 2, codecString: 'mp4a.40.29', duration: 1024 / 22.05 }],
  ['a frequency of its own, 11024 Hz', '17 80 15 88 08', { rate: 11025 - 1, channels: 1, codecString: 'mp4a.40.2', duration: 1024 / 11.024 }],
  ['channels in a program_config_element: one pair', '14 00 06 04 00 00 20', { rate: 16000, channels: 2, codecString: 'mp4a.40.2', duration: 64 }],
  ['AAC-ELD (baresip#878)', 'f8 ee 20 00', { rate: 22050, channels: 1, codecString: 'mp4a.40.39', duration: 512 / 22.05 }],
  ['AAC-LD, 480 samples', 'b9 8c 00', { rate: 48000, channels: 1, codecString: 'mp4a.40.23', duration: 10 }],
  ['GALAYOU G6: a profile of ADTS in place of the type (kerberos-io/agent#159)', '0c 08', { rate: 16000, channels: 1, codecString: 'mp4a.40.2', duration: 64 }],
];

describe('AudioSpecificConfig', () => {
  for (const [name, config, { rate, channels, codecString, duration }] of CONFIGS)
    test(name, () => {
      const stream = aacStream(bytes(config));
      assert.ok(stream);
      const { audio } = stream;
      assert.deepEqual(
        [audio.codec, audio.sampleRate, audio.channels, audio.codecString],
        ['aac', rate, channels, codecString],
      );
      assert.ok(Math.abs(stream.duration - duration) < 1e-9, `${stream.duration} ms`);
      assert.equal(audio.config?.length, bytes(config).length);
    });

  test('the type that GALAYOU writes is put right in the config too', () => {
    assert.equal(aacStream(bytes('0c 08'))?.audio.config?.toString('hex'), '1408');
  });

  const INVALID: [name: string, config: string][] = [
    ['nothing', ''],
    ['a reserved frequency', '16 88'],
    ['a frequency of 0', '17 80 00 00 08 00'],
    ['a frequency beyond all', '17 ff ff ff 88 00'],
    ['reserved channels', '14 48'],
    ['CELP', '44 08'],
    ['a StreamMuxConfig', '40 00 24 20 3f c0'],
    ['a program_config_element without channels', '14 00 04 00 00 00 00 00'],
  ];
  for (const [name, config] of INVALID)
    test(`none: ${name}`, () => assert.equal(parseAudioSpecificConfig(bytes(config)), undefined));

  test('cut off anywhere: none, or another of the same core', () => {
    for (const [, config] of CONFIGS) {
      const whole = bytes(config);
      const full = parseAudioSpecificConfig(whole);
      for (let length = 0; length < whole.length; length++) {
        const cut = parseAudioSpecificConfig(whole.subarray(0, length));
        if (cut) assert.deepEqual([cut.coreRate, cut.objectType], [full?.coreRate, full?.objectType]);
      }
    }
  });

  test('whatever comes: no throw, and what is found is in range', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (random) => {
        const found = parseAudioSpecificConfig(Buffer.from(random));
        if (!found) return;
        assert.ok(found.coreRate > 0 && found.sampleRate > 0 && found.sampleRate <= 192_000);
        assert.ok(found.channels > 0 && found.channels < 128);
        assert.ok([1024, 960, 512, 480].includes(found.frameLength));
      }),
    );
  });

  test('made from a rate and channels, it says these', () => {
    for (const rate of [8000, 11025, 16000, 32000, 44100, 48000, 96000])
      for (const channels of [1, 2, 6, 8]) {
        const parsed = parseAudioSpecificConfig(lowComplexityConfig(rate, channels) ?? Buffer.of());
        assert.deepEqual(
          [parsed?.objectType, parsed?.sampleRate, parsed?.channels, parsed?.sbr],
          [2, rate, channels, false],
        );
      }
    assert.deepEqual(
      [lowComplexityConfig(90_000, 1), lowComplexityConfig(16_000, 0), lowComplexityConfig(16_000, 7)],
      [undefined, undefined, undefined],
    );
  });
});

describe('ADTS', () => {
  const frames = [Buffer.from('first'), Buffer.from('another')];
  const file = Buffer.concat(frames.map((frame) => adts(frame, 16_000, 1)));

  test('frames without their headers, and the config that these amount to', () => {
    const found = adtsFrames(file, 8);
    assert.deepEqual(
      found?.map(({ data }) => data.toString()),
      ['first', 'another'],
    );
    assert.equal(found?.[0]?.config?.toString('hex'), '1408');
  });

  test('a checksum is part of the header', () => {
    const data = Buffer.concat([adts(Buffer.from('..data'), 48_000, 2)]);
    data[1] = 0xf0; // protection_absent is 0: the two bytes behind the header are CRC
    assert.equal(adtsFrames(data, 8)?.[0]?.data.toString(), 'data');
  });

  test('none: other bytes, what is cut off, what has more behind it or too many frames', () => {
    for (let length = 0; length < file.length; length++)
      if (length !== 12) assert.equal(adtsFrames(file.subarray(0, length), 8), undefined, `${length}`);
    assert.equal(adtsFrames(Buffer.concat([file, Buffer.of(0)]), 8), undefined);
    assert.equal(adtsFrames(file, 1), undefined);
    assert.equal(adtsFrames(bytes('00 10 0a 00 21 1a'), 8), undefined);
  });

  test('whatever comes: no throw, and frames lie within', () => {
    const start = fc.constantFrom('fff15040', 'fff16c40015ffc', 'fff94c80', '');
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 60 }), (head, tail) => {
        const data = Buffer.concat([Buffer.from(head, 'hex'), tail]);
        const found = adtsFrames(data, 128) ?? [];
        assert.ok(
          found.reduce((sum, frame) => sum + frame.data.length, 0) < data.length || data.length === 0,
        );
      }),
    );
  });
});
