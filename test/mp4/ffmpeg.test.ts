/** What we write, read by ffprobe and ffmpeg: every time, every flag, every picture. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { AudioFrame } from '../../daemon/frame.ts';
import { AudioSamples } from '../../daemon/mp4/audioSamples.ts';
import { Mp4Audio } from '../../daemon/mp4/audioTrack.ts';
import { fragmentOfTracks, type Mp4Sample } from '../../daemon/mp4/fragment.ts';
import { AUDIO_TRACK, initSegment, VIDEO_TRACK } from '../../daemon/mp4/initSegment.ts';
import { VideoSamples } from '../../daemon/mp4/videoSamples.ts';
import { type Mp4Part, Mp4Video } from '../../daemon/mp4/videoTrack.ts';
import { audioClip, frameHashes, noFfprobe, packetsOf, probe, type VideoClip, videoClip } from './clips.ts';

const X264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-g', '20', '-sc_threshold', '0'];
const X265 = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params'];
const X265_GROUPS = 'log-level=none:keyint=20:min-keyint=20:scenecut=0:repeat-headers=1';

interface Expectation {
  readonly name: string;
  readonly codec: 'h264' | 'hevc';
  readonly coder: string[];
  readonly profile: string;
  readonly codecString: RegExp;
}

const CLIPS: Expectation[] = [
  {
    name: 'H.264 baseline',
    codec: 'h264',
    coder: [...X264, '-profile:v', 'baseline'],
    profile: 'Constrained Baseline',
    codecString: /^avc1\.42C0/,
  },
  {
    name: 'H.264 of two slices a picture',
    codec: 'h264',
    coder: [...X264, '-tune', 'zerolatency', '-x264-params', 'slices=2:sliced-threads=0'],
    profile: 'High',
    codecString: /^avc1\.6400/,
  },
  {
    name: 'H.264 with two B pictures in a row',
    codec: 'h264',
    coder: [...X264, '-bf', '2', '-b_strategy', '0'],
    profile: 'High',
    codecString: /^avc1\.6400/,
  },
  {
    name: 'H.264 with a pyramid of B pictures',
    codec: 'h264',
    coder: [...X264, '-bf', '3', '-b_strategy', '0', '-x264-params', 'b-pyramid=normal'],
    profile: 'High',
    codecString: /^avc1\.6400/,
  },
  {
    name: 'H.265',
    codec: 'hevc',
    coder: [...X265, `${X265_GROUPS}:bframes=0:open-gop=0`],
    profile: 'Main',
    codecString: /^hvc1\.1\.6\.L\d+\.90$/,
  },
  {
    name: 'H.265 with open groups and B pictures',
    codec: 'hevc',
    coder: [...X265, `${X265_GROUPS}:bframes=3:b-adapt=0:open-gop=1`],
    profile: 'Main',
    codecString: /^hvc1\.1\.6\.L\d+\.90$/,
  },
];

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'walleye-mp4-'));
});
after(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, parts: readonly Buffer[]): Promise<string> {
  const path = join(folder, `${name.replaceAll(/\W+/g, '-')}.mp4`);
  await writeFile(path, Buffer.concat(parts));
  return path;
}

const dataOf = (parts: readonly Mp4Part[]) => parts.map(({ data }) => data);
const mediaOf = (parts: readonly Mp4Part[]) => parts.filter(({ kind }) => kind === 'media');
/** Seconds as ffprobe prints them, from units or from milliseconds. */
const seconds = (units: number, timescale: number) => Math.round((units / timescale) * 1e6) / 1e6;

