import { setFlagsFromString } from 'node:v8';

/**
 * What can only be said on Node's command line. scripts/start and the systemd unit give the same.
 * - When V8 begins to mark: pictures come and go at megabytes a second beside a heap of 45 MB, whose marking every few seconds was a
 *   quarter of the daemon's CPU. From then on at a quarter more than was left the last time, whatever V8 makes of the garbage's
 *   rate: by that a daemon with a hundred viewers went between 260 and 570 MB.
 * - New objects in 16 MB, by default 32. A picture waits in its cache for the next key picture, some seconds at most. What is still
 *   there when the new objects were looked through twice is old, and goes with a marking of the whole heap only: sixteen large
 *   streams fill 8 MB in 0.9 s.
 * - Where most objects of a line of code lived long, V8 makes them old from the beginning, and what they point to stays with them: in some
 *   runs 3 MB of packets that were long over came to that each second.
 * - Marking begins when 85 % of the room is used up. By itself V8 begins when less is left than new objects may take, which here is
 *   all of it: again and again.
 * 100 viewers of 2 Mbit/s, a fifth of whom do not read: 330 MB without, 244 MB with them, and less CPU.
 */
export const NODE_FLAGS: readonly string[] = [
  '--initial-heap-size=64',
  '--heap-growing-percent=25',
  '--max-semi-space-size=16',
  '--no-allocation-site-pretenuring',
  '--incremental-marking-soft-trigger=85',
  '--incremental-marking-hard-trigger=95',
];

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
