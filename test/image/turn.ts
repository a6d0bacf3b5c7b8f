/** Test files run two at a time, and some of them need a folder for themselves. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';

const LOCKS = join(import.meta.dirname, '../../.state/test');

/**
 * Waits until no other process has the turn of this name. It ends with the call of what is returned, else with the process: the
 * kernel lets go of it whatever happens.
 *
 *   const release = await turn('image');
 */
export async function turn(name: string): Promise<() => Promise<void>> {
  mkdirSync(LOCKS, { recursive: true });
  const holder = spawn('flock', [join(LOCKS, `${name}.lock`), 'sh', '-c', 'echo mine; exec cat >/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(holder, 'exit');
  await once(holder.stdout, 'data');
  // It must not keep this process alive.
  holder.unref();
  for (const pipe of [holder.stdin, holder.stdout]) (pipe as unknown as Socket).unref();
  return async () => {
    holder.ref();
    holder.stdin.end();
    await ended;
  };
}
