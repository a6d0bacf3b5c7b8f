import { signal } from '@preact/signals';
import type { Loudspeaker, TalkEvent } from '../../daemon/schema.ts';
import { request } from '../api/request.ts';
import { type Microphone, MicrophoneError, type NoMicrophone, openMicrophone } from './microphone.ts';

/** none: this camera has no loudspeaker, or it is not known yet */
export type TalkState = 'none' | 'off' | 'opening' | 'talking';

/** Talks through the camera in full screen, while its button is on. */
export class TalkControl {
  readonly state = signal<TalkState>('none');
  /** What went wrong: in the box's words, or the reason why the browser gives no microphone. */
  readonly error = signal<{ message: string } | { why: NoMicrophone } | undefined>(undefined);
  #camera: string | undefined;
  #socket: WebSocket | undefined;
  #microphone: Microphone | undefined;
  /** Counts what was begun: what is heard of an earlier one is late. */
  #turn = 0;

  /** The camera in full screen; undefined: none. */
  aim(camera: string | undefined): void {
    if (this.#camera === camera) return;
    this.stop();
    this.#camera = camera;
    this.state.value = 'none';
    this.error.value = undefined;
    if (camera !== undefined) void this.#find(camera);
  }

  async #find(camera: string): Promise<void> {
    const path = `/api/cameras/${encodeURIComponent(camera)}/loudspeaker`;
    const answer = await request<Loudspeaker>('GET', path, undefined, { timeout: 15_000 });
    if (this.#camera === camera && answer.ok && answer.value.supported) this.state.value = 'off';
  }

  toggle(): void {
    const { value } = this.state;
    if (value === 'off') void this.#start();
    else if (value !== 'none') this.stop();
  }

  /** Safe at any time. */
  stop(): void {
    this.#turn++;
    this.#socket?.close();
    this.#socket = undefined;
    this.#microphone?.close();
    this.#microphone = undefined;
    if (this.state.peek() !== 'none') this.state.value = 'off';
  }

  async #start(): Promise<void> {
    const turn = ++this.#turn;
    this.state.value = 'opening';
    this.error.value = undefined;
    try {
      const microphone = await openMicrophone((samples) => {
        // Nothing is kept for later: what was said is old by then.
        if (turn === this.#turn && this.state.peek() === 'talking') this.#socket?.send(samples);
      });
      if (turn !== this.#turn) return microphone.close();
      this.#microphone = microphone;
      this.#open(turn, microphone.sampleRate);
    } catch (error) {
      if (turn !== this.#turn) return;
      this.stop();
      this.error.value =
        error instanceof MicrophoneError ? { why: error.why } : { message: (error as Error).message };
    }
  }

  #open(turn: number, sampleRate: number): void {
    const { protocol, host } = location;
    const path = `/api/cameras/${encodeURIComponent(this.#camera ?? '')}/talk?sample_rate=${sampleRate}`;
    const socket = new WebSocket(`${protocol.replace('http', 'ws')}//${host}${path}`);
    this.#socket = socket;
    socket.onmessage = ({ data }: MessageEvent<string>) => {
      const event = JSON.parse(data) as TalkEvent;
      if (turn !== this.#turn) return;
      if (event.type === 'talking') this.state.value = 'talking';
      else this.error.value = { message: event.message };
    };
    socket.onclose = ({ reason }) => {
      if (turn !== this.#turn) return;
      this.stop();
      this.error.value ??= { message: reason };
    };
  }
}
