/** What the buffer must know of a packet. */
export interface Arrived {
  /** Milliseconds. */
  readonly arrival: number;
}

/**
 * Puts packets in order: holds those that came before their turn until the missing one comes, until it has been
 * waited for long enough, or until there is no room. Positions are sequence numbers counted on without wrapping.
 * With one slot it waits for nothing, which is right for TCP.
 */
export class ReorderBuffer<Packet extends Arrived> {
  readonly #slots: (Packet | undefined)[];
  readonly #patience: number;
  #next = 0;
  #missing = 0;
  #size = 0;

  /** `slots`: how many positions may be waited for, `patience`: how long (ms). */
  constructor(slots: number, patience: number) {
    this.#slots = new Array<Packet | undefined>(slots).fill(undefined);
    this.#patience = patience;
  }

  /** The position that is waited for. */
  get next(): number {
    return this.#next;
  }

  /** Begins anew at a position; what was held is gone. */
  start(position: number): void {
    this.#slots.fill(undefined);
    this.#size = 0;
    this.#missing = 0;
    this.#next = position;
  }

  /** Puts a packet in its place, at or after `next`. False where that place is taken: a duplicate. */
  put(position: number, packet: Packet, take: (packet: Packet, missing: number) => void): boolean {
    this.#passTo(position - this.#slots.length + 1, take);
    const slot = position % this.#slots.length;
    if (this.#slots[slot] !== undefined) return false;
    this.#slots[slot] = packet;
    this.#size++;
    this.#run(take);
    return true;
  }

  /** Gives up on what is missing before packets that have waited too long. */
  expire(now: number, take: (packet: Packet, missing: number) => void): void {
    while (this.#size > 0 && this.deadline! <= now) {
      while (this.#slots[this.#next % this.#slots.length] === undefined) this.#pass();
      this.#run(take);
    }
  }

  /** When the packet that has waited longest will have waited too long (ms); undefined while nothing waits. */
  get deadline(): number | undefined {
    if (this.#size === 0) return undefined;
    let oldest = Number.POSITIVE_INFINITY;
    for (const packet of this.#slots)
      if (packet !== undefined && packet.arrival < oldest) oldest = packet.arrival;
    return oldest + this.#patience;
  }

  #passTo(position: number, take: (packet: Packet, missing: number) => void): void {
    while (this.#next < position) {
      if (this.#slots[this.#next % this.#slots.length] === undefined) this.#pass();
      else this.#run(take);
    }
  }

  #pass(): void {
    this.#next++;
    this.#missing++;
  }

  /** Hands over everything that is complete from `next` on. */
  #run(take: (packet: Packet, missing: number) => void): void {
    for (;;) {
      const slot = this.#next % this.#slots.length;
      const packet = this.#slots[slot];
      if (packet === undefined) return;
      this.#slots[slot] = undefined;
      this.#size--;
      this.#next++;
      const missing = this.#missing;
      this.#missing = 0;
      take(packet, missing);
    }
  }
}
