/**
 * What only root may do to the machine is asked for with a file: `<verb>.json` in a folder that root's
 * walleye-orders.path watches. Root checks every one of them anew (daemon/host/orders.ts): a file here is a wish.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Order, Verb } from '../schema.ts';

/** In the daemon's state folder. */
export const DAEMON_ORDERS = 'orders';
/** Root's own, where orders may name another source of updates. There on an appliance only. */
export const ROOT_ORDERS = '/run/walleye-orders';

/**
 * Leaves an order. On disk as a whole when this returns; one of the same verb that nobody took yet is replaced. Whoever
 * asked hears of it only by what root does: `/var/lib/walleye-update/state.json`, or a machine that restarts.
 *
 * @param folder made where it is missing, closed to others
 * @throws the file system's error; nothing is ordered then
 */
export function leaveOrder<V extends Verb>(folder: string, verb: V, body: Order<V>): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // With a dot in front, systemd takes the folder for empty still.
  const beside = join(folder, `.${verb}.new`);
  rmSync(beside, { force: true });
  try {
    writeSynchronised(beside, `${JSON.stringify(body)}\n`);
    renameSync(beside, join(folder, `${verb}.json`));
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
  syncFolder(folder);
}

function writeSynchronised(path: string, text: string): void {
  const handle = openSync(path, 'wx', 0o600);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
