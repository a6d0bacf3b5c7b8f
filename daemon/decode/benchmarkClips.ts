import type { FfmpegBinary } from './ffmpegChoice.ts';
import { collect } from './ffmpegProcess.ts';
import type { Size } from './outputSize.ts';
import { type Sandbox, sandboxed } from './sandbox.ts';
import { SELF_TEST, SELF_TEST_CLIP } from './selfTestClip.ts';

export interface Clip {
  readonly size: Size;
  /** H.264, Annex B, begins with a key picture: it can be repeated end to end. */
  readonly data: Buffer;
}

const PICTURES = 50;
/** As cameras are set: 1080p with 4 Mbit/s, 640×360 with half of one. */
const BITS_PER_PIXEL = 0.08;
const TIMEOUT_MS = 30_000;
/** Those whose output is of the kind that cameras send, the better one first. */
const ENCODERS: readonly (readonly [name: string, options: readonly string[]])[] = [
  ['libx264', ['-profile:v', 'main', '-preset', 'veryfast', '-tune', 'zerolatency']],
  ['libopenh264', ['-profile:v', 'main']],
];

/**
 * A clip of two seconds like a camera's: things move, and there is noise. Where this ffmpeg has no H.264 encoder it is the
 * self-test's clip, which is much smaller.
 */
export async function makeClip(
  { ffmpeg, sandbox }: { ffmpeg: FfmpegBinary; sandbox: Sandbox },
  size: Size,
): Promise<Clip> {
  const source = `testsrc2=size=${size.width}x${size.height}:rate=25`;
  const rate = String(Math.round(size.width * size.height * 25 * BITS_PER_PIXEL));
  for (const [name, options] of ENCODERS) {
    if (!ffmpeg.encoders.has(name)) continue;
    const args = [
      ...['-nostdin', '-hide_banner', '-loglevel', 'error', '-f', 'lavfi', '-i', source],
      ...['-vf', 'noise=alls=12:allf=t,format=yuv420p', '-frames:v', String(PICTURES)],
      ...['-c:v', name, ...options, '-b:v', rate, '-maxrate', rate, '-bufsize', rate],
      ...['-g', String(PICTURES), '-bf', '0', '-threads:v', '1', '-f', 'h264', 'pipe:1'],
    ];
    const result = await collect(sandboxed(sandbox, { command: ffmpeg.path, args }), { timeout: TIMEOUT_MS });
    if (result.code === 0 && result.stdout.length > 0) return { size, data: result.stdout };
  }
  return { size: SELF_TEST.input, data: SELF_TEST_CLIP };
}