describe('fragments of one picture each', { skip: noFfprobe, timeout: 120_000 }, () => {
  for (const { name, codec, coder, profile, codecString } of CLIPS) {
    describe(name, () => {
      let clip: VideoClip;
      let parts: Mp4Part[];
      let path: string;
      before(async () => {
        clip = await videoClip(folder, name.replaceAll(/\W+/g, '-'), codec, coder);
        const track = new Mp4Video();
        parts = clip.units.flatMap((unit) => track.push(unit));
        path = await file(name, dataOf(parts));
      });

      test('has the codec, profile and size of the pictures', async () => {
        const [stream, ...others] = await probe<Record<string, string | number>>(path, 'stream');
        assert.deepEqual(others, []);
        assert.deepEqual(
          [stream!.codec_name, stream!.codec_tag_string, stream!.profile, stream!.width, stream!.height],
          [codec, codec === 'h264' ? 'avc1' : 'hvc1', profile, 320, 180],
        );
        assert.equal(stream!.time_base, '1/90000');
        assert.match(parts[0]!.codecString, codecString);
      });

      test('has every picture with the times and the key flag that it was given', async () => {
        const packets = await packetsOf(path);
        const media = mediaOf(parts).map((part) => ({ ...part, pts: Math.round(part.presentedAt * 90) }));
        assert.equal(packets.length, clip.units.length);
        // Where a picture is decoded after it is shown, while its B pictures are new to us, ffmpeg shows all later by so much.
        const shift = Math.max(0, ...media.map(({ pts, decodeTime }) => decodeTime - pts));
        assert.ok(shift === 0 || /B pictures/.test(name));
        assert.deepEqual(
          packets.map(({ pts, dts, key }) => ({ pts, dts, key })),
          media.map(({ pts, decodeTime, key }) => ({
            pts: seconds(pts + shift, 90_000),
            dts: seconds(decodeTime, 90_000),
            key,
          })),
        );
        assert.deepEqual(
          media.flatMap(({ key }, i) => (key ? [i] : [])),
          clip.units.flatMap(({ key }, i) => (key ? [i] : [])),
        );
      });

      test('shows them at the camera’s distances, in the order in which they were filmed', async () => {
        const shown = (await packetsOf(path)).map(({ pts }) => pts).sort((a, b) => a - b);
        for (const [i, pts] of shown.slice(1).entries())
          assert.ok(Math.abs(pts - shown[i]! - 0.04) < 0.004, `${pts - shown[i]!}`);
      });

      test('decodes to the very pictures of the original, without complaint', async () => {
        const [original, ours] = await Promise.all([frameHashes(clip.file), frameHashes(path)]);
        assert.equal(ours.complaints, '');
        assert.equal(ours.hashes.length, clip.units.length);
        assert.deepEqual(ours.hashes, original.hashes);
      });
    });
  }

  test('a stream of a year decodes as one of a second', async () => {
    const clip = await videoClip(folder, 'year', 'h264', [...X264, '-bf', '0'], { pictures: 25 });
    const track = new Mp4Video();
    const year = 365 * 24 * 3_600_000;
    const parts = clip.units.flatMap((unit) => track.push({ ...unit, receivedAt: unit.receivedAt + year }));
    const path = await file('year', dataOf(parts));
    const packets = await packetsOf(path);
    assert.equal(packets.length, 25);
    assert.ok(packets.every(({ dts }) => dts > year / 1000 && dts < year / 1000 + 10));
    assert.equal((await frameHashes(path)).complaints, '');
  });
});

