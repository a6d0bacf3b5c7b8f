/** Numbers that the virtual camera paints into its pictures, read back from files and addresses by ffmpeg. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { readFrameStamp } from '../virtual-camera/index.ts';

const run = promisify(execFile);

export interface Packet {
  pts_time: string;
  dts_time: string;
  flags: string;
}

export interface Probed {
  streams: { codec_type: string; codec_name: string; width: number; height: number; duration?: string }[];
  format: { duration?: string; format_name: string };
  packets: Packet[];
}

/** What ffprobe says of a file or an address: its streams and the packets of its video. */
export async function probe(url: string, ...input: string[]): Promise<Probed> {
  const show = ['-show_streams', '-show_format', '-show_packets', '-select_streams', 'v:0', '-of', 'json'];
  const { stdout, stderr } = await run('ffprobe', ['-v', 'warning', ...input, ...show, url], {
    maxBuffer: 1 << 28,
  });
  if (stderr !== '') throw new Error(`ffprobe: ${stderr}`);
  return JSON.parse(stdout) as Probed;
}

/** The numbers in its pictures. @param input ffmpeg's options of the input, `-ss 3` @param output … of the output */
export async function stampsIn(
  url: string,
  { width, height }: { width: number; height: number },
  input: string[] = [],
  output: string[] = [],
): Promise<(number | undefined)[]> {
  const raw = ['-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'gray', '-'];
  const args = ['-v', 'error', ...input, '-i', url, '-map', '0:v:0', ...output, ...raw];
  const { stdout, stderr } = await run('ffmpeg', args, { maxBuffer: 1 << 30, encoding: 'buffer' });
  if (stderr.length > 0) throw new Error(`ffmpeg: ${stderr}`);
  const size = width * height;
  return Array.from({ length: stdout.length / size }, (_, i) =>
    readFrameStamp(stdout.subarray(i * size, (i + 1) * size), width, height),
  );
}
