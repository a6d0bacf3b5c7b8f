/** Seconds; two short tones, as a door bell has them. */
const NOTES = [
  { at: 0, frequency: 988, length: 0.16 },
  { at: 0.18, frequency: 740, length: 0.3 },
];
const VOLUME = 0.25;
/** Milliseconds for which a tone that the browser did not allow is still worth playing. */
const WORTH = 10_000;

/** The sound of an alarm, made here: no file, and nothing is open while it is silent. */
export class Tone {
  #context: AudioContext | undefined;
  #owedSince = -Infinity;

  /** Browsers play nothing before somebody has touched the page; then it is played if that is soon. */
  play(now: number): void {
    this.#owedSince = now;
    this.#try();
  }

  /** Somebody touched the page. */
  touched(now: number): void {
    if (now - this.#owedSince < WORTH) this.#try();
  }

  #try(): void {
    try {
      this.#context ??= new AudioContext();
    } catch {
      return; // no sound card
    }
    const context = this.#context;
    const sound = () => {
      if (context.state !== 'running' || this.#owedSince === -Infinity) return;
      this.#owedSince = -Infinity;
      for (const note of NOTES) ring(context, note);
    };
    if (context.state === 'running') sound();
    else context.resume().then(sound, () => {});
  }
}

function ring(context: AudioContext, { at, frequency, length }: (typeof NOTES)[number]): void {
  const begin = context.currentTime + at;
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  oscillator.frequency.value = frequency;
  gain.gain.setValueAtTime(VOLUME, begin);
  gain.gain.exponentialRampToValueAtTime(0.001, begin + length);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(begin);
  oscillator.stop(begin + length);
}
