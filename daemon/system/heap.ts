import { setFlagsFromString } from 'node:v8';

/**
 * What can only be said on Node's command line: how much heap and external memory may be in use before V8 begins to
 * mark. Pictures come and go at megabytes a second, the heap stays at 40 MB: without this it is marked every few
 * seconds, a quarter of the daemon's CPU. scripts/start and the systemd unit give the same.
 */
export const NODE_FLAGS: readonly string[] = ['--initial-heap-size=256'];

/**
 * Fits V8's garbage collector to a daemon with a small heap and megabytes of pictures a second outside of it, on two
 * cores. Without this it marked the whole heap every two seconds on four worker threads, because each read of a socket
 * counts as 64 KiB of external memory: half of the daemon's CPU with four tiles, and pauses that pictures waited for.
 * To be called before anything else is done.
 */
export function tuneHeap(): void {
  setFlagsFromString('--external-memory-accounted-in-global-limit');
  setFlagsFromString('--no-concurrent-marking');
  setFlagsFromString('--no-parallel-scavenge');
}
