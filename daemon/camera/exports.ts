import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { ExportFolder, exportId, type KeptExport, MEDIA, PROVENANCE } from '../record/exportFolder.ts';
import { movieOf, segmentHash, writeMovie } from '../record/exportJob.ts';
import type { Library } from '../record/library.ts';
import { provenance } from '../record/provenance.ts';
import type { Export, ExportAsk } from '../schema.ts';
import { CameraError } from './cameraError.ts';
import type { Footage } from './footage.ts';
import type { RecordedRanges } from './recordedRange.ts';

const MOST = 20;
/** Seconds that they are kept. */
const KEPT = 7 * 86_400;
/** Milliseconds between two looks at what is too old, and at a disk that was not there. */
const ROUND = 60_000;

export interface ExportsOptions {
  footage: Footage;
  ranges: Pick<RecordedRanges, 'plan'>;
  cameras: { camera(id: string): { name: string } | undefined };
  /** What people call this box. */
  boxName: () => string;
  version: string;
  log: Logger;
}

/** It was deleted while it was made, or the daemon stops. */
class Abandoned extends Error {}

/** Films of what is recorded, for taking away. One is made at a time; they lie beside the recordings. */
export class Exports {
  readonly #options: ExportsOptions;
  #library: Library | undefined;
  #folder: ExportFolder | undefined;
  #known = new Map<string, KeptExport>();
  #wake: () => void = () => {};
  /** Id of the one that is being made. */
  #running: string | undefined;
  #stopped = false;

  constructor(options: ExportsOptions) {
    this.#options = options;
  }

