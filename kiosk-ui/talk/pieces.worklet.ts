/** In the browser's audio thread: what the microphone hears, in pieces of 20 ms, as samples of 16 bits. */

declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;
declare const sampleRate: number;

/** Samples of a piece. */
const SIZE = Math.round(sampleRate / 50);

class Pieces extends AudioWorkletProcessor {
  #piece = new Int16Array(SIZE);
  #filled = 0;

  process([input]: Float32Array[][]): boolean {
    for (const value of input?.[0] ?? []) {
      this.#piece[this.#filled++] = Math.max(-1, Math.min(1, value)) * 32_767;
      if (this.#filled < SIZE) continue;
      this.port.postMessage(this.#piece.buffer, [this.#piece.buffer]);
      this.#piece = new Int16Array(SIZE);
      this.#filled = 0;
    }
    return true;
  }
}

registerProcessor('pieces', Pieces);
