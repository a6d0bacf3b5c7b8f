/**
 * How often a camera was tried with credentials that it refused. Most makes lock an account after five to seven wrong
 * logins, some for half an hour, some until they are switched off and on: a search must never bring that about, nor
 * may ten searches in a row, nor a daemon that is started anew.
 */

/** Seconds that a refused login counts: longer than any lock-out window seen. */
const MEMORY = 3600;
/** Sets of remembered credentials tried on one device by itself. */
const MOST_REMEMBERED = 2;
/** Refused logins altogether; typed passwords count for two (a token, then Digest). */
const MOST_LOGINS = 6;
/** Something that invents addresses must not fill the memory. */
const MOST_DEVICES = 2048;

interface Attempt {
  /** Unix seconds. */
  readonly time: number;
  readonly logins: number;
  /** Id of the remembered credential; null: typed by somebody. */
  readonly credential: number | null;
}
export type KeptAttempts = Record<string, Attempt[]>;

export interface AttemptsKept {
  load(): KeptAttempts | undefined;
  /** Called before a login is tried, so that a process that dies meanwhile has counted it. */
  save(attempts: KeptAttempts): void;
}

/** A device goes by several keys (endpoint reference, host and port): the one with the most attempts counts. */
export class LoginAttempts {
  readonly #kept: AttemptsKept;
  readonly #now: () => number;
  readonly #devices: Map<string, Attempt[]>;

  /** @param now Unix seconds */
  constructor(kept: AttemptsKept, now: () => number = () => Date.now() / 1000) {
    this.#kept = kept;
    this.#now = now;
    this.#devices = new Map(Object.entries(kept.load() ?? {}));
  }

  /** May this remembered credential be tried by itself? Costs one login. */
  mayTry(keys: readonly string[], credential: number): boolean {
    return keys.every((key) => {
      const recent = this.#recent(key);
      const remembered = recent.filter((attempt) => attempt.credential !== null);
      return (
        remembered.length < MOST_REMEMBERED &&
        remembered.every((attempt) => attempt.credential !== credential) &&
        sum(recent) + 1 <= MOST_LOGINS
      );
    });
  }

  /** When a typed password may be tried, Unix seconds; undefined: now. */
  waitUntil(keys: readonly string[], logins: number): number | undefined {
    const times = keys.map((key) => {
      const recent = this.#recent(key);
      let left = sum(recent) + logins - MOST_LOGINS;
      for (const attempt of recent) {
        if (left <= 0) return 0;
        left -= attempt.logins;
        if (left <= 0) return attempt.time + MEMORY;
      }
      return 0;
    });
    const latest = Math.max(0, ...times);
    return latest === 0 ? undefined : latest;
  }

  /** To be called before the login is sent. */
  note(keys: readonly string[], attempt: Omit<Attempt, 'time'>): void {
    for (const key of keys) this.#devices.set(key, [...this.#recent(key), { ...attempt, time: this.#now() }]);
    for (const key of [...this.#devices.keys()]) {
      if (this.#devices.size > MOST_DEVICES || this.#recent(key).length === 0) this.#devices.delete(key);
    }
    this.#save();
  }

  /** It let us in: cameras forget wrong logins at a right one. */
  opened(keys: readonly string[]): void {
    const known = keys.filter((key) => this.#devices.delete(key));
    if (known.length > 0) this.#save();
  }

  /** In the order in which they were made. A clock that was set back must not keep them for ever. */
  #recent(key: string): Attempt[] {
    const now = this.#now();
    return (this.#devices.get(key) ?? []).filter(({ time }) => time <= now + 60 && now - time < MEMORY);
  }

  #save(): void {
    this.#kept.save(Object.fromEntries(this.#devices));
  }
}

function sum(attempts: readonly Attempt[]): number {
  return attempts.reduce((total, { logins }) => total + logins, 0);
}
