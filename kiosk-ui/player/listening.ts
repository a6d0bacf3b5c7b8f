/** Listening to one camera: one at a time on a page. What plays the sound is loaded when somebody listens. */
import type { LiveSoundState } from '../../daemon/schema.ts';
import type { LiveSocket } from './liveSocket.ts';
import type { SoundPlayer } from './sound/soundPlayer.ts';

/** `off`: nobody listens. `unplayable`: the browser cannot. `blocked`: it wants a touch first. Others: the box's word. */
export interface SoundOn {
  readonly state: LiveSoundState | 'off' | 'unplayable' | 'blocked';
}

export interface SoundEvents {
  state: (state: SoundOn['state']) => void;
  /** The level may be another one. */
  changed: () => void;
  /** Milliseconds; undefined: there is no picture. */
  pictureAge: () => number | undefined;
}

export interface Wish {
  readonly socket: LiveSocket | Promise<LiveSocket>;
  readonly stream: string;
  /** 0 to 1. */
  readonly volume: number;
  readonly pictureAge: () => number | undefined;
  readonly changed: () => void;
}

let current: Listening | undefined;

export class Listening {
  state: SoundOn['state'] = 'waiting';
  readonly #wish: Wish;
  /** Made and played at once: Apple's browsers let an element sound only where a touch began it. */
  readonly #audio = new Audio();
  #player: SoundPlayer | undefined;
  #closed = false;

  /** To be called where somebody touched the page. Who was listened to before is not any more. */
  constructor(wish: Wish) {
    current?.close();
    current = this;
    this.#wish = wish;
    this.volume = wish.volume;
    this.#audio.play().catch(() => {});
    void this.#play();
  }

  async #play(): Promise<void> {
    const { socket, stream, pictureAge, changed } = this.#wish;
    try {
      const [{ SoundPlayer }, live] = await Promise.all([import('./sound/soundPlayer.ts'), socket]);
      if (this.#closed) return;
      this.#player = new SoundPlayer(live, stream, this.#audio, {
        state: (state) => this.#say(state),
        changed,
        pictureAge,
      });
    } catch {
      this.#say('failed');
    }
  }

  #say(state: SoundOn['state']): void {
    this.state = state;
    this.#wish.changed();
  }

  get stream(): string {
    return this.#wish.stream;
  }

  set volume(volume: number) {
    this.#audio.volume = volume;
  }

  get level(): number | undefined {
    return this.#player?.level;
  }

  /** Milliseconds that what is heard is old. */
  get age(): number | undefined {
    return this.#player?.age;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#player?.close();
    this.#player = undefined;
    this.#audio.pause();
    if (current === this) current = undefined;
    this.#say('off');
  }
}
