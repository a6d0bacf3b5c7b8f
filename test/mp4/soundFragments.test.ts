import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AudioFrame, AudioParameters } from '../../daemon/frame.ts';
import { MediaClock } from '../../daemon/mp4/mediaClock.ts';
import { SoundFragments } from '../../daemon/mp4/soundFragments.ts';
import { boxTree, only, outline } from './boxTree.ts';

const AAC: AudioParameters = {
  ...{ codec: 'aac', sampleRate: 48_000, channels: 1, codecString: 'mp4a.40.2' },
  ...{ config: Buffer.from('1188', 'hex'), codeBits: undefined },
};
const FRAME = 1024 / 48;
const frame = (i: number, audio = AAC): AudioFrame => ({
  ...{ audio, data: Buffer.of(0x21, i & 255), mediaTime: i * FRAME, duration: FRAME },
  receivedAt: 9000 + i * FRAME,
});
function begun(): SoundFragments {
  const clock = new MediaClock();
  clock.at({ mediaTime: 0, receivedAt: 9000, key: true });
  return new SoundFragments(clock);
}

describe('sound for those who listen live', () => {
  it('comes in fragments of a tenth of a second, on the clock of the pictures', () => {
    const sound = begun();
    const parts = Array.from({ length: 11 }, (_, i) => sound.push(frame(i))).flat();
    assert.deepEqual(
      parts.map(({ kind }) => kind),
      ['init', 'sound', 'sound'],
    );
    assert.deepEqual(
      parts.map(({ time }) => Math.round(time)),
      [9000, 9000, 9107],
    );
    const boxes = boxTree(parts[1]!.data);
    assert.equal(outline(boxes), 'moof(mfhd traf(tfhd tfdt trun)) mdat');
    assert.equal(only(boxes, 'trun').body.readUInt32BE(4), 5);
    assert.equal(sound.init, parts[0]);
  });

  it('begins anew where its parameters change, with what was under way before', () => {
    const sound = begun();
    const other = { ...AAC, channels: 2, config: Buffer.from('1190', 'hex') };
    const parts = [0, 1, 2].flatMap((i) => sound.push(frame(i, i < 2 ? AAC : other)));
    assert.deepEqual(
      parts.map(({ kind }) => kind),
      ['init', 'sound', 'init'],
    );
  });

  it('is none before the first picture, and none that browsers do not take', () => {
    assert.deepEqual(new SoundFragments(new MediaClock()).push(frame(0)), []);
    assert.deepEqual(begun().push(frame(0, { ...AAC, codec: 'pcm_alaw', codecString: undefined })), []);
  });
});
