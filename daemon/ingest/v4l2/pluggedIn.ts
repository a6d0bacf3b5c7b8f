import { readdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';

/** A camera at the box's USB. */
export interface PluggedIn {
  /** What it calls itself: `HD Pro Webcam C920`. */
  readonly name: string;
  /** `/dev/video0`: another one's when it is plugged in again. */
  readonly device: string;
  /** A link to it that stays its own, where udev made one; else the device. */
  readonly path: string;
}

/** Folders of Linux. */
export interface DeviceFolders {
  /** A folder for each video device: `name`, `dev` (`81:0`), `index` among those of the same plug, `device` (where it hangs). */
  readonly kernel: string;
  /** udev's notes, a file for each device: `c81:0`. */
  readonly udev: string;
  /** Links that are named after make and serial number. */
  readonly byId: string;
}

const LINUX: DeviceFolders = {
  kernel: '/sys/class/video4linux',
  udev: '/run/udev/data',
  byId: '/dev/v4l/by-id',
};

/** What is plugged in now, by name. Television cards and the decoders of single-board computers, which are video devices too, are none. */
export async function pluggedIn(folders: DeviceFolders = LINUX): Promise<PluggedIn[]> {
  const devices = (await entries(folders.kernel)).filter((one) => /^video\d+$/.test(one));
  if (devices.length === 0) return [];
  const links = await namesOf(folders.byId);
  const found = await Promise.all(
    devices.map(async (device): Promise<PluggedIn[]> => {
      const folder = join(folders.kernel, device);
      const hangs = await realpath(join(folder, 'device')).catch(() => '');
      if (!/\/usb\d+\//.test(hangs) || !(await gives(folder, folders.udev))) return [];
      const name = (await text(join(folder, 'name'))) || device;
      return [{ name, device: `/dev/${device}`, path: links.get(device) ?? `/dev/${device}` }];
    }),
  );
  return found.flat().toSorted((a, b) => a.name.localeCompare(b.name) || a.path.localeCompare(b.path));
}

/** A camera has a second device, and more, for what it says of its pictures: udev knows which gives pictures. Without udev: the first. */
async function gives(folder: string, udev: string): Promise<boolean> {
  const noted = await text(join(udev, `c${await text(join(folder, 'dev'))}`));
  const can = /^E:ID_V4L_CAPABILITIES=(.*)$/m.exec(noted)?.[1];
  return can === undefined ? (await text(join(folder, 'index'))) === '0' : can.includes(':capture:');
}

/** Device → its link, unless an address cannot say it (v4l2Url.ts): udev lets `#`, `=` and `@` stand in names. */
async function namesOf(folder: string): Promise<Map<string, string>> {
  const links = new Map<string, string>();
  for (const link of (await entries(folder)).toSorted()) {
    if (!/^[\w.:+-]+$/.test(link)) continue;
    const path = join(folder, link);
    const device = (await realpath(path).catch(() => '')).split('/').at(-1);
    if (device && !links.has(device)) links.set(device, path);
  }
  return links;
}

const entries = (folder: string) => readdir(folder).catch(() => [] as string[]);
/** Empty where there is none: it may be unplugged at any moment. */
const text = (path: string) =>
  readFile(path, 'utf8').then(
    (content) => content.trim(),
    () => '',
  );
