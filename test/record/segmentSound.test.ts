/** Sound beside the pictures: by our own reading of the boxes, and by ffprobe's. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { AccessUnit, AudioFrame, AudioParameters } from '../../daemon/frame.ts';
import { readSegment } from '../../daemon/record/segmentBoxes.ts';
import { SegmentMaker, type SegmentStep } from '../../daemon/record/segmentMaker.ts';
import { allOf, boxTree } from '../mp4/boxTree.ts';
import { SOUND, SyntheticCamera, soundAt, VIDEO } from './units.ts';

const MIDNIGHT = Date.UTC(2026, 10, 22);
const CLOCK = MIDNIGHT - 5_000;
const STEREO: AudioParameters = { ...SOUND, channels: 2, config: Buffer.from('1410', 'hex') };
const OPUS: AudioParameters = {
  ...{ codec: 'opus', sampleRate: 48_000, channels: 2, codecString: 'opus' },
  ...{ config: undefined, codeBits: undefined },
};
const G711: AudioParameters = {
  ...{ codec: 'pcm_alaw', sampleRate: 8_000, channels: 1, codecString: undefined },
  ...{ config: undefined, codeBits: undefined },
};

interface File {
  startedAt: number;
  bytes: Buffer;
  ended: boolean;
}

function filesOf(maker: SegmentMaker, items: Iterable<AccessUnit | AudioFrame>): File[] {
  const files: File[] = [];
  const carryOut = (step: SegmentStep) => {
    if (step.do === 'begin') files.push({ startedAt: step.startedAt, bytes: step.data, ended: false });
    const file = files.at(-1);
    assert.ok(file && !file.ended, `${step.do} without a file`);
    if (step.do === 'append') file.bytes = Buffer.concat([file.bytes, step.data]);
    else if (step.do === 'end') file.ended = true;
  };
  for (const item of items)
    for (const step of 'video' in item ? maker.push(item, CLOCK) : maker.pushSound(item)) carryOut(step);
  for (const step of maker.end()) carryOut(step);
  return files;
}

/** Where each frame of sound begins and ends (ms since midnight): fragment by fragment by tfdt, within one by durations. */
function soundOf({ bytes, startedAt }: File, rate = 16_000): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (const traf of allOf(boxTree(bytes), 'traf')) {
    const [tfhd] = allOf([traf], 'tfhd');
    if (tfhd?.body.readUInt32BE(4) !== 2) continue;
    let at = Number(allOf([traf], 'tfdt')[0]!.body.readBigUInt64BE(4));
    const { body } = allOf([traf], 'trun')[0]!;
    for (let i = 0; i < body.readUInt32BE(4); i++) {
      const duration = body.readUInt32BE(12 + 16 * i);
      const time = (units: number) => startedAt - MIDNIGHT + (units * 1000) / rate;
      found.push({ from: time(at), to: time(at + duration) });
      at += duration;
    }
  }
  return found;
}
const tracks = ({ bytes }: File) => allOf(boxTree(bytes), 'trak').length;
const gapless = (frames: { from: number; to: number }[], tolerance = 1) => {
  for (const [i, { from }] of frames.entries())
    if (i > 0)
      assert.ok(Math.abs(from - (frames[i - 1]?.to ?? 0)) <= tolerance, `frame ${i} begins at ${from}`);
};

