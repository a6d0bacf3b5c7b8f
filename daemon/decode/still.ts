import type { FfmpegBinary } from './ffmpegChoice.ts';
import { FfmpegError } from './ffmpegError.ts';
import { collect } from './ffmpegProcess.ts';
import { type Sandbox, sandboxed } from './sandbox.ts';
import { type StillInput, stillArgs } from './stillArgs.ts';

/** Milliseconds. A group of pictures in 4K takes seconds on a small box. */
const TIMEOUT = 30_000;
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * One picture of a fragmented MP4, by a child of its own.
 * @param input an initialization segment, and fragments from a key picture on
 * @throws FfmpegError `hung`, `crashed`, `spawn_failed`
 */
export async function still(
  { ffmpeg, sandbox }: { ffmpeg: FfmpegBinary; sandbox: Sandbox },
  input: Buffer,
  wanted: Omit<StillInput, 'version'>,
): Promise<Buffer> {
  const command = { command: ffmpeg.path, args: stillArgs({ version: ffmpeg.release, ...wanted }) };
  const limits = { timeout: TIMEOUT, input, maxBytes: MOST_BYTES };
  const { stdout, how, timedOut, lastLines, code } = await collect(sandboxed(sandbox, command), limits);
  if (timedOut)
    throw new FfmpegError('hung', ffmpeg.path, `The decoder gave no picture within ${TIMEOUT / 1000} s.`);
  if (how === 'unstarted')
    throw new FfmpegError('spawn_failed', ffmpeg.path, 'The decoder could not be started.');
  if (stdout.length > 0 && code === 0) return stdout;
  const last = lastLines.at(-1) ?? `status ${code}`;
  throw new FfmpegError('crashed', ffmpeg.path, `The decoder gave no picture: ${last}`);
}
