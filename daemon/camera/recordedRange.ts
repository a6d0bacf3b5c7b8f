import { type Piece, PieceReader } from '../record/pieces.ts';
import { RangeFile } from '../record/rangeFile.ts';
import { planRange, type RangePlan } from '../record/rangePlan.ts';
import { type Footage, MOST_BEFORE } from './footage.ts';

/** Plans are kept: a player that jumps about asks for the same file again and again, and it must be the same. */
const MOST_KEPT = 16;

/** Ranges of a camera's recordings, each as one file. */
export class RecordedRanges {
  readonly #footage: Footage;
  #kept = new Map<string, RangeFile<Piece>>();

  constructor(footage: Footage) {
    this.#footage = footage;
  }

  /**
   * @param from Unix milliseconds @param again somebody reads on in what he was told of before: a range that is being written
   * has not grown for him
   * @throws CameraError `camera_not_found`, `nothing_recorded`, 503
   */
  async file(camera: string, from: number, until: number, again: boolean): Promise<RangeFile<Piece>> {
    const key = `${camera} ${from} ${until}`;
    const kept = this.#kept.get(key);
    if (kept && again) return kept;
    const file = new RangeFile(await this.plan(camera, from, until));
    this.#kept.delete(key);
    this.#kept.set(key, file);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MOST_KEPT) break;
      this.#kept.delete(oldest);
    }
    return file;
  }

  /** @throws CameraError `camera_not_found`, `nothing_recorded`, 503 */
  async plan(camera: string, from: number, until: number): Promise<RangePlan<Piece>> {
    this.#footage.require(camera);
    const found = await this.#footage.find(camera, from, until);
    const pieces = found.map(
      ({ segment, path, layout }): Piece => ({ from: segment.from, segment, path, layout }),
    );
    const plan = planRange(pieces, { from, until, mostBefore: MOST_BEFORE });
    if (!plan) throw this.#footage.nothing(camera, from);
    return plan;
  }
}

/** Bytes of a range, and every file closed at the end, however that comes. */
export async function* bytesOf(file: RangeFile<Piece>, first: number, end: number): AsyncGenerator<Buffer> {
  const reader = new PieceReader();
  try {
    yield* file.read(first, end, (piece) => reader.open(piece));
  } finally {
    await reader.close();
  }
}