describe('fragments of one frame of sound each', { skip: noFfprobe, timeout: 60_000 }, () => {
  for (const { codec, sampleRate, channels } of [
    { codec: 'aac', sampleRate: 48_000, channels: 2 },
    { codec: 'aac', sampleRate: 8000, channels: 1 },
    { codec: 'opus', sampleRate: 48_000, channels: 2 },
    { codec: 'opus', sampleRate: 48_000, channels: 1 },
  ] as const) {
    test(`${codec}, ${sampleRate} Hz, ${channels} channels: codec, times and sound are right`, async () => {
      const frames = await audioClip(folder, codec, { sampleRate, channels, seconds: 2 });
      const track = new Mp4Audio();
      const parts = frames.flatMap((frame) => track.push(frame));
      const path = await file(`${codec}-${sampleRate}-${channels}`, dataOf(parts));
      const [stream] = await probe<Record<string, string | number>>(path, 'stream');
      assert.deepEqual(
        [stream!.codec_name, stream!.sample_rate, stream!.channels, stream!.codec_tag_string],
        [codec, `${sampleRate}`, channels, codec === 'aac' ? 'mp4a' : 'Opus'],
      );
      const packets = await packetsOf(path);
      assert.deepEqual(
        packets.map(({ dts }) => dts),
        mediaOf(parts).map(({ decodeTime }) => seconds(decodeTime, sampleRate)),
      );
      assert.equal(packets.length, frames.length);
      const { hashes, complaints } = await frameHashes(path, '0:a:0');
      assert.equal(complaints, '');
      assert.ok(Math.abs(hashes.length - frames.length) <= 1);
    });
  }

  test('silence that was put in decodes, in each coding, rate and number of channels', async () => {
    for (const [codec, sampleRate, channels] of [
      ['aac', 8000, 1],
      ['aac', 44_100, 2],
      ['opus', 48_000, 2],
    ] as const) {
      const frames = await audioClip(folder, codec, { sampleRate, channels, seconds: 2 });
      const kept = frames.filter((_, i) => i < 3 || i > 12);
      const sound = new AudioSamples();
      const samples = kept.flatMap((frame) => sound.push(frame)?.samples ?? []);
      assert.equal(samples.length, frames.length, codec);
      const run = { sequence: 1, runs: [{ track: AUDIO_TRACK, samples }] };
      const path = await file(`silence-${codec}-${sampleRate}`, [
        initSegment({ audio: kept[0]!.audio })!,
        fragmentOfTracks(run),
      ]);
      assert.equal((await frameHashes(path, '0:a:0')).complaints, '');
    }
  });
});

describe('a recording: fragments of about a second, pictures and sound', {
  skip: noFfprobe,
  timeout: 60_000,
}, () => {
  /** Two samples lists of fragments, each as long as a group of pictures. */
  function record(clip: VideoClip, frames: readonly AudioFrame[]) {
    const video = new VideoSamples();
    const pictures = clip.units.flatMap((unit) => video.push(unit)?.sample ?? []);
    const sound = new AudioSamples(video.clock);
    const sounds = frames.flatMap((frame) => sound.push(frame)?.samples ?? []);
    const starts = pictures.flatMap(({ key, pts }) => (key ? [pts / 90_000] : []));
    const fragmentOf = (second: number) => starts.findLastIndex((start) => start <= second + 1e-9);
    const of = (samples: readonly Mp4Sample[], timescale: number, group: number) =>
      samples.filter(({ pts }) => Math.max(0, fragmentOf(pts / timescale)) === group);
    const fragments = starts.map((_, group) =>
      fragmentOfTracks({
        sequence: group + 1,
        runs: [
          { track: VIDEO_TRACK, samples: of(pictures, 90_000, group) },
          { track: AUDIO_TRACK, samples: of(sounds, frames[0]!.audio.sampleRate, group) },
        ],
      }),
    );
    const init = initSegment({ video: clip.units[0]!.video, audio: frames[0]!.audio })!;
    return { parts: [init, ...fragments], pictures, sounds };
  }

  for (const codec of ['aac', 'opus'] as const) {
    test(`H.264 and ${codec}: every sample with its time, every picture of the original`, async () => {
      const clip = await videoClip(folder, `recorded-${codec}`, 'h264', [...X264, '-bf', '0'], {
        pictures: 60,
      });
      const frames = await audioClip(folder, codec, { sampleRate: 48_000, channels: 2, seconds: 2 });
      const { parts, pictures, sounds } = record(clip, frames);
      assert.equal(parts.length, 1 + 3);
      const path = await file(`recording-${codec}`, parts);
      const packets = await packetsOf(path);
      for (const [stream, samples, timescale] of [
        [0, pictures, 90_000],
        [1, sounds, 48_000],
      ] as const) {
        assert.deepEqual(
          packets
            .filter((p) => p.stream === stream)
            .map(({ dts, pts, key, size }) => ({ dts, pts, key, size })),
          samples.map(({ dts, pts, key, data }) => ({
            dts: seconds(dts, timescale),
            pts: seconds(pts, timescale),
            key,
            size: data.length,
          })),
        );
      }
      const ours = await frameHashes(path);
      assert.equal(ours.complaints, '');
      assert.deepEqual(ours.hashes, (await frameHashes(clip.file)).hashes);
      assert.equal((await frameHashes(path, '0:a:0')).complaints, '');
    });
  }
});
