/** From the samples of a video track, as ffmpeg copied them, to access units. Pure. */
import type { AccessUnit, VideoParameters } from '../../frame.ts';
import { jpegSize } from '../../jpeg/jpegSize.ts';
import type { FragmentSample } from '../../mp4/fragmentReader.ts';
import type { NalEntry, PictureEntry } from '../../mp4/readSampleEntry.ts';
import { AccessUnits } from '../accessUnits.ts';
import { h264Coding } from '../h264Coding.ts';
import { h265Coding } from '../h265Coding.ts';
import { jpegVideo } from '../jpegVideo.ts';
import { newNalCounters } from '../nalCounters.ts';
import type { PictureCoding } from '../pictures/pictureCoding.ts';
import { pictureCoding } from '../pictures/pictureCodings.ts';
import { PictureUnits } from '../pictures/pictureUnits.ts';
import { Timeline } from '../timeline.ts';

/** Ticks a second, which ffmpeg is told to count in: as RTP does. */
export const VIDEO_TIMESCALE = 90_000;

export interface RemuxedVideo {
  /** Pictures given up since the first key picture. */
  readonly dropped: number;
  /** See `Timeline.timeOf`. */
  timeOf(timestamp: number): number | undefined;
  push(sample: FragmentSample, arrival: number): AccessUnit[];
}

export function remuxedVideo(entry: NalEntry | PictureEntry): RemuxedVideo {
  if ('lengthSize' in entry) return new RemuxedNals(entry);
  const coding = pictureCoding(entry.codec, entry.config);
  return coding ? new RemuxedPictures(coding) : new RemuxedJpegs();
}

/** H.264, H.265: whatever RTP pictures have to go through, these have as well, as what comes from a camera is as good as it was. */
class RemuxedNals implements RemuxedVideo {
  readonly #counters = newNalCounters();
  readonly #timeline = new Timeline(VIDEO_TIMESCALE);
  readonly #lengthSize: number;
  readonly #units: AccessUnits;

  constructor({ codec, lengthSize, parameterSets }: NalEntry) {
    const coding = codec === 'hevc' ? h265Coding : h264Coding;
    const sets = coding.parameterSets();
    for (const set of parameterSets) sets.add(set);
    this.#lengthSize = lengthSize;
    this.#units = new AccessUnits(coding, sets, this.#timeline, this.#counters);
  }

  get dropped(): number {
    return this.#counters.droppedUnits;
  }

  timeOf(timestamp: number): number | undefined {
    return this.#timeline.timeOf(timestamp);
  }

  push({ shownAt, data }: FragmentSample, arrival: number): AccessUnit[] {
    this.#units.packet(shownAt >>> 0, arrival);
    for (let at = 0; at + this.#lengthSize <= data.length; ) {
      const length = data.readUIntBE(at, this.#lengthSize);
      at += this.#lengthSize;
      this.#units.add(data.subarray(at, at + length));
      at += length;
    }
    // A sample is a picture.
    this.#units.end();
    return this.#units.take();
  }
}

/** Each sample is a picture: MPEG-4 part 2, VP8, VP9, AV1. */
class RemuxedPictures implements RemuxedVideo {
  readonly #units: PictureUnits;

  constructor(coding: PictureCoding) {
    this.#units = new PictureUnits(coding, VIDEO_TIMESCALE);
  }

  get dropped(): number {
    return this.#units.dropped;
  }

  timeOf(timestamp: number): number | undefined {
    return this.#units.timeline.timeOf(timestamp);
  }

  push({ shownAt, data }: FragmentSample, arrival: number): AccessUnit[] {
    return this.#units.push(Buffer.from(data), shownAt >>> 0, arrival);
  }
}

class RemuxedJpegs implements RemuxedVideo {
  dropped = 0;
  readonly #timeline = new Timeline(VIDEO_TIMESCALE);
  #video: VideoParameters | undefined;

  timeOf(timestamp: number): number | undefined {
    return this.#timeline.timeOf(timestamp);
  }

  push({ shownAt, data }: FragmentSample, arrival: number): AccessUnit[] {
    const size = jpegSize(data);
    if (!size || size.width === 0 || size.height === 0) {
      this.dropped++;
      return [];
    }
    this.#video = jpegVideo(size, this.#video);
    const mediaTime = this.#timeline.at(shownAt >>> 0, arrival);
    return [{ video: this.#video, data: Buffer.from(data), key: true, mediaTime, receivedAt: arrival }];
  }
}
