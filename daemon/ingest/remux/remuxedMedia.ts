/** What ffmpeg makes of a source that we do not speak to ourselves: a fragmented MP4 in, pictures and sound out. No input or output. */
import type { AccessUnit, AudioFrame, AudioParameters } from '../../frame.ts';
import { FragmentReader, type FragmentSample } from '../../mp4/fragmentReader.ts';
import {
  type NalEntry,
  type PictureEntry,
  type ReadEntry,
  readSampleEntry,
} from '../../mp4/readSampleEntry.ts';
import type { IngestCounters } from '../counters.ts';
import { RemuxedSound } from './remuxedSound.ts';
import { type RemuxedVideo, remuxedVideo } from './remuxedVideo.ts';

export interface RemuxedMediaOptions {
  readonly counters: IngestCounters;
  readonly accessUnit: (unit: AccessUnit) => void;
  readonly audioFrame: (frame: AudioFrame) => void;
}

/** Why it cannot go on. `sound`: with the sound coded anew, or without, it could. */
export interface MediaFault {
  readonly what: 'video' | 'sound' | 'rubbish';
  readonly message: string;
}

const VIDEO: readonly (string | undefined)[] = ['h264', 'hevc', 'mjpeg', 'mpeg4', 'vp9', 'av1'];
const TAKEN = 'H.264, H.265, JPEG, MPEG-4 part 2, VP9 and AV1';

function isVideo(entry: ReadEntry | undefined): entry is NalEntry | PictureEntry {
  return VIDEO.includes(entry?.codec);
}

export class RemuxedMedia {
  readonly #options: RemuxedMediaOptions;
  readonly #reader = new FragmentReader();
  readonly #droppedBefore: number;
  #video: { track: number; media: RemuxedVideo } | undefined;
  #sound: { track: number; media: RemuxedSound } | undefined;
  #fault: MediaFault | undefined;

  constructor(options: RemuxedMediaOptions) {
    this.#options = options;
    this.#droppedBefore = options.counters.frames_dropped;
  }

  get fault(): MediaFault | undefined {
    return this.#fault;
  }

  get audio(): AudioParameters | undefined {
    return this.#sound?.media.audio;
  }

  /** What came out of ffmpeg. @param arrival `performance.now()` milliseconds */
  push(chunk: Buffer, arrival: number): void {
    if (this.#fault) return;
    const samples = this.#reader.push(chunk);
    if (!this.#video && this.#reader.tracks) this.#open();
    for (const sample of samples) this.#take(sample, arrival);
    const { broken } = this.#reader;
    if (broken !== undefined) this.#fault ??= { what: 'rubbish', message: broken };
  }

  #open(): void {
    for (const { id, kind, timescale, boxes } of this.#reader.tracks ?? []) {
      const entry = boxes.stsd && readSampleEntry(boxes.stsd);
      const name = entry && 'name' in entry ? entry.name : 'nothing that can be read';
      if (kind === 'audio') {
        const media = RemuxedSound.of(entry, timescale);
        if (media) this.#sound = { track: id, media };
        else this.#fault ??= { what: 'sound', message: `its sound is ${name}` };
      } else if (isVideo(entry)) this.#video = { track: id, media: remuxedVideo(entry) };
      else this.#fault = { what: 'video', message: `its pictures are ${name}: ${TAKEN} are taken` };
    }
    if (!this.#video) this.#fault ??= { what: 'video', message: 'there are no pictures in it' };
  }

  #take(sample: FragmentSample, arrival: number): void {
    const { counters, accessUnit, audioFrame } = this.#options;
    if (this.#sound?.track === sample.track && this.#video) {
      const frame = this.#sound.media.push(sample, this.#video.media, arrival);
      if (frame) audioFrame(frame);
      return;
    }
    if (this.#video?.track !== sample.track) return;
    for (const unit of this.#video.media.push(sample, arrival)) {
      counters.frames_received++;
      if (unit.key) counters.key_frames++;
      counters.last_frame_time = Date.now() / 1000;
      accessUnit(unit);
    }
    counters.frames_dropped = this.#droppedBefore + this.#video.media.dropped;
  }
}
