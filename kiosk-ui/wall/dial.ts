/** Milliseconds between two digits of one number. */
const PATIENCE = 1_300;

/** What a digit has led to: the tile's position is known, another digit may follow, or there is no such tile. */
export type Dialled = { position: number } | 'waiting' | 'nothing';

/**
 * Dials tiles by their numbers, 1 the first. Up to ten tiles have one digit each, 0 being the tenth; beyond, two digits
 * are typed quickly, and a digit that cannot be the first of two counts at once.
 */
export class Dial {
  #digits = '';
  #since = 0;

  /** What has been typed so far. */
  get digits(): string {
    return this.#digits;
  }

  /** @param tiles how many there are. @param now milliseconds */
  push(digit: number, tiles: number, now: number): Dialled {
    if (now - this.#since > PATIENCE) this.#digits = '';
    this.#since = now;
    if (tiles <= 10) return tileOf(digit === 0 ? 10 : digit, tiles);
    this.#digits += digit;
    if (this.#digits.length < 2 && digit * 10 <= tiles) return 'waiting';
    return this.#take(tiles);
  }

  /** The number is complete: somebody pressed Enter. */
  finish(tiles: number): Dialled {
    return this.#digits === '' ? 'nothing' : this.#take(tiles);
  }

  /** Undefined while another digit may follow, or when nothing is dialled. */
  tick(tiles: number, now: number): Dialled | undefined {
    if (this.#digits === '' || now - this.#since <= PATIENCE) return undefined;
    return this.#take(tiles);
  }

  clear(): void {
    this.#digits = '';
  }

  #take(tiles: number): Dialled {
    // A lone 0 is the tenth, as on small walls.
    const number = this.#digits === '0' ? 10 : Number(this.#digits);
    this.#digits = '';
    return tileOf(number, tiles);
  }
}

function tileOf(number: number, tiles: number): Dialled {
  return number >= 1 && number <= tiles ? { position: number - 1 } : 'nothing';
}

/** The number on a tile's key. */
export function keyOf(position: number, tiles: number): string {
  return tiles <= 10 && position === 9 ? '0' : String(position + 1);
}
