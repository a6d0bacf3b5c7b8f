import type { AccessUnit, AudioParameters, VideoParameters } from '../frame.ts';
import { jpegSize } from '../jpeg/jpegSize.ts';
import { type IngestCounters, newCounters } from './counters.ts';
import { IngestError } from './ingestError.ts';
import { jpegVideo } from './jpegVideo.ts';
import type { SourceSession, SourceSink, SourceTransport } from './sourceSession.ts';

/** What sources of JPEGs have in common that come one by one, with nothing beside them: no sound, no time of their own, no pause. */
export abstract class JpegSource implements SourceSession {
  readonly counters: IngestCounters;
  readonly canPause = false;
  readonly hasAudio = false;
  readonly audio: AudioParameters | undefined = undefined;
  readonly keepAliveSuspect = false;
  readonly staleSession = false;
  abstract readonly loginWorked: boolean;
  readonly #sink: SourceSink;
  readonly #transport: SourceTransport;
  #video: VideoParameters | undefined;
  #firstAt: number | undefined;
  #mediaTime = -1;

  constructor(sink: SourceSink, transport: SourceTransport, counters = newCounters()) {
    this.counters = counters;
    this.#sink = sink;
    this.#transport = transport;
  }

  abstract run(signal: AbortSignal): Promise<'ended' | 'aborted'>;

  get soundTrial() {
    return { refused: false, setUp: false, picture: this.playing };
  }

  async pause(): Promise<void> {
    throw new IngestError('unsupported', 'pictures that come one by one cannot be paused', {
      place: 'PAUSE',
    });
  }

  async resume(): Promise<void> {}

  /** A picture came. */
  protected get playing(): boolean {
    return this.counters.frames_received > 0;
  }

  /** Hands a picture on. @returns undefined: it is none, which is counted */
  protected take(picture: Buffer): AccessUnit | undefined {
    const receivedAt = performance.now();
    const size = jpegSize(picture);
    if (!size || size.width === 0 || size.height === 0) {
      this.counters.frames_dropped++;
      return undefined;
    }
    if (!this.playing) this.#sink.playing({ transport: this.#transport });
    this.#firstAt ??= receivedAt;
    // Several may come in one piece.
    this.#mediaTime = Math.max(receivedAt - this.#firstAt, this.#mediaTime + 1);
    this.#video = jpegVideo(size, this.#video);
    this.counters.frames_received++;
    this.counters.key_frames++;
    this.counters.last_frame_time = Date.now() / 1000;
    // A copy: the piece that it came in is often much larger.
    const data = Buffer.from(picture);
    const unit = { video: this.#video, data, key: true, mediaTime: this.#mediaTime, receivedAt };
    this.#sink.accessUnit(unit);
    return unit;
  }
}
