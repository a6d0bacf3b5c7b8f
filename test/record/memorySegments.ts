/** Segments in memory, as segmentMaker.ts writes them. */
import { fragmentOfTracks, type Mp4Sample } from '../../daemon/mp4/fragment.ts';
import { AUDIO_TRACK, initSegment, VIDEO_TRACK } from '../../daemon/mp4/initSegment.ts';
import { producerTime } from '../../daemon/mp4/producerTime.ts';
import type { PlannedSegment } from '../../daemon/record/rangePlan.ts';
import { readLayout } from '../../daemon/record/segmentLayout.ts';
import { SegmentMaker } from '../../daemon/record/segmentMaker.ts';
import { SyntheticCamera, VIDEO } from './units.ts';

export interface MemorySegment extends PlannedSegment {
  readonly bytes: Buffer;
}

export const readOf = (bytes: Buffer) => async (offset: number, length: number) =>
  Buffer.from(bytes.subarray(offset, offset + length));

async function laidOut(from: number, bytes: Buffer): Promise<MemorySegment> {
  const layout = await readLayout(readOf(bytes), bytes.length);
  if (!layout) throw new Error('that is no segment');
  return { from, bytes, layout };
}

/** Pictures of 40 ms from a time on, Unix milliseconds; a key picture each `gop`. */
export async function memorySegment(
  from: number,
  seconds: number,
  { gop = 25, video = VIDEO } = {},
): Promise<MemorySegment> {
  const camera = new SyntheticCamera();
  const maker = new SegmentMaker();
  // The camera's first picture comes 5 s after its clock began, and is decoded one picture's time before it is shown.
  const clock = from - 5_000 + 40;
  const units = Array.from({ length: seconds * 25 }, (_, i) => camera.picture(i % gop === 0, video));
  const steps = [...units.flatMap((unit) => maker.push(unit, clock)), ...maker.end()];
  const [begin] = steps;
  if (begin?.do !== 'begin' || begin.startedAt !== from) throw new Error('it does not begin there');
  return laidOut(from, Buffer.concat(steps.flatMap((step) => ('data' in step ? [step.data] : []))));
}

/** … with sound of 16 kHz, 1024 of its samples in each of ours. Both as a recorder writes them, a second in a fragment. */
export async function soundSegment(from: number, seconds: number): Promise<MemorySegment> {
  const audio = {
    codec: 'aac',
    sampleRate: 16_000,
    channels: 1,
    codeBits: undefined,
    config: Buffer.from('1408', 'hex'),
    codecString: 'mp4a.40.2',
  } as const;
  const parts = [initSegment({ video: VIDEO, audio })!];
  const sample = (i: number, duration: number, key: boolean): Mp4Sample => ({
    ...{ data: Buffer.alloc(20, i), dts: i * duration, pts: i * duration },
    ...{ duration, key },
  });
  let sounds = 0;
  for (let second = 0; second < seconds; second++) {
    const pictures = Array.from({ length: 25 }, (_, i) => sample(second * 25 + i, 3_600, i === 0));
    const frames: Mp4Sample[] = [];
    while (sounds * 1024 < (second + 1) * 16_000) frames.push(sample(sounds++, 1024, true));
    const runs = [
      { track: VIDEO_TRACK, samples: pictures },
      { track: AUDIO_TRACK, samples: frames },
    ];
    const media = second * 90_000;
    parts.push(
      producerTime(VIDEO_TRACK, from + second * 1000, media),
      fragmentOfTracks({ sequence: second + 1, runs }),
    );
  }
  return laidOut(from, Buffer.concat(parts));
}
