import { meterOf } from './meterLevel.ts';

/** Looks into what an `<audio>` plays. Undefined where the browser cannot do that: Apple’s fall silent when asked to. */
export class SoundMeter {
  readonly #context: AudioContext;
  readonly #analyser: AnalyserNode;
  readonly #samples: Float32Array<ArrayBuffer>;

  static of(audio: HTMLAudioElement): SoundMeter | undefined {
    const able = 'captureStream' in audio || 'mozCaptureStream' in audio;
    return able && typeof AudioContext !== 'undefined' ? new SoundMeter(audio) : undefined;
  }

  private constructor(audio: HTMLAudioElement) {
    this.#context = new AudioContext({ latencyHint: 'interactive' });
    this.#analyser = this.#context.createAnalyser();
    this.#analyser.fftSize = 1024;
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#context.createMediaElementSource(audio).connect(this.#analyser).connect(this.#context.destination);
    this.resume();
  }

  /** A context that began without a touch stands still. */
  resume(): void {
    if (this.#context.state === 'suspended') void this.#context.resume().catch(() => {});
  }

  get level(): number {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    return meterOf(this.#samples);
  }

  close(): void {
    void this.#context.close().catch(() => {});
  }
}
