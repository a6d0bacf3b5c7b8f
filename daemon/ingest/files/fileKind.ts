import { open, stat } from 'node:fs/promises';
import { IngestError } from '../ingestError.ts';

/** Files of pictures, by their names. */
export const PICTURES = /\.(jpe?g|mjpe?g)$/i;

const START_OF_IMAGE = 0xffd8;

/** Links are followed. Devices and pipes are not opened: they never end, or never begin. @throws IngestError */
export async function kindOf(path: string): Promise<'file' | 'folder'> {
  const what = await looked(path, () => stat(path));
  if (what.isFile()) return 'file';
  if (what.isDirectory()) return 'folder';
  throw new IngestError('unsupported', 'it is neither a file nor a folder', { place: path });
}

/** Whether a file is a JPEG or several, by its name or its first bytes. @throws IngestError */
export async function holdsPictures(path: string): Promise<boolean> {
  if (PICTURES.test(path)) return true;
  const begin = await looked(path, async () => {
    const file = await open(path);
    return file.read(Buffer.alloc(2), 0, 2).finally(() => file.close());
  });
  return begin.bytesRead === 2 && begin.buffer.readUInt16BE(0) === START_OF_IMAGE;
}

/** What looking at a path gives. @throws IngestError where it cannot be looked at */
export async function looked<T>(path: string, look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = { ENOENT: 'there is no such file or folder', EACCES: 'Walleye may not read it' }[code ?? ''];
    throw new IngestError('unreachable', why ?? message, { place: path, cause });
  }
}
