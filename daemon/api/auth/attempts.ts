/**
 * How often passwords may be tried. Pure: the caller brings the clock.
 *
 * An address that fails is made to wait longer and longer. A user name that others fail at costs strangers a short pause
 * and no more: whoever knows a name must not be able to lock its owner out. Sessions, the screen and tokens never come here.
 */
export interface AttemptLimits {
  /** Tries of one address that cost nothing. */
  readonly free: number;
  /** Seconds that an address waits at most. */
  readonly longest: number;
  /** Seconds without a try after which a failure is forgotten. */
  readonly memory: number;
  /** Wrong tries at one name, from wherever, before strangers are slowed. */
  readonly freeOfUser: number;
  /** Seconds that a stranger's try at such a name is held at most. */
  readonly pause: number;
  /** Addresses, and as many names, that are remembered. */
  readonly entries: number;
}

export const ATTEMPT_LIMITS: AttemptLimits = {
  free: 5,
  longest: 300,
  memory: 900,
  freeOfUser: 10,
  pause: 1,
  entries: 10_000,
};

/** hold: seconds to wait before the password is looked at · refused: seconds after which it may be tried again */
export type Verdict = { readonly hold: number } | { readonly refused: number };

interface Failures {
  count: number;
  last: number;
  /** The only user that was tried from here; null: several were. */
  user: string | null;
}

export class Attempts {
  readonly #limits: AttemptLimits;
  readonly #addresses = new Map<string, Failures>();
  readonly #users = new Map<string, Failures>();

  constructor(limits: AttemptLimits = ATTEMPT_LIMITS) {
    this.#limits = limits;
  }

  /** Entries in memory. */
  get size(): number {
    return this.#addresses.size + this.#users.size;
  }

  /**
   * A try begins, and counts as failed until `succeeded` or `withdrawn`: many at the same time must not all slip through.
   * Refused ones do not count, so that the wait ends.
   * @param now seconds · @param known the user signed in from this address before
   */
  begin(address: string, user: string, now: number, known: boolean): Verdict {
    const wait = this.#waitOf(address, now);
    if (wait > 0) return { refused: wait };
    this.#count(this.#addresses, address, user, now);
    const failures = this.#count(this.#users, user, user, now) - 1;
    const over = failures - this.#limits.freeOfUser;
    return { hold: known || over < 0 ? 0 : Math.min(0.1 * 2 ** over, this.#limits.pause) };
  }

  /** The password was right. Who also tried other users from that address is not forgiven. */
  succeeded(address: string, user: string): void {
    this.withdrawn(address, user);
    if (this.#addresses.get(address)?.user === user) this.#addresses.delete(address);
  }

  /** It was not looked at. */
  withdrawn(address: string, user: string): void {
    for (const [map, key] of [
      [this.#addresses, address],
      [this.#users, user],
    ] as const) {
      const entry = map.get(key);
      if (entry && --entry.count <= 0) map.delete(key);
    }
  }

  /** Seconds; 1, 2, 4, … from the last try that counted. */
  #waitOf(address: string, now: number): number {
    const entry = this.#addresses.get(address);
    if (!entry || entry.count < this.#limits.free || this.#isForgotten(entry, now)) return 0;
    const delay = Math.min(2 ** Math.min(entry.count - this.#limits.free, 30), this.#limits.longest);
    // A clock that was set back must not make it longer.
    return Math.min(Math.max(0, entry.last + delay - now), delay);
  }

  #count(map: Map<string, Failures>, key: string, user: string, now: number): number {
    const before = map.get(key);
    const entry =
      before && !this.#isForgotten(before, now)
        ? { count: before.count + 1, last: now, user: before.user === user ? user : null }
        : { count: 1, last: now, user };
    // Maps keep their order: the one that was tried longest ago comes first, and goes first.
    map.delete(key);
    map.set(key, entry);
    if (map.size > this.#limits.entries) map.delete(map.keys().next().value as string);
    return entry.count;
  }

  #isForgotten(entry: Failures, now: number): boolean {
    return now - entry.last > this.#limits.memory;
  }
}

/**
 * What counts as one address: an IPv4 address, however written, or the 64 bits of an IPv6 address that a network gives to
 * one customer, who has all the others in it for nothing.
 */
export function networkOf(address: string): string {
  const v4 = /^(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (v4 !== undefined) return v4;
  const [head = '', tail] = (address.split('%')[0] ?? '').toLowerCase().split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = [...front, ...Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0'), ...back];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
