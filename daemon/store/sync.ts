import { chmodSync, closeSync, fsyncSync, openSync } from 'node:fs';

/** What was written to the file is on disk when this returns. @throws the file system's error */
export function syncFile(path: string, mode?: number): void {
  if (mode !== undefined) chmodSync(path, mode);
  sync(path, 'r+');
}

/** The names in the folder, new and renamed ones, are on disk when this returns. @throws the file system's error */
export function syncFolder(path: string): void {
  sync(path, 'r');
}

function sync(path: string, flags: string): void {
  const handle = openSync(path, flags);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
