import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { end } from '../child.ts';

/** One `ffmpeg -c copy` a stream, in files of a minute, as somebody without Walleye records. */
export function startCopies(folder: string, urls: readonly string[]) {
  mkdirSync(folder);
  const children = urls.map((url, i): ChildProcess => {
    const input = ['-nostdin', '-loglevel', 'error', '-rtsp_transport', 'tcp', '-i', url];
    const files = ['-f', 'segment', '-segment_time', '60', '-reset_timestamps', '1'];
    const output = join(folder, `${i + 1}_%04d.mp4`);
    const args = [...input, '-map', '0:v', '-c', 'copy', ...files, output];
    // What it says at its beginning and end about times is no concern of ours.
    return spawn('ffmpeg', args, { stdio: ['ignore', 'ignore', 'ignore'] });
  });
  return {
    pids: children.map(({ pid }) => pid ?? 0),
    /** @throws Error when one is not recording any more: then it cost less than it should have */
    check: () => {
      const ended = children.filter(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null);
      if (ended.length > 0) throw new Error(`${ended.length} of ${urls.length} copying ffmpegs ended early`);
    },
    stop: async () => {
      await Promise.all(children.map((child) => end(child)));
    },
  };
}
