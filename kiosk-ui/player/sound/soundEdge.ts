/** How near to the newest sound it is played, and how near to the picture. Pure. Seconds, unless said otherwise. */

export interface SoundView {
  /** The least that was in hand lately when a fragment came: so much was never needed. */
  readonly spare: number;
  /** Times lately that there was nothing left to play. */
  readonly starved: number;
  /** How much later the sound is heard than the picture of its moment is seen; negative: sooner. Undefined: there is no such picture. */
  readonly late: number | undefined;
}

export interface SoundOrder {
  readonly rate: number;
  /** Forward by so much at once; 0: not at all. */
  readonly jump: number;
}

/** In hand when a fragment comes, and for each time that it ran dry a little more. */
const IN_HAND = 0.04;
const EACH = 0.04;
const MOST_IN_HAND = 0.5;
/** More than that is jumped over: nobody wants to hear people hurry for seconds. */
const JUMP_FROM = 1;
/** Seconds to be made good, and the rate for them. Pitch stays; 5 % of speed nobody notices, 15 % for a moment few. */
const FASTER = [
  [0.4, 1.15],
  [0.15, 1.06],
  [0.04, 1.025],
] as const;
const SLOWER = [
  [0.3, 0.9],
  [0.08, 0.97],
] as const;

export function soundTarget(starved: number): number {
  return Math.min(IN_HAND + starved * EACH, MOST_IN_HAND);
}

/** Sound is brought to the picture: never nearer to the newest than is safe, and where there is no picture as near as that. */
export function steerSound({ spare, starved, late }: SoundView): SoundOrder {
  const room = spare - soundTarget(starved);
  const gain = late === undefined ? room : Math.min(room, late);
  if (gain >= JUMP_FROM) return { rate: 1, jump: gain };
  const faster = FASTER.find(([from]) => gain >= from);
  const slower = SLOWER.find(([from]) => gain <= -from);
  return { rate: faster?.[1] ?? slower?.[1] ?? 1, jump: 0 };
}

/** Milliseconds. */
const SPARE_MEMORY = 2_000;
const STARVED_MEMORY = 30_000;

/** What `steerSound` has to know of the past. Times in milliseconds of any clock, brought by the caller. */
export class SoundEdge {
  #spares: { at: number; spare: number }[] = [];
  #starved: number[] = [];

  /** A fragment is about to be added. @param inHand what there is left to play */
  arrived(inHand: number, late: number | undefined, now: number): SoundOrder {
    this.#spares.push({ at: now, spare: inHand });
    this.#spares = this.#spares.filter(({ at }) => now - at < SPARE_MEMORY);
    this.#starved = this.#starved.filter((at) => now - at < STARVED_MEMORY);
    const spare = Math.min(...this.#spares.map((one) => one.spare));
    const order = steerSound({ spare, starved: this.#starved.length, late });
    if (order.jump > 0) this.#spares = [];
    return order;
  }

  starved(now: number): void {
    this.#spares = [];
    this.#starved.push(now);
  }
}
