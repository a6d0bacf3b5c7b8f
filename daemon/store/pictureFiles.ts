import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { open, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { StoreError } from './storeError.ts';

/** Bytes of one picture; a larger one is not kept. */
export const MAX_PICTURE = 512 * 1024;
/** Behind the first marker stands a comment of ours: when the picture was taken, and the checksum of what follows. */
const COMMENT = /^walleye time=(\d{17}) crc32=([0-9a-f]{8}) $/;
/** SOI, COM, its length (which counts itself, but not the marker). */
const MARKERS = Buffer.from([0xff, 0xd8, 0xff, 0xfe, 0, 2 + 46]);
const HEAD = MARKERS.length + 46;
const SUFFIX = '.jpg';
const UNFINISHED = '.tmp';

export interface KeptPicture {
  /** A JPEG. */
  data: Buffer;
  /** Unix seconds when it was taken. */
  time: number;
  /** Of its content. */
  tag: string;
}

/**
 * The last picture of each camera, a file each. They are not worth an fsync: a file that the power cut has torn is
 * known by its checksum, and passes for none.
 */
export class PictureFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Makes the folder (0700), clears away what was left unfinished.
   * @returns camera → Unix seconds of its picture
   * @throws StoreError `io`
   */
  async open(): Promise<Map<string, number>> {
    const times = new Map<string, number>();
    try {
      // Not `recursive`: below /proc Node's own never returns. The folder above is the database's.
      if (!existsSync(this.#folder)) mkdirSync(this.#folder, { mode: 0o700 });
      for (const file of readdirSync(this.#folder)) {
        if (file.endsWith(UNFINISHED)) rmSync(join(this.#folder, file), { force: true });
        if (!file.endsWith(SUFFIX)) continue;
        const time = readHead(await this.#head(file))?.time;
        if (time !== undefined) times.set(file.slice(0, -SUFFIX.length), time);
      }
    } catch (cause) {
      const message = `The last pictures cannot be read: ${(cause as Error).message}`;
      throw new StoreError('io', this.#folder, message, { cause });
    }
    return times;
  }

  async #head(file: string): Promise<Buffer> {
    const handle = await open(join(this.#folder, file));
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD), 0, HEAD, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  }

  /**
   * Replaces the camera's picture; whoever reads meanwhile gets the old one or the new one.
   * @param camera its id, which is safe in a file name
   * @param time Unix seconds when it was taken
   * @throws the system's error; Error when it is no JPEG or larger than MAX_PICTURE
   */
  async write(camera: string, picture: Buffer, time: number): Promise<void> {
    if (picture.readUInt16BE(0) !== 0xffd8 || picture.length > MAX_PICTURE)
      throw new Error(`not a JPEG of at most ${MAX_PICTURE} bytes`);
    const body = picture.subarray(2);
    const stamp = Math.round(time * 1000)
      .toString()
      .padStart(17, '0');
    const text = `walleye time=${stamp} crc32=${crc32(body).toString(16).padStart(8, '0')} `;
    const file = this.#path(camera);
    await writeFile(file + UNFINISHED, Buffer.concat([MARKERS, Buffer.from(text), body]), { mode: 0o600 });
    await rename(file + UNFINISHED, file);
  }

  /** undefined: there is none, or it is damaged. @throws the system's error, but for a file that is not there */
  async read(camera: string): Promise<KeptPicture | undefined> {
    const data = await readFile(this.#path(camera)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    const head = data && readHead(data);
    if (!head || crc32(data.subarray(HEAD)) !== head.crc) return undefined;
    return { data, time: head.time, tag: `${Math.round(head.time * 1000)}-${head.crc.toString(16)}` };
  }

  /** One that is not there is no error. @throws the system's error */
  remove(camera: string): void {
    rmSync(this.#path(camera), { force: true });
  }

  #path(camera: string): string {
    return join(this.#folder, camera + SUFFIX);
  }
}

function readHead(data: Buffer): { time: number; crc: number } | undefined {
  if (!data.subarray(0, MARKERS.length).equals(MARKERS)) return undefined;
  const parts = COMMENT.exec(data.toString('latin1', MARKERS.length, HEAD));
  if (!parts) return undefined;
  return { time: Number(parts[1]) / 1000, crc: Number.parseInt(parts[2] ?? '', 16) };
}
