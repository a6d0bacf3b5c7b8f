import type { FfmpegBinary } from '../decode/ffmpegChoice.ts';
import { FfmpegProcess } from '../decode/ffmpegProcess.ts';
import { type Sandbox, sandboxed } from '../decode/sandbox.ts';
import type { Remuxer } from '../ingest/remux/remuxer.ts';

/** ffmpegs that take sources apart, each in the decoders' sandbox. @param tools perhaps still looked for */
export async function sandboxedRemuxer(
  tools: Promise<{ ffmpeg: Pick<FfmpegBinary, 'path'>; sandbox: Sandbox }>,
): Promise<Remuxer> {
  const { ffmpeg, sandbox } = await tools;
  return ({ args, stdout, ...needs }) =>
    new FfmpegProcess({ ...sandboxed(sandbox, { command: ffmpeg.path, args }, needs), stdout });
}