  /** The newest first. @throws CameraError 503 */
  list(): Export[] {
    this.#open();
    return [...this.#known.values()].map(shown).toReversed();
  }

  /** @throws CameraError `export_not_found`, 503 */
  get(id: string): Export {
    return shown(this.#require(id));
  }

  /** @throws CameraError `camera_not_found`, `nothing_recorded`, `too_many_exports`, 503 */
  async add(ask: ExportAsk, exportedBy: string): Promise<Export> {
    // Whoever asks for what is not there is told at once.
    await this.#options.ranges.plan(ask.camera, ask.from * 1000, ask.to * 1000);
    const folder = this.#open();
    this.#makePlace();
    const created = Date.now() / 1000;
    const made: KeptExport = {
      ...ask,
      id: exportId(created, randomBytes(4).toString('hex')),
      ...{ state: 'waiting', progress: 0, actual_from: null, actual_to: null },
      ...{ bytes: null, sha256: null, error: null, created },
      exported_by: exportedBy,
    };
    try {
      folder.add(made.id);
      await folder.write(made);
    } catch (cause) {
      const message = `The export cannot be kept: ${(cause as Error).message}`;
      throw new CameraError(503, 'folder_unusable', message, { cause });
    }
    this.#known.set(made.id, made);
    this.#wake();
    return shown(made);
  }

  /** One that is being made is given up. @throws CameraError `export_not_found`, 503 */
  remove(id: string): void {
    this.#require(id);
    this.#known.delete(id);
    this.#folder?.remove(id);
    this.#count();
  }

  /** Of a film, or of what is said of its origin. @throws CameraError `export_not_found`, `export_not_done`, 503 */
  path(id: string, what: 'media' | 'provenance'): { path: string; export: Export } {
    const found = this.#require(id);
    if (found.state !== 'done') {
      const why = found.error?.message ?? 'It is not made yet: wait until its state is done.';
      throw new CameraError(409, 'export_not_done', why);
    }
    return {
      path: this.#open().path(id, what === 'media' ? MEDIA : PROVENANCE),
      export: shown(found),
    };
  }

  /** Makes what waits, until aborted. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => {
      this.#stopped = true;
      this.#wake();
    });
    while (!this.#stopped) {
      const next = this.#next();
      if (next) await this.#make(next);
      else await this.#sleep();
    }
  }

  #next(): KeptExport | undefined {
    try {
      this.#open();
    } catch {
      return undefined;
    }
    for (const { id, created } of [...this.#known.values()])
      if (Date.now() / 1000 - created > KEPT) this.remove(id);
    return [...this.#known.values()].find(({ state }) => state === 'waiting');
  }

  async #sleep(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ROUND);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => {};
  }

  async #make(made: KeptExport): Promise<void> {
    const folder = this.#open();
    const { log } = this.#options;
    this.#running = made.id;
    made.state = 'running';
    try {
      await folder.write(made);
      await this.#film(made, folder);
      made.state = 'done';
      made.progress = 1;
      await folder.write(made);
      log.info({ id: made.id, camera: made.camera, bytes: made.bytes }, 'exported');
    } catch (error) {
      // What was being made when the daemon ended is found as such at its next start.
      if (error instanceof Abandoned || this.#stopped) return;
      const { code = 'internal', message } = error as NodeJS.ErrnoException;
      log.warn({ err: error, id: made.id }, 'the export failed');
      Object.assign(made, { state: 'failed', error: { code: code.toLowerCase(), message } });
      folder.removeMedia(made.id);
      await folder.write(made).catch(() => {});
    } finally {
      this.#running = undefined;
      this.#count();
    }
  }

  async #film(made: KeptExport, folder: ExportFolder): Promise<void> {
    const { footage, ranges, cameras, boxName, version } = this.#options;
    const { library } = footage;
    const asked = { from: made.from * 1000, until: made.to * 1000 };
    const plan = await ranges.plan(made.camera, asked.from, asked.until);
    const used = [...new Set(plan.fragments.map(({ segment }) => segment))];
    const release = library.hold(used.map(({ segment }) => segment.id));
    try {
      const movie = await movieOf(plan, made.cut === 'exact' ? asked : undefined);
      await this.#makeRoom(library, movie.bytes);
      const all = movie.bytes + used.reduce((sum, { segment }) => sum + segment.bytes, 0);
      let done = 0;
      const tell = (bytes: number) => {
        if (this.#stopped || !this.#known.has(made.id)) throw new Abandoned();
        done += bytes;
        made.progress = Math.min(Math.round((done / all) * 1000) / 1000, 0.999);
      };
      const pieces: { piece: (typeof used)[number]; sha256: string }[] = [];
      for (const piece of used) pieces.push({ piece, sha256: await segmentHash(piece, tell) });
      const sha256 = await writeMovie(movie, folder, made.id, tell);
      Object.assign(made, {
        actual_from: movie.from / 1000,
        actual_to: movie.until / 1000,
        bytes: movie.bytes,
        sha256,
      });
      const said = provenance({
        ...{ box: boxName(), version, asked: { from: made.from, to: made.to }, cut: made.cut },
        camera: { id: made.camera, name: cameras.camera(made.camera)?.name ?? made.camera },
        ...{ actual: movie, plan, pieces, exportedAt: Date.now() / 1000, exportedBy: made.exported_by },
        media: { file: MEDIA, bytes: movie.bytes, sha256 },
      });
      await folder.writeProvenance(made.id, said);
    } finally {
      release();
    }
  }

  /** It counts as what recordings may take. @throws NoRoom, ENOSPC */
  async #makeRoom(library: Library, bytes: number): Promise<void> {
    await library.tidy(bytes);
    await library.makeRoom(bytes);
    const { free } = await library.disk();
    if (free < bytes)
      throw Object.assign(new Error(`The film has ${bytes} bytes, and the disk has no room for it.`), {
        code: 'ENOSPC',
      });
    library.otherBytes += bytes;
  }

  /** The oldest that is made gives way. @throws CameraError `too_many_exports` */
  #makePlace(): void {
    if (this.#known.size < MOST) return;
    const oldest = [...this.#known.values()].find(({ state }) => state === 'done' || state === 'failed');
    if (!oldest)
      throw new CameraError(409, 'too_many_exports', `${MOST} exports wait already. Delete one, or wait.`);
    this.remove(oldest.id);
  }

  #require(id: string): KeptExport {
    this.#open();
    const found = this.#known.get(id);
    if (found) return found;
    const message = `There is no export ${id}. GET /api/recordings/exports lists them.`;
    throw new CameraError(404, 'export_not_found', message);
  }

  /** What lies beside the recordings, wherever those are now. @throws CameraError 503 */
  #open(): ExportFolder {
    const { library } = this.#options.footage;
    if (this.#library === library && this.#folder) return this.#folder;
    const folder = new ExportFolder(library.folder);
    this.#library = library;
    this.#folder = folder;
    this.#known = new Map();
    for (const kept of folder.read()) {
      this.#known.set(kept.id, kept);
      if (kept.state !== 'running') continue;
      const message = 'The daemon ended while it was made. Export it once more.';
      Object.assign(kept, { state: 'failed', error: { code: 'interrupted', message } });
      folder.removeMedia(kept.id);
      void folder.write(kept).catch(() => {});
    }
    this.#count();
    return folder;
  }

  #count(): void {
    if (!this.#library || !this.#folder) return;
    const ids = [...this.#known.keys()].filter((id) => id !== this.#running);
    this.#library.otherBytes = this.#folder.bytes(ids);
  }
}

function shown({ exported_by: _, ...rest }: KeptExport): Export {
  return rest;
}
