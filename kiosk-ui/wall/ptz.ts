import { signal } from '@preact/signals';
import type { Ptz, PtzCommand } from '../../daemon/schema.ts';
import { readPtz, sendPtz } from '../api/client.ts';
import { language } from '../i18n/language.ts';
import { say } from '../i18n/wallTexts.ts';
import { ptzVector } from './ptzVector.ts';

/** Milliseconds. */
const AGAIN = 240;
const WHEEL_REST = 350;
const ERROR_SHOWN = 4_000;
/** Seconds that the camera goes on by itself if we vanish. */
const LEASE = 1;
const KEY_SPEED = 0.5;

type Move = Omit<Extract<PtzCommand, { action: 'move' }>, 'action' | 'seconds'>;

/** Moves the camera in full screen. It has no timer of its own: the page's one clock calls `tick`. */
export class PtzControl {
  /** What the camera can do; undefined while none that can be moved is in full screen. */
  readonly info = signal<Ptz | undefined>(undefined);
  /** Arrows and digits are the camera's. */
  readonly mode = signal(false);
  /** Where the pointer was pressed and where it is, CSS pixels. */
  readonly drag = signal<{ x: number; y: number; dx: number; dy: number } | undefined>(undefined);
  readonly error = signal('');
  #camera: string | undefined;
  #move: Move | undefined;
  #sentAt = 0;
  #busy = false;
  #moving = false;
  #wheelAt = -Infinity;
  #errorAt = 0;

  /** The camera in full screen; undefined where it cannot be moved, or not by us. */
  aim(camera: string | undefined): void {
    if (this.#camera === camera) return;
    this.stop();
    this.#camera = camera;
    this.info.value = undefined;
    this.mode.value = false;
    this.error.value = '';
    if (camera !== undefined) void this.#read(camera);
  }

  async #read(camera: string): Promise<void> {
    const answer = await readPtz(camera);
    if (this.#camera !== camera) return;
    if (!answer.ok) this.#fail(answer.message);
    else if (answer.value.supported) this.info.value = answer.value;
  }

  get usable(): boolean {
    return this.info.peek() !== undefined;
  }

  press(x: number, y: number): void {
    this.drag.value = { x, y, dx: 0, dy: 0 };
  }

  pull(x: number, y: number): void {
    const drag = this.drag.peek();
    if (!drag) return;
    const dx = x - drag.x;
    const dy = y - drag.y;
    this.drag.value = { ...drag, dx, dy };
    this.#go(ptzVector(dx, dy, Math.min(innerWidth, innerHeight)));
  }

  wheel(delta: number, now: number): void {
    if (delta === 0) return;
    this.#wheelAt = now;
    this.#go({ zoom: delta < 0 ? KEY_SPEED : -KEY_SPEED });
  }

  /** A key is held: -1, 0 or 1 to the right, up and closer. */
  key(pan: number, tilt: number, zoom: number): void {
    const speed = (part: number) => part * KEY_SPEED || 0;
    this.#go({ pan: speed(pan), tilt: speed(tilt), zoom: speed(zoom) });
  }

  preset(index: number): void {
    const preset = this.info.peek()?.presets[index]?.preset;
    if (preset !== undefined) this.#say({ action: 'preset', preset });
  }

  home(): void {
    this.#say({ action: 'home' });
  }

  /** The button, the key or the page was let go. */
  stop(): void {
    this.drag.value = undefined;
    this.#wheelAt = -Infinity;
    this.#go(undefined);
  }

  tick(now: number): void {
    if (this.#wheelAt > -Infinity && now - this.#wheelAt > WHEEL_REST) this.stop();
    if (this.#move && now - this.#sentAt >= AGAIN) this.#send();
    if (this.error.peek() !== '' && now - this.#errorAt > ERROR_SHOWN) this.error.value = '';
  }

  #go(move: Move | undefined): void {
    const begins = this.#move === undefined && move !== undefined;
    this.#move = move;
    if (begins || (move === undefined && this.#moving)) this.#send();
  }

  /** One command at a time, so that a stop never overtakes the move before it; the newest wish wins. */
  #send(): void {
    const camera = this.#camera;
    if (this.#busy || camera === undefined) return;
    const move = this.#move;
    if (!move && !this.#moving) return;
    this.#busy = true;
    this.#moving = move !== undefined;
    this.#sentAt = performance.now();
    const command: PtzCommand = move ? { action: 'move', ...move, seconds: LEASE } : { action: 'stop' };
    void sendPtz(camera, command).then((answer) => {
      this.#busy = false;
      if (!answer.ok) this.#fail(answer.message);
      if (!this.#move && this.#moving) this.#send();
    });
  }

  #say(command: PtzCommand): void {
    if (this.#camera === undefined) return;
    void sendPtz(this.#camera, command).then((answer) => {
      if (!answer.ok) this.#fail(answer.message);
    });
  }

  #fail(message: string): void {
    // The daemon's words are English.
    this.error.value = language.value === 'en' ? message : say('moveFailed');
    this.#errorAt = performance.now();
  }
}
