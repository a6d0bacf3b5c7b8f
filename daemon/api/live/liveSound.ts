import type { SoundViewer } from '../../camera/streamSound.ts';
import type { LiveViewer } from '../../fanout/live/liveViewer.ts';
import { soundInitPayload } from '../../fanout/live/message.ts';
import type { SoundFragment } from '../../mp4/soundFragments.ts';
import type { LiveEvent } from '../../schema.ts';
import type { Cameras } from '../deps.ts';

export type SoundEvent = Extract<LiveEvent, { type: 'sound' }>;

export interface LiveSoundOptions {
  /** The number in the headers of its messages. */
  tile: number;
  stream: string;
  cameras: Pick<Cameras, 'camera' | 'stream' | 'soundOf'>;
  viewer: LiveViewer;
  tell: (event: LiveEvent) => void;
}

/** The sound that a viewer listens to: of the stream asked for, or of another one of the same camera where only that has some. */
export class LiveSound implements SoundViewer {
  readonly tile: number;
  /** The stream that was asked for. */
  readonly wished: string;
  readonly #options: LiveSoundOptions;
  #stream: string | undefined;
  #release: () => void = () => {};
  #feed = 0;
  #codec: string | null = null;
  #told = '';
  #closed = false;

  constructor(options: LiveSoundOptions) {
    this.#options = options;
    this.tile = options.tile;
    this.wished = options.stream;
    this.look();
  }

  /** Brings it to where the sound is, and says what is new. To be called whenever a stream's state changed. */
  look(): void {
    if (this.#closed) return;
    const stream = this.#choose();
    if (stream !== this.#stream && !this.#open(stream)) return;
    const { soundState } = this.#options.cameras.soundOf(stream);
    // Before its first fragment the codec is not known: a box that codes it anew names another than the camera.
    const state = soundState === 'on' && this.#codec === null ? 'waiting' : soundState;
    this.#tell(state, state === 'on' ? this.#codec : null, null);
  }

  #choose(): string {
    const { cameras } = this.#options;
    const has = (stream: string) =>
      cameras.soundOf(stream).soundState === 'on' || cameras.soundOf(stream).audio;
    const all = cameras.camera(cameras.stream(this.wished)?.camera ?? '')?.streams ?? [];
    const known = all.some(({ name }) => name === this.wished);
    if (!known || has(this.wished)) return this.wished;
    return all.find(({ name, state }) => state !== 'stopped' && has(name))?.name ?? this.wished;
  }

  #open(stream: string): boolean {
    const { cameras, viewer, tile } = this.#options;
    this.#leave();
    this.#feed = viewer.beginSound(tile);
    this.#codec = null;
    try {
      this.#release = cameras.soundOf(stream).openSound(this);
      this.#stream = stream;
      return true;
    } catch (error) {
      this.#tell('failed', null, error instanceof Error ? error.message : 'The sound could not be opened.');
      return false;
    }
  }

  offer({ kind, data, codec, time }: SoundFragment): void {
    const { viewer } = this.#options;
    const head = { receivedAt: time, key: true, past: false };
    if (kind === 'sound') {
      viewer.offerSound(this.#feed, { kind: 'sound', payload: data, ...head });
      return;
    }
    this.#codec = codec;
    // Before what it is about.
    this.#tell('on', codec, null);
    viewer.offerSound(this.#feed, { kind: 'soundInit', payload: soundInitPayload(codec, data), ...head });
  }

  /** The stream was stopped or removed. */
  end(): void {
    this.#stream = undefined;
    this.#tell('failed', null, `Stream ${this.wished} was stopped or removed.`);
  }

  #tell(state: SoundEvent['state'], codec: string | null, message: string | null): void {
    const stream = this.#stream ?? this.wished;
    const event: SoundEvent = {
      type: 'sound',
      tile: this.tile,
      feed: this.#feed,
      stream,
      state,
      codec,
      message,
    };
    const said = JSON.stringify(event);
    if (said === this.#told || this.#closed) return;
    this.#told = said;
    this.#options.tell(event);
  }

  #leave(): void {
    const release = this.#release;
    this.#release = () => {};
    this.#stream = undefined;
    this.#options.viewer.endSound();
    release();
  }

  close(): void {
    this.#leave();
    this.#closed = true;
  }
}
