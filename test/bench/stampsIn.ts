import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { STAMP_HEIGHT } from '../virtual-camera/frameStamp.ts';
import { readFrameStamp } from '../virtual-camera/index.ts';

/**
 * The numbers in the pictures of a video, in the order in which they are shown; undefined where one cannot be read.
 * @param input a file's path, or all that is in one
 * @throws Error when ffmpeg fails or has anything to complain about
 */
export async function stampsIn(
  input: string | Buffer,
  { width, height }: { width: number; height: number },
): Promise<(number | undefined)[]> {
  const rows = Math.ceil(height * STAMP_HEIGHT);
  const whole = typeof input !== 'string';
  const args = [
    ...['-nostdin', '-v', 'error', ...(whole ? ['-f', 'mp4', '-i', 'pipe:0'] : ['-i', input])],
    ...['-fps_mode', 'passthrough', '-vf', `crop=${width}:${rows}:0:0`],
    // In units of pictures the times of two could become one, which ffmpeg complains of.
    ...['-enc_time_base', '1:90000', '-f', 'rawvideo', '-pix_fmt', 'gray', 'pipe:1'],
  ];
  const child = spawn('ffmpeg', args, { stdio: [whole ? 'pipe' : 'ignore', 'pipe', 'pipe'] });
  if (whole && child.stdin) Readable.from([input]).pipe(child.stdin);
  const chunks: Buffer[] = [];
  let complaints = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaints += chunk;
  });
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0 || complaints !== '')
    throw new Error(
      `ffmpeg (${code}) at ${whole ? 'what was received' : input}: ${complaints.slice(0, 500)}`,
    );
  const luma = Buffer.concat(chunks);
  const size = width * rows;
  return Array.from({ length: luma.length / size }, (_, i) =>
    readFrameStamp(luma.subarray(i * size, (i + 1) * size), width, height),
  );
}
