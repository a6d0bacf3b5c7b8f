import { readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { toRead } from '../record/diskTurns.ts';
import { Library } from '../record/library.ts';
import { isUnmounted, isWithin, mountPointOf, mountPoints } from '../record/mountPoint.ts';
import type { RecordingSettings } from '../schema.ts';
import type { SettingStore } from '../store/settings.ts';
import { CameraError } from './cameraError.ts';

const LEAST_FREE = 1_000_000_000;
/** The disk or share that an appliance mounts by itself, image/recordingDisk. */
export interface BoxDisk {
  /** Where. */
  folder: string;
  /** What the site file names; not there where it names none. */
  configured: string;
  /** What is wrong with it. */
  problem: string;
}
const BOX_DISK: BoxDisk = {
  folder: '/media/recordings',
  configured: '/etc/walleye/recording-disk',
  problem: '/run/walleye-recording-disk/problem',
};
export interface RecordingFolders {
  /** Of recordings, where nobody has set another one. */
  own: string;
  /** For what is known of folders, on the box's own disk. */
  indexes: string;
  /** For tests. */
  boxDisk?: BoxDisk;
}
const KEY = 'recording_mount';
/** `apart`: it had a disk that is neither the system's nor the daemon's. Services may see mount points where no disk is mounted. */
const Place = Type.Object({ folder: Type.String(), mount: Type.String(), apart: Type.Boolean() });
type Place = Static<typeof Place>;
const compiled = Compile(Place);

/**
 * What errors of a disk that was taken away look like, or of one that the kernel gave up. The library is closed then and opened again
 * when the disk is back.
 */
const GONE =
  /^(EIO|ENOENT|EROFS|ENODEV|ENXIO|ESTALE|ENOTCONN|EHOSTDOWN|folder_unmounted)$|^SQLITE_(IOERR|READONLY|CANTOPEN)/;

export function isDiskGone({ code = '' }: NodeJS.ErrnoException): boolean {
  return GONE.test(code);
}

/**
 * Opens the folder of recordings. A folder of the user's on a disk of its own must not come back on the disk below when that one is
 * missing: it would fill the box's own, and the recordings would lie in two places. So the mount point is remembered.
 */
export class RecordingFolder {
  readonly #store: Pick<SettingStore, 'get' | 'put'>;
  readonly #own: string;
  readonly #indexes: string;
  readonly #boxDisk: BoxDisk;

  constructor(store: Pick<SettingStore, 'get' | 'put'>, folders: RecordingFolders) {
    this.#store = store;
    this.#own = folders.own;
    this.#indexes = folders.indexes;
    this.#boxDisk = folders.boxDisk ?? BOX_DISK;
  }

  of({ folder }: RecordingSettings): string {
    return folder ?? this.#own;
  }

  /**
   * @param accept the user wants the folder as it is now, on whatever disk
   * @throws CameraError `folder_unmounted`, `folder_unusable`
   */
  async open(settings: RecordingSettings, accept: boolean): Promise<Library> {
    const folder = this.of(settings);
    const place = folder === this.#own ? undefined : await this.#placeOf(folder);
    // First: what it lies on without that disk is the system's, and nobody may choose it, whatever was there before.
    if (!place?.apart && (await this.#isBoxDisk(folder)))
      throw new CameraError(
        503,
        'folder_unmounted',
        `The disk that this box mounts for recordings is not there yet. When it is, recording begins by itself.${await this.#whyNot(folder)}`,
      );
    const kept = this.#store.get<unknown>(KEY);
    const before = compiled.Check(kept) && kept.folder === folder ? kept : undefined;
    if (!accept && place && before && isMissing(before, place))
      throw new CameraError(
        503,
        'folder_unmounted',
        `No disk is mounted on ${before.mount}, where recordings were kept. Connect it: recording goes on by itself. To record into ` +
          `${folder} without it, save the recording settings again as they are.${await this.#whyNot(folder)}`,
      );
    let library: Library;
    try {
      library = await Library.open(folder, this.#indexes, rulesOf(settings));
    } catch (cause) {
      const why = await this.#whyNot(folder);
      const message = `Recordings cannot be kept in ${folder}: ${(cause as Error).message}.${why}`;
      throw new CameraError(400, 'folder_unusable', message, { cause });
    }
    if (place && (place.mount !== before?.mount || place.apart !== before.apart)) this.#store.put(KEY, place);
    return library;
  }

  /** The folder is on the disk that this box shall mount: a server may start later than the box, and its settings hold all the same. */
  async #isBoxDisk(folder: string): Promise<boolean> {
    if (!isWithin(folder, this.#boxDisk.folder)) return false;
    return stat(this.#boxDisk.configured).then(
      () => true,
      () => false,
    );
  }

  /** What the box says of a disk that it shall mount. */
  async #whyNot(folder: string): Promise<string> {
    if (!isWithin(folder, this.#boxDisk.folder)) return '';
    const said = await readFile(this.#boxDisk.problem, 'utf8').catch(() => '');
    return said.trim() === '' ? '' : ` ${said.trim()}`;
  }

  /** undefined: nobody knows. */
  async #placeOf(folder: string): Promise<Place | undefined> {
    try {
      const path = await toRead(() => withoutLinks(folder));
      const mount = mountPointOf(path, mountPoints(await readFile('/proc/self/mountinfo', 'utf8')));
      const ours = await Promise.all(['/', dirname(this.#own)].map((one) => stat(one)));
      const { dev } = await toRead(() => stat(path).catch(() => stat(dirname(path))));
      return { folder, mount, apart: !ours.some((one) => one.dev === dev) };
    } catch {
      return undefined;
    }
  }
}

function isMissing(before: Place, now: Place): boolean {
  return isUnmounted(before.mount, now.mount) || (before.apart && !now.apart);
}

/** The folder itself may be still to be made. */
async function withoutLinks(folder: string): Promise<string> {
  return realpath(folder).catch(async () => join(await realpath(dirname(folder)), basename(folder)));
}

export function rulesOf({ cameras, days, max_bytes, min_free_bytes }: RecordingSettings): Library['rules'] {
  return {
    days: (camera) => cameras[camera]?.days ?? days ?? undefined,
    mostBytes: max_bytes ?? undefined,
    leastFree: min_free_bytes ?? LEAST_FREE,
  };
}
