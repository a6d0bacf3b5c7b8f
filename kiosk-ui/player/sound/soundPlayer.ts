import type { SoundEvents, SoundOn } from '../listening.ts';
import type { LiveEventOf } from '../liveEvent.ts';
import type { SoundPart } from '../liveMessage.ts';
import type { LiveSocket } from '../liveSocket.ts';
import { attachMediaSource } from '../mediaSources.ts';
import { SoundBuffer } from './soundBuffer.ts';
import { SoundEdge, soundTarget } from './soundEdge.ts';
import { SoundMeter } from './soundMeter.ts';

/** Milliseconds. */
const BEAT = 250;
/** After a failure it begins anew. */
const RETRY_PAUSE = 1_000;
/** Seconds that are in hand before it begins. */
const FIRST_IN_HAND = 0.15;
/** Milliseconds: sound has to do with no picture that is older. */
const OLD_PICTURE = 2_000;
/** Milliseconds without sound after which it is not called sound any more. */
const SILENT = 3_000;

/** The sound of one stream in an `<audio>` of its own, beside the picture of its moment. It lives once. */
export class SoundPlayer {
  readonly #socket: LiveSocket;
  readonly #audio: HTMLAudioElement;
  readonly #events: SoundEvents;
  readonly #edge = new SoundEdge();
  readonly #beatTimer = setInterval(() => this.#beat(), BEAT);
  readonly #stream: string;
  #unlisten: () => void = () => {};
  #retry: ReturnType<typeof setTimeout> | undefined;
  #detach: () => void = () => {};
  #buffer: SoundBuffer | undefined;
  #meter: SoundMeter | undefined;
  #begun = false;
  #takenAt = 0;
  #said: SoundOn['state'] = 'waiting';
  #closed = false;

  constructor(socket: LiveSocket, stream: string, audio: HTMLAudioElement, events: SoundEvents) {
    this.#socket = socket;
    this.#audio = audio;
    this.#events = events;
    this.#stream = stream;
    audio.onwaiting = () => {
      if (this.#begun && !audio.seeking) this.#edge.starved(performance.now());
    };
    audio.onerror = () => this.#fail(audio.error?.message || 'the sound stopped');
    this.#meter = SoundMeter.of(audio);
    this.#begin();
  }

  /** 0 to 1; undefined: not known in this browser. */
  get level(): number | undefined {
    return this.#meter?.level;
  }

  /** Milliseconds that what is heard is old. */
  get age(): number | undefined {
    const played = this.#buffer?.playedTime;
    const now = this.#socket.clock.boxTime(performance.now());
    return played === undefined || now === undefined || !this.#begun ? undefined : now - played;
  }

  #begin(): void {
    const attached = attachMediaSource(this.#audio);
    if (!attached) {
      queueMicrotask(() => this.#say('unplayable'));
      return;
    }
    this.#detach = attached.detach;
    this.#begun = false;
    this.#buffer = new SoundBuffer(attached.source, this.#audio, {
      appended: () => this.#appended(),
      failed: (why) => this.#fail(why),
    });
    // Last: what the box sends first describes the rest.
    this.#unlisten = this.#socket.listenTo(this.#stream, {
      sound: (event) => this.#told(event),
      part: (part) => this.#take(part),
    });
  }

  #told({ state }: LiveEventOf<'sound'>): void {
    if (state !== 'on') this.#say(state);
  }

  #take(part: SoundPart): void {
    if (part.kind === 'soundInit') {
      if (this.#buffer?.init(part.data) === false) this.#say('unplayable');
      return;
    }
    this.#takenAt = performance.now();
    if (this.#begun) this.#steer();
    this.#buffer?.fragment(part.data, part.time);
  }

  #steer(): void {
    const audio = this.#audio;
    const end = this.#buffer?.end;
    if (end === undefined || audio.seeking) return;
    const age = this.age;
    const pictureAge = this.#events.pictureAge();
    const seen = pictureAge !== undefined && pictureAge < OLD_PICTURE && !document.hidden;
    const late = seen && age !== undefined ? (age - pictureAge) / 1000 : undefined;
    const { rate, jump } = this.#edge.arrived(Math.max(0, end - audio.currentTime), late, performance.now());
    if (jump > 0) audio.currentTime += jump;
    if (audio.playbackRate !== rate) audio.playbackRate = rate;
  }

  #appended(): void {
    const audio = this.#audio;
    const { end } = this.#buffer ?? {};
    const { buffered } = audio;
    if (this.#closed || end === undefined) return;
    if (!this.#begun && end - buffered.start(0) >= FIRST_IN_HAND) {
      this.#begun = true;
      audio.currentTime = Math.max(buffered.start(0), end - FIRST_IN_HAND - soundTarget(0));
    }
    const next = this.#begun && !audio.seeking ? this.#buffer?.behindHole : undefined;
    if (next !== undefined) audio.currentTime = next + 0.01;
    this.#run();
  }

  #run(): void {
    const audio = this.#audio;
    if (this.#closed || !this.#begun) return;
    this.#meter?.resume();
    if (audio.paused)
      audio.play().catch((error: Error) => {
        if (error.name === 'NotAllowedError') this.#say('blocked');
      });
    else this.#say('on');
  }

  #beat(): void {
    if (this.#begun) this.#run();
    if (this.#said === 'on' && performance.now() - this.#takenAt > SILENT) this.#say('waiting');
    this.#events.changed();
  }

  #say(state: SoundOn['state']): void {
    if (this.#closed || state === this.#said) return;
    if (state === 'on' && performance.now() - this.#takenAt > SILENT) return;
    this.#said = state;
    this.#events.state(state);
  }

  /** Once more with a source of its own: what came before is of no use any more. */
  #fail(why: string): void {
    if (this.#closed || this.#retry !== undefined) return;
    console.warn(`walleye: sound: ${why}`);
    this.#leave();
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#begin();
    }, RETRY_PAUSE);
  }

  #leave(): void {
    this.#unlisten();
    this.#buffer?.close();
    this.#buffer = undefined;
    this.#begun = false;
    this.#detach();
    this.#detach = () => {};
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#beatTimer);
    clearTimeout(this.#retry);
    const audio = this.#audio;
    audio.onwaiting = audio.onerror = null;
    audio.pause();
    this.#leave();
    this.#meter?.close();
  }
}