describe('the sound of a recording', () => {
  it('is in the first file from its beginning, beside the pictures, and where it was heard', () => {
    const [file, ...others] = filesOf(new SegmentMaker(), new SyntheticCamera().withSound(5));
    assert.equal(others.length, 0);
    assert.equal(tracks(file!), 2);
    const sound = soundOf(file!);
    gapless(sound);
    // Frame n was heard from 64 n ms on; the first may have been before the first picture.
    assert.ok((sound[0]?.from ?? 999) <= 64, `${sound[0]?.from}`);
    for (const [i, { from }] of sound.entries()) {
      const nearest = Math.round(from / 64) * 64;
      assert.ok(Math.abs(from - nearest) < 2, `frame ${i} at ${from}`);
    }
    assert.ok((sound.at(-1)?.to ?? 0) > 4_800);
    // What finds recordings again goes by the pictures, which come first.
    const read = readSegment(
      (offset, length) => file!.bytes.subarray(offset, offset + length),
      file!.bytes.length,
    );
    assert.equal(read?.whole, file!.bytes.length);
    assert.ok(read && Math.abs(read.until - read.from - 5_000) < 60);
    assert.ok(read?.fragments.every(({ key }) => key));
  });

  for (const lag of [0, 150])
    it(`goes on in the next file without a gap, and nothing comes twice, when it is ${lag} ms late`, () => {
      const files = filesOf(
        new SegmentMaker({ length: 3_000 }),
        new SyntheticCamera().withSound(20, 25, SOUND, lag),
      );
      assert.ok(files.length >= 6, `${files.length} files`);
      const all = files.flatMap((file) => soundOf(file));
      gapless(all, 2);
      assert.ok(Math.abs((all.at(-1)?.to ?? 0) - (all[0]?.from ?? 0) - all.length * 64) < 3);
      assert.ok(all.length >= 305, `${all.length} frames`);
      assert.ok(files.every((file) => tracks(file) === 2));
    });

  it('that appears only later, or is coded otherwise, begins another file', () => {
    const camera = new SyntheticCamera();
    const silent = camera.seconds(3);
    const begins = 3_000;
    const later = [...camera.withSound(4)].filter((item) => 'video' in item || item.mediaTime >= begins);
    const stereo = [...camera.withSound(4, 25, STEREO)];
    const [first, second, third, ...others] = filesOf(new SegmentMaker(), [...silent, ...later, ...stereo]);
    assert.equal(others.length, 0);
    assert.deepEqual(
      [first, second, third].map((file) => tracks(file!)),
      [1, 2, 2],
    );
    const gap = (second!.startedAt - MIDNIGHT - 3_000) / 1000;
    assert.ok(gap >= 0 && gap < 1.1, `the second file begins ${gap} s after the sound`);
    gapless(soundOf(second!));
    gapless(soundOf(third!));
    const [mp4a] = allOf(boxTree(third!.bytes), 'mp4a');
    assert.equal(mp4a?.body.readUInt16BE(16), 2);
  });

  it('that is on its way has its track already', () => {
    const maker = new SegmentMaker();
    const camera = new SyntheticCamera();
    // Two seconds until the first of it comes, as from a transcoder that is being started.
    const items = [...camera.withSound(6)].filter((item) => 'video' in item || item.mediaTime > 2_000);
    const [first] = items;
    assert.ok(first && 'key' in first);
    maker.push(first, CLOCK);
    maker.expectSound({ ...SOUND }, first.receivedAt);
    const files = filesOf(maker, items.slice(1));
    assert.deepEqual(files.map(tracks), [2]);
    gapless(soundOf(files[0]!));
  });

  it('of the same coding goes on in the file, though a new session brings other objects', () => {
    const camera = new SyntheticCamera();
    const items = [
      ...camera.withSound(3),
      ...camera.withSound(3, 25, { ...SOUND, config: Buffer.from('1408', 'hex') }),
    ];
    assert.equal(filesOf(new SegmentMaker(), items).length, 1);
  });

  it('is left out where MP4 does not take it, and the pictures are as before', () => {
    const files = filesOf(new SegmentMaker(), new SyntheticCamera().withSound(4, 25, G711));
    assert.deepEqual(files.map(tracks), [1]);
    const broken = { ...SOUND, config: undefined };
    assert.deepEqual(
      filesOf(new SegmentMaker(), new SyntheticCamera().withSound(4, 25, broken)).map(tracks),
      [1],
    );
  });

  it('of one that was interrupted begins anew with the pictures', () => {
    const camera = new SyntheticCamera();
    const maker = new SegmentMaker();
    const items = [...camera.withSound(3)];
    camera.skip(60_000);
    const later = { ...VIDEO };
    const next = camera
      .seconds(3)
      .map((unit) => ({ ...unit, video: later, mediaTime: unit.mediaTime - 63_000 }));
    const sound = Array.from({ length: 40 }, (_, i) => soundAt(i * 64, 63_000 + i * 64 + 64));
    const files = filesOf(maker, [
      ...items,
      ...[...next, ...sound].sort((a, b) => a.receivedAt - b.receivedAt),
    ]);
    assert.equal(files.length, 2);
    const [first] = soundOf(files[1]!);
    assert.ok(first && Math.abs(first.from - 63_000) < 70, `${first?.from}`);
    gapless(soundOf(files[1]!));
  });

  it('does not fill the memory when the pictures stand still', () => {
    const maker = new SegmentMaker();
    for (const item of new SyntheticCamera().withSound(2))
      if ('video' in item) maker.push(item, CLOCK);
      else maker.pushSound(item);
    const frames = Array.from({ length: 20_000 }, (_, i) => soundAt(2_000 + i * 64, 2_064 + i * 64));
    for (const frame of frames) maker.pushSound(frame);
    const steps = maker.end();
    const bytes = steps.reduce((sum, step) => sum + ('data' in step ? step.data.length : 0), 0);
    assert.ok(bytes < 50_000, `${bytes} bytes`);
  });

  it('is read by ffprobe', () => {
    const folder = mkdtempSync(join(tmpdir(), 'walleye-sound-'));
    try {
      for (const audio of [SOUND, OPUS]) {
        const [file] = filesOf(new SegmentMaker(), new SyntheticCamera().withSound(4, 25, audio));
        const path = join(folder, `${audio.codec}.mp4`);
        writeFileSync(path, file!.bytes);
        const args = ['-v', 'error', '-show_streams', '-count_packets', '-of', 'json', path];
        const { streams } = JSON.parse(
          execFileSync('ffprobe', args, {
            encoding: 'utf8',
            // The pictures are none.
            stdio: ['ignore', 'pipe', 'ignore'],
          }),
        ) as {
          streams: { codec_name: string; nb_read_packets: string; sample_rate?: string }[];
        };
        assert.deepEqual(
          streams.map(({ codec_name }) => codec_name),
          ['h264', audio.codec],
        );
        assert.equal(streams[0]?.nb_read_packets, '100');
        assert.ok(Number(streams[1]?.nb_read_packets) >= 60, streams[1]?.nb_read_packets);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
