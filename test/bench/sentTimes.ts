import type { Cameras, Profile } from './setUp.ts';

/** When a virtual camera sent its pictures. A number comes round again with each round of its clip, so it is asked every few seconds. */
export class SentTimes {
  readonly #url: string;
  /** By stamp, Unix milliseconds, in order. */
  #times = new Map<number, number[]>();
  #timer: NodeJS.Timeout | undefined;

  constructor({ control }: Cameras, camera: string, profile: Profile) {
    this.#url = `${control}/cameras/${camera}/sentAt?profile=${profile}`;
  }

  start(): void {
    this.#timer = setInterval(() => void this.read().catch(() => {}), 3_000);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async read(): Promise<void> {
    const { sentAt } = (await (await fetch(this.#url)).json()) as { sentAt: (number | null)[] };
    for (const [stamp, at] of sentAt.entries()) {
      if (at === null) continue;
      const known = this.#times.get(stamp) ?? [];
      if (known.at(-1) !== at) known.push(at);
      this.#times.set(stamp, known);
    }
  }

  /** Milliseconds from the sending of the picture with that stamp to `at`; undefined: it is not known. */
  delay(stamp: number, at: number): number | undefined {
    const sent = this.#times.get(stamp)?.findLast((time) => time <= at);
    return sent === undefined ? undefined : at - sent;
  }

  /** How many pictures were sent from the one time on, up to the other. */
  count(from: number, to: number): number {
    return [...this.#times.values()].flat().filter((at) => at >= from && at < to).length;
  }
}
