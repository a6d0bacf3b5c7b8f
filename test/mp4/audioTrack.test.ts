import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { AudioFrame, AudioParameters } from '../../daemon/frame.ts';
import { AudioSamples } from '../../daemon/mp4/audioSamples.ts';
import { Mp4Audio } from '../../daemon/mp4/audioTrack.ts';
import type { Mp4Sample } from '../../daemon/mp4/fragment.ts';
import { MediaClock } from '../../daemon/mp4/mediaClock.ts';
import { boxTree, only, outline } from './boxTree.ts';

const AAC: AudioParameters = {
  codec: 'aac',
  sampleRate: 16_000,
  channels: 1,
  codecString: 'mp4a.40.2',
  config: Buffer.from('1408', 'hex'),
  codeBits: undefined,
};
/** Of 1024 samples at 16 kHz. */
const FRAME = 64;
const frame = (mediaTime: number, more: Partial<AudioFrame> = {}): AudioFrame => ({
  audio: AAC,
  data: Buffer.of(0x21, mediaTime & 0xff),
  mediaTime,
  duration: FRAME,
  receivedAt: 5000 + mediaTime,
  ...more,
});
const frames = (count: number, from = 0, more: Partial<AudioFrame> = {}) =>
  Array.from({ length: count }, (_, i) => frame(from + i * FRAME, more));

const samplesOf = (given: readonly AudioFrame[], sound = new AudioSamples()): Mp4Sample[] =>
  given.flatMap((one) => sound.push(one)?.samples ?? []);

function assertGapless(samples: readonly Mp4Sample[]): void {
  for (const [i, { dts, duration }] of samples.entries()) {
    assert.ok(Number.isSafeInteger(dts) && dts >= 0 && duration >= 1);
    const next = samples[i + 1];
    if (next) assert.equal(next.dts, dts + duration);
  }
}

/** Pictures at 25 a second for `ms`, whose clock the sound then uses. */
function pictures(ms: number, receivedAt = 5000): MediaClock {
  const clock = new MediaClock();
  for (let t = 0; t < ms; t += 40)
    clock.at({ mediaTime: t, receivedAt: receivedAt + t, key: t % 1000 === 0 });
  return clock;
}

describe('sound', () => {
  test('is counted in its own samples, one frame after the other', () => {
    assert.deepEqual(
      samplesOf(frames(3)).map(({ dts, pts, duration, key }) => [dts, pts, duration, key]),
      [0, 1, 2].map((i) => [80_000 + i * 1024, 80_000 + i * 1024, 1024, true]),
    );
  });

  test('goes on without gap although its times jitter by some milliseconds', () => {
    const samples = samplesOf(
      frames(100).map((one, i) => ({ ...one, mediaTime: one.mediaTime + (i % 7) * 5 })),
    );
    assertGapless(samples);
    assert.ok(samples.every(({ duration }) => duration === 1024));
  });

  test('has silence where frames were lost, so that what comes after is in its place', () => {
    const samples = samplesOf([...frames(2), ...frames(2, 7 * FRAME)]);
    assertGapless(samples);
    assert.equal(samples.length, 2 + 5 + 2);
    assert.deepEqual(
      samples.slice(2, 7).map(({ data }) => data.toString('hex')),
      Array(5).fill('00c800802380'),
    );
    assert.equal(samples[7]!.dts, 80_000 + 7 * 1024);
  });

  test('lasts through the gap where we know no silence in its coding', () => {
    const audio = { ...AAC, codecString: 'mp4a.40.5' };
    const samples = samplesOf([...frames(2, 0, { audio }), ...frames(2, 7 * FRAME, { audio })]);
    assertGapless(samples);
    assert.deepEqual(
      samples.map(({ duration }) => duration),
      [1024, 1024, 6 * 1024, 1024],
    );
  });

  test('is left out where there is too much of it, until it is in its place again', () => {
    const clock = pictures(4000);
    const early = frames(40).map((one, i) => ({
      ...one,
      mediaTime: i < 10 ? one.mediaTime : 640 + (i - 10) * 58,
    }));
    const samples = samplesOf(early, new AudioSamples(clock));
    assertGapless(samples);
    assert.ok(samples.length < 40);
    const last = samples.at(-1)!;
    assert.ok(Math.abs(last.dts / 16 - (5000 + early.at(-1)!.mediaTime)) <= 70);
  });

  test('goes on at the new place after a session that ended', () => {
    const sound = new AudioSamples();
    samplesOf(frames(10), sound);
    const again = sound.push(frame(0, { receivedAt: 90_000 }));
    assert.equal(again?.discontinuity, true);
    assert.deepEqual([again?.presentedAt, again?.samples[0]?.dts], [90_000, 90_000 * 16]);
  });

  test('of another sample rate begins where the one before ended', () => {
    const sound = new AudioSamples();
    samplesOf(frames(10), sound);
    const audio = { ...AAC, sampleRate: 8000 };
    const [first] = sound.push(frame(640, { audio, duration: 128 }))!.samples;
    assert.deepEqual([first?.dts, first?.duration], [(80_000 + 10 * 1024) / 2, 1024]);
  });
});

