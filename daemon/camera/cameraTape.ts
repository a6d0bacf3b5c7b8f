import type { AudioFrame, AudioParameters } from '../frame.ts';
import { isPicture, PreRoll, type StreamItem } from '../record/preRoll.ts';
import type { Recorder } from '../record/recorder.ts';
import type { StreamSupervisor } from './streamSupervisor.ts';

/** Milliseconds that a recording goes on after its end, at most, to end with a group of pictures. */
const LONGEST_TAIL = 10_000;
/** Bytes that wait to be handed over; beyond, the recorder has to see to it that it keeps up. */
const MOST_WAITING = 96 * 1024 * 1024;

/** Sound on its way to a form that MP4 takes. */
export interface SoundCoder {
  push(frame: AudioFrame): void;
  close(): Promise<void>;
}

export interface CameraTapeOptions {
  supervisor: Pick<StreamSupervisor, 'watch' | 'watchSound'>;
  recorder: Recorder;
  /** Keep the sound as well. */
  audio: boolean;
  /** undefined: the sound is taken as it comes. `comesAs`: what it will be, so that a file need not wait for it. */
  sound?:
    | {
        coder: (out: (frame: AudioFrame) => void) => SoundCoder;
        comesAs: (audio: AudioParameters) => AudioParameters | undefined;
      }
    | undefined;
  /** Bytes that the last seconds may take in memory. */
  mostBytes: () => number;
  /** It ended by itself, a while after it was told to. */
  ended: () => void;
}

/**
 * One camera's stream on its way into files: the last seconds in memory while nobody records, and all of it while somebody does.
 * Where the last seconds are kept, a recording ends in front of a key picture: what comes from there on is in memory again, so that
 * the next one can follow it without a gap, and nothing is written twice.
 */
export class CameraTape {
  readonly recorder: Recorder;
  readonly audio: boolean;
  readonly #options: CameraTapeOptions;
  #preRoll: PreRoll | undefined;
  #recording = false;
  #endAt: number | undefined;
  /** Handed over as fast as the disk takes it. */
  #backlog: StreamItem[] = [];
  #backlogBytes = 0;
  /** Recordings before this one whose rest is still being written. */
  #ending = 0;
  #ends: Promise<void> = Promise.resolve();
  #leave: (() => void)[];
  #coder: SoundCoder | undefined;

  constructor(options: CameraTapeOptions) {
    this.#options = options;
    this.recorder = options.recorder;
    this.audio = options.audio;
    const { supervisor, sound, audio } = options;
    const take = (item: StreamItem) => this.#take(item);
    this.#leave = [supervisor.watch(take)];
    if (!audio) return;
    this.#coder = sound?.coder(take);
    this.#leave.push(supervisor.watchSound((frame) => this.#hear(frame)));
  }

  #hear(frame: AudioFrame): void {
    const later = this.#options.sound?.comesAs(frame.audio);
    if (later && this.#recording) this.recorder.expectSound(later, frame.receivedAt);
    if (this.#coder) this.#coder.push(frame);
    else this.#take(frame);
  }

  /** Something is on its way into a file. */
  get recording(): boolean {
    return this.#recording;
  }

  /** @param wanted record from now on, or no more @param preSeconds that are kept in memory; undefined: none */
  set(wanted: boolean, preSeconds: number | undefined): void {
    if (preSeconds === undefined) this.#preRoll = undefined;
    else if (this.#preRoll) this.#preRoll.length = preSeconds * 1000;
    else this.#preRoll = new PreRoll(preSeconds * 1000, this.#options.mostBytes);
    if (wanted) {
      this.#endAt = undefined;
      if (this.#recording) return;
      this.#recording = true;
      for (const item of this.#preRoll?.take(performance.now()) ?? []) this.#wait(item);
      this.#handOver();
      return;
    }
    if (!this.#recording) return;
    this.#endAt ??= performance.now() + LONGEST_TAIL;
    if (!this.#preRoll || performance.now() >= this.#endAt) this.#end();
  }

  #take(item: StreamItem): void {
    if (this.#endAt !== undefined) {
      const isKey = isPicture(item) && item.key;
      if (isKey || performance.now() >= this.#endAt) {
        this.#end();
        this.#options.ended();
      }
    }
    if (this.#recording) {
      this.#wait(item);
      this.#handOver();
    } else this.#preRoll?.push(item);
  }

  #wait(item: StreamItem): void {
    this.#backlog.push(item);
    this.#backlogBytes += item.data.length;
  }

  #handOver(): void {
    if (this.#ending > 0) return;
    let done = 0;
    for (const item of this.#backlog) {
      if (this.recorder.full && this.#backlogBytes <= MOST_WAITING) break;
      this.#push(item);
      this.#backlogBytes -= item.data.length;
      done++;
    }
    this.#backlog.splice(0, done);
  }

  #push(item: StreamItem): void {
    if (isPicture(item)) this.recorder.push(item);
    else this.recorder.pushSound(item);
  }

  /** What waits is written, then the file is closed; meanwhile the next recording waits. */
  #end(): void {
    this.#recording = false;
    this.#endAt = undefined;
    const rest = this.#backlog;
    this.#backlog = [];
    this.#backlogBytes = 0;
    this.#ending++;
    this.#ends = this.#ends.then(async () => {
      for (const item of rest) {
        if (this.recorder.full) await this.recorder.settled();
        this.#push(item);
      }
      await this.recorder.stop();
      this.#ending--;
      if (this.#recording) this.#handOver();
    });
  }

  /** All is in files, as far as the disk took it. */
  async close(): Promise<void> {
    for (const leave of this.#leave) leave();
    this.#preRoll = undefined;
    if (this.#recording) this.#end();
    await Promise.all([this.#ends, this.#coder?.close()]);
  }
}
