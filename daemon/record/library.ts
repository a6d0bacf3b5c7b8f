import { createHash } from 'node:crypto';
import { access, constants, mkdir, rmdir, stat, statfs, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { toRead, toWrite } from './diskTurns.ts';
import { type Reconciled, reconcile } from './reconcile.ts';
import { outdated } from './retention.ts';
import { type Segment, SegmentIndex } from './segmentIndex.ts';
import { KEPT } from './segmentName.ts';

export interface LibraryRules {
  days: (camera: string) => number | undefined;
  mostBytes: number | undefined;
  /** Bytes that stay free on the disk. */
  leastFree: number;
}

/** Segments that are looked at in one round; the next round goes on. */
const ROUND = 500;

/** No segment may go any more, and there is no room. */
export class NoRoom extends Error {
  readonly code = 'EDQUOT';
}

/** The disk was taken away, and the folder lies on the one below now, or on another one. */
export class FolderGone extends Error {
  readonly code = 'folder_unmounted';
}

/** All segments in one folder, and that they take no more room than they may. */
export class Library {
  readonly folder: string;
  readonly index: SegmentIndex;
  rules: LibraryRules;
  /** Bytes of what lies there besides, exports, and counts too. */
  otherBytes = 0;
  /** Segments that somebody reads, and how many do: they stay meanwhile. */
  #held = new Map<number, number>();
  #tidying: Promise<void> = Promise.resolve();
  /** Of the file system on which it was opened. */
  readonly #device: number;

  readonly #walk: ReturnType<typeof reconcile>;

  private constructor(folder: string, device: number, index: SegmentIndex, rules: LibraryRules) {
    this.folder = folder;
    this.index = index;
    this.rules = rules;
    this.#device = device;
    this.#walk = reconcile({ folder, device }, index);
  }

  /**
   * Makes the folder where it is not there; its parent must be.
   *
   * @param indexes folder of the box's own, for what is known of this and other folders of recordings
   * @throws errors of the file system
   */
  static async open(folder: string, indexes: string, rules: LibraryRules): Promise<Library> {
    // Not `recursive`: below /proc Node's own never returns.
    for (const one of [folder, indexes]) await toWrite(() => makeFolder(one));
    await toRead(() => access(folder, constants.W_OK));
    const { dev } = await toRead(() => stat(folder));
    const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
    return new Library(folder, dev, new SegmentIndex(join(indexes, `${name}.sqlite`)), rules);
  }

  /** The index says what lies in the folder, up to what could not be read. */
  get reconciled(): Promise<Reconciled> {
    return this.#walk.done;
  }

  /** To be asked before anything is changed there. @throws FolderGone, errors of the file system */
  async check(): Promise<void> {
    const { dev } = await toRead(() => stat(this.folder));
    if (dev === this.#device) return;
    throw new FolderGone(
      `The disk of ${this.folder} was taken away. Nothing is recorded until it is there again.`,
    );
  }

  async disk(): Promise<{ total: number; free: number }> {
    const { blocks, bavail, bsize } = await toRead(() => statfs(this.folder));
    return { total: blocks * bsize, free: bavail * bsize };
  }

  /** Takes away what is too old, and the oldest until `bytes` more fit. @throws NoRoom */
  async makeRoom(bytes: number): Promise<void> {
    const { mostBytes } = this.rules;
    const fits = () => mostBytes === undefined || this.index.bytes + this.otherBytes + bytes <= mostBytes;
    if (fits()) return;
    await this.tidy(bytes);
    if (fits()) return;
    throw new NoRoom(
      `Recordings may take ${mostBytes} bytes, and all that there are are protected or being written.`,
    );
  }

  /** One round at a time. @param bytes that shall fit besides */
  tidy(bytes = 0): Promise<void> {
    this.#tidying = this.#tidying.catch(() => {}).then(() => this.#tidy(bytes));
    return this.#tidying;
  }

  async #tidy(bytes: number): Promise<void> {
    await this.check();
    for (;;) {
      const { free } = await this.disk();
      const missing = Math.max(0, this.rules.leastFree + bytes - free);
      const segments = this.index.oldest(ROUND).filter(({ id }) => !this.#held.has(id));
      const rules = { now: Date.now(), days: this.rules.days, mostBytes: this.rules.mostBytes, missing };
      const gone = new Set(outdated(segments, this.index.bytes + this.otherBytes + bytes, rules));
      for (const segment of segments) if (gone.has(segment.id)) await this.remove(segment);
      if (gone.size < ROUND) return;
    }
  }

  /** No rule takes these away until the returned function is called. Somebody's own hand does. */
  hold(ids: readonly number[]): () => void {
    const count = (id: number, by: number) => {
      const holders = (this.#held.get(id) ?? 0) + by;
      if (holders > 0) this.#held.set(id, holders);
      else this.#held.delete(id);
    };
    for (const id of ids) count(id, 1);
    let held = true;
    return () => {
      if (held) for (const id of ids) count(id, -1);
      held = false;
    };
  }

  /** It stays whatever the rules say, wherever the disk goes. @throws FolderGone, errors of the file system */
  async protect({ id, path }: Segment, yes: boolean): Promise<void> {
    await this.check();
    const mark = join(this.folder, `${path}${KEPT}`);
    if (yes) await toWrite(() => writeFile(mark, '', { mode: 0o640, flush: true }));
    else await toWrite(() => unlinkIfThere(mark));
    this.index.protect(id, yes);
  }

  /** Its file and what is known of it. @throws FolderGone, errors of the file system but for a file that is not there */
  async remove({ id, path, protected: kept }: Segment): Promise<void> {
    await this.check();
    const file = join(this.folder, path);
    await toWrite(() => unlinkIfThere(file));
    if (kept) await toWrite(() => unlinkIfThere(`${file}${KEPT}`));
    this.index.remove(id);
    const day = dirname(path);
    if (this.index.hasDay(day)) return;
    // Files of its day may be begun again: a recorder makes the folder anew.
    await toWrite(() => rmdir(join(this.folder, day))).catch(() => {});
  }

  end(): void {
    this.#walk.end();
    this.index.end();
  }
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o750 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

async function unlinkIfThere(file: string): Promise<void> {
  await unlink(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}
