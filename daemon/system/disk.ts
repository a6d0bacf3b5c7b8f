import { statfs } from 'node:fs/promises';
import type { System } from '../schema.ts';

/**
 * The file system that holds `path`. Free is what a program without special rights may still write.
 * @returns bytes; null where the system does not tell
 */
export async function diskOf(path: string): Promise<System['disk']> {
  try {
    const { blocks, bavail, bsize } = await statfs(path);
    return { path, total: blocks * bsize, free: bavail * bsize };
  } catch {
    return null;
  }
}
