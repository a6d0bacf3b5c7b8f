import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, open, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { Export } from '../schema.ts';

export const MEDIA = 'media.mp4';
export const PROVENANCE = 'provenance.json';
const STATE = 'export.json';
const FOLDER = 'exports';
/** Never a camera's day, which lies in the same folder where a camera is called `exports`. */
const ID = /^\d{8}T\d{6}Z-[0-9a-f]{8}$/;

export const KeptExport = Type.Interface([Export], { exported_by: Type.String() });
export type KeptExport = Static<typeof KeptExport>;

const compiled = Compile(KeptExport);

/** An id that is a folder's name. @param unix seconds @param random 8 hexadecimal digits */
export function exportId(unix: number, random: string): string {
  const time = new Date(unix * 1000).toISOString().replace(/[-:]|\.\d+/g, '');
  return `${time}-${random}`;
}

/** Exports beside the recordings that they were made of, each in a folder of its own: film, provenance, what is known of it. */
export class ExportFolder {
  readonly #folder: string;

  /** @param recordings the folder of recordings, which is there */
  constructor(recordings: string) {
    this.#folder = join(recordings, FOLDER);
  }

  path(id: string, file: string): string {
    if (!ID.test(id)) throw new TypeError(`${id} is no id of an export`);
    return join(this.#folder, id, file);
  }

  /** What is there, the oldest first; what nobody can read is passed over. Never throws. */
  read(): KeptExport[] {
    const found: KeptExport[] = [];
    try {
      for (const id of readdirSync(this.#folder)) {
        const kept = ID.test(id) && readState(this.path(id, STATE));
        if (kept && kept.id === id) found.push(kept);
      }
    } catch {
      // Not there yet, or the disk was taken away.
    }
    return found.sort((a, b) => a.created - b.created);
  }

  /** Bytes of all that lies there. Never throws. */
  bytes(ids: readonly string[]): number {
    const sizes = ids.flatMap((id) =>
      [MEDIA, `${MEDIA}.part`, PROVENANCE].map(
        (file) => statSync(this.path(id, file), { throwIfNoEntry: false })?.size ?? 0,
      ),
    );
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  /** @throws errors of the file system */
  add(id: string): void {
    for (const folder of [this.#folder, join(this.#folder, id)])
      if (!existsSync(folder)) mkdirSync(folder, { mode: 0o750 });
  }

  /** All of it or nothing. @throws errors of the file system */
  async write(state: KeptExport): Promise<void> {
    await this.#replace(state.id, STATE, JSON.stringify(state));
  }

  async writeProvenance(id: string, provenance: unknown): Promise<void> {
    await this.#replace(id, PROVENANCE, `${JSON.stringify(provenance, null, 2)}\n`);
  }

  async #replace(id: string, file: string, text: string): Promise<void> {
    const path = this.path(id, file);
    await writeFile(`${path}.new`, text, { mode: 0o640, flush: true });
    await rename(`${path}.new`, path);
  }

  /** The film, while it is written. */
  async create(id: string): Promise<FileHandle> {
    return open(this.path(id, `${MEDIA}.part`), 'w', 0o640);
  }

  /** It is whole. */
  async finish(id: string): Promise<void> {
    await rename(this.path(id, `${MEDIA}.part`), this.path(id, MEDIA));
  }

  remove(id: string): void {
    rmSync(this.path(id, '.'), { recursive: true, force: true });
  }

  /** What a job that failed has left. */
  removeMedia(id: string): void {
    for (const file of [MEDIA, `${MEDIA}.part`, PROVENANCE]) rmSync(this.path(id, file), { force: true });
  }
}

function readState(file: string): KeptExport | undefined {
  try {
    const kept: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return compiled.Check(kept) ? kept : undefined;
  } catch {
    return undefined;
  }
}