describe('sound of a stream with pictures', () => {
  test('is on the pictures’ clock', () => {
    const clock = pictures(1000, 7000);
    const [sample] = samplesOf([frame(960, { receivedAt: 8100 })], new AudioSamples(clock));
    assert.equal(sample?.dts, 7960 * 16);
  });

  test('is left out before the first picture', () => {
    assert.deepEqual(samplesOf(frames(3), new AudioSamples(new MediaClock())), []);
  });

  test('of a new session is left out until its first picture has come', () => {
    const clock = pictures(1000);
    const sound = new AudioSamples(clock);
    assert.equal(samplesOf(frames(10), sound).length, 10);
    assert.equal(sound.push(frame(0, { receivedAt: 60_000 })), undefined);
    clock.at({ mediaTime: 0, receivedAt: 60_010, key: true });
    assert.equal(sound.push(frame(64, { receivedAt: 60_064 }))?.samples[0]?.dts, 60_074 * 16);
  });
});

test('whatever its times, sound is in order, and without gap but where a session ended', () => {
  const step = fc.record({
    media: fc.oneof(
      fc.constant(FRAME),
      fc.double({ min: -500, max: 500, noNaN: true }),
      fc.constant(-1e6),
      fc.constant(9000),
    ),
    wait: fc.oneof(fc.constant(FRAME), fc.double({ min: 0, max: 10_000, noNaN: true })),
    rate: fc.constantFrom(8000, 16_000),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), (steps, withPictures) => {
      const sound = new AudioSamples(withPictures ? pictures(2000) : undefined);
      let mediaTime = 0;
      let receivedAt = 5000;
      let end = 0;
      for (const { media, wait, rate } of steps) {
        mediaTime += media;
        receivedAt += wait;
        const audio = { ...AAC, sampleRate: rate };
        const timed = sound.push(frame(mediaTime, { audio, receivedAt }));
        if (timed === undefined) continue;
        assertGapless(timed.samples);
        assert.ok(timed.samples.length <= 3000 / 64 + 1);
        const { dts } = timed.samples[0]!;
        assert.ok((dts + 1) / rate >= end, `${dts / rate} before ${end}`);
        const last = timed.samples.at(-1)!;
        end = (last.dts + last.duration) / rate;
      }
    }),
  );
});

describe('the live packager of sound', () => {
  test('begins with an initialization segment, then each frame at once', () => {
    const track = new Mp4Audio();
    const parts = frames(3).flatMap((one) => track.push(one));
    assert.deepEqual(
      parts.map(({ kind }) => kind),
      ['init', 'media', 'media', 'media'],
    );
    const boxes = boxTree(parts[1]!.data);
    assert.equal(outline(boxes), 'moof(mfhd traf(tfhd tfdt trun)) mdat');
    assert.equal(only(boxes, 'tfhd').body.readUInt32BE(4), 2);
    const { data: _, ...second } = parts[2]!;
    assert.deepEqual(second, {
      kind: 'media',
      codecString: 'mp4a.40.2',
      key: true,
      presentedAt: 5064,
      decodeTime: 80_000 + 1024,
      receivedAt: 5064,
      discontinuity: false,
    });
  });

  test('sends a new initialization segment where the parameters change', () => {
    const track = new Mp4Audio();
    const audio = { ...AAC, channels: 2, config: Buffer.from('1410', 'hex') };
    const parts = [frame(0), frame(64, { audio }), frame(128, { audio })].flatMap((one) => track.push(one));
    assert.deepEqual(
      parts.map(({ kind }) => kind),
      ['init', 'media', 'init', 'media', 'media'],
    );
  });

  test('sends the initialization segment with the first frame that has a place', () => {
    const clock = new MediaClock();
    const track = new Mp4Audio({ clock });
    assert.deepEqual(track.push(frame(0)), []);
    clock.at({ mediaTime: 0, receivedAt: 5000, key: true });
    assert.equal(track.push(frame(64)).length, 2);
  });

  test('packs nothing of sound that browsers do not take', () => {
    const audio: AudioParameters = { ...AAC, codec: 'pcm_alaw', codecString: undefined, config: undefined };
    assert.deepEqual(new Mp4Audio().push(frame(0, { audio })), []);
  });
});
