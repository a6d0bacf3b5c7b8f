/** Draws and encodes one clip with ffmpeg and brings its RTP packets home. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Picture } from './canvas.ts';
import { STAMP_CELLS, STAMP_HEIGHT, stampCells } from './frameStamp.ts';
import { type Capture, captureRtp } from './rtpCapture.ts';
import { drawMover, drawScene, type SceneKind } from './scene.ts';

/** Everything that decides a clip's bytes (with the ffmpeg that made it). */
export interface ClipParameters {
  /** Burned into the picture. */
  readonly title: string;
  readonly scene: SceneKind;
  /** Degrees; tells cameras apart. */
  readonly hue: number;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** Length in frames: a multiple of `gopFrames`, at most 65536. */
  readonly frames: number;
  readonly gopFrames: number;
  /** Slices per picture; more than 1 as from cameras with parallel encoders. */
  readonly slices: number;
  /** Kilobits a second, the same at all times; undefined: as the pictures need. */
  readonly kbps?: number;
}

export interface EncoderTools {
  readonly ffmpeg: string;
  /** A TrueType file, or undefined: then pictures carry no text (the stamp is always there). */
  readonly font: string | undefined;
}

const FONTS = [
  '/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf',
  '/usr/share/fonts/dejavu-sans-fonts/DejaVuSans-Bold.ttf',
  '/usr/share/fonts/dejavu/DejaVuSans-Bold.ttf',
  '/usr/share/fonts/TTF/DejaVuSans-Bold.ttf',
  '/usr/share/fonts/truetype/liberation/LiberationSans-Bold.ttf',
  '/usr/share/fonts/truetype/liberation2/LiberationSans-Bold.ttf',
];

/**
 * Finds an ffmpeg that has libx264 (the one on PATH, else the npm package's) and a font for drawtext.
 * @throws Error when there is no such ffmpeg
 */
export async function findEncoderTools(warn: (message: string) => void): Promise<EncoderTools> {
  const packaged = (createRequire(import.meta.url)('@ffmpeg-installer/ffmpeg') as { path: string }).path;
  for (const ffmpeg of ['ffmpeg', packaged]) {
    const encoders = await output(ffmpeg, ['-hide_banner', '-encoders']).catch(() => '');
    if (!encoders.includes('libx264')) continue;
    const filters = await output(ffmpeg, ['-hide_banner', '-filters']);
    const font = filters.includes(' drawtext ') ? await findFont() : undefined;
    if (!font)
      warn(
        'no name and clock in the pictures: ffmpeg lacks drawtext, or no DejaVu or Liberation font is here',
      );
    return { ffmpeg, font };
  }
  throw new Error('the virtual camera needs an ffmpeg with libx264 (Debian: apt install ffmpeg)');
}

async function findFont(): Promise<string | undefined> {
  for (const font of FONTS) {
    if (
      await access(font).then(
        () => true,
        () => false,
      )
    )
      return font;
  }
  return undefined;
}

/**
 * Encodes the clip and returns its RTP packets as ffmpeg's muxer made them.
 * @param workDir where a folder is made for what ffmpeg reads, and removed again
 * @throws Error with ffmpeg's own words when it fails; AbortError when `signal` fires, ffmpeg is killed then
 */
export async function encodeClip(
  parameters: ClipParameters,
  tools: EncoderTools,
  workDir: string,
  signal?: AbortSignal,
): Promise<Capture> {
  const folder = await mkdtemp(join(workDir, 'drawing-'));
  const capture = await captureRtp();
  try {
    const sources = await writeSources(folder, parameters);
    const args = encoderArgs(parameters, sources, tools.font, capture.url);
    const [, captured] = await Promise.all([output(tools.ffmpeg, args, signal), capture.captured]);
    return captured;
  } finally {
    capture.close();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Sources {
  readonly background: Picture & { readonly file: string };
  readonly movers: readonly [Picture & { readonly file: string }, Picture & { readonly file: string }];
  readonly stampFile: string;
  readonly titleFile: string;
  readonly clockFile: string;
}

/** The scene is drawn larger than the picture: the camera pans over it, so that every pixel moves. */
const OVERSIZE = 1.12;
/** A sensor's noise, without which the pictures would cost a decoder much less than a camera's. */
const NOISE = 'noise=alls=5:allf=t';

async function writeSources(folder: string, p: ClipParameters): Promise<Sources> {
  const even = (value: number) => Math.ceil(value / 2) * 2;
  const file = async (name: string, data: string | Uint8Array) => {
    await writeFile(join(folder, name), data);
    return join(folder, name);
  };
  const scene = drawScene(
    p.scene,
    p.hue,
    Math.round(p.hue) + 1,
    even(p.width * OVERSIZE),
    even(p.height * OVERSIZE),
  );
  const size = even(p.height * (p.scene === 'street' ? 0.17 : 0.36));
  const first = drawMover(p.scene, p.hue + 150, size);
  const second = drawMover(p.scene, p.hue + 260, size);
  const stamps = Buffer.concat(Array.from({ length: p.frames }, (_, n) => stampCells(n)));
  // Running time of the clip and frame number; drawtext's own expressions, one frame at a time.
  const [minutes, seconds] = [`floor(n/${p.fps}/60)`, `mod(floor(n/${p.fps}),60)`];
  const clock = `%{eif:${minutes}:d:2}:%{eif:${seconds}:d:2}.%{eif:mod(n,${p.fps}):d:2}  #%{eif:n:d:4}`;
  return {
    background: { ...scene, file: await file('background', scene.data) },
    movers: [
      { ...first, file: await file('mover1', first.data) },
      { ...second, file: await file('mover2', second.data) },
    ],
    stampFile: await file('stamp', stamps),
    titleFile: await file('title', p.title),
    clockFile: await file('clock', clock),
  };
}

function encoderArgs(p: ClipParameters, s: Sources, font: string | undefined, url: string): string[] {
  const raw = (format: string, width: number, height: number, file: string) => [
    ...['-f', 'rawvideo', '-pix_fmt', format, '-video_size', `${width}x${height}`],
    ...['-framerate', String(p.fps), '-i', file],
  ];
  const still = `loop=loop=-1:size=1:start=0,setpts=round(N/${p.fps}/TB)`;
  // All motion has the clip's length as a period, so that the loop shows no jump.
  const phase = `2*PI*n/${p.frames}`;
  const [spareX, spareY] = [s.background.width - p.width, s.background.height - p.height];
  const pan = `crop=${p.width}:${p.height}:${spareX}*(0.5+0.5*sin(${phase})):${spareY}*(0.5+0.5*cos(${phase}))`;
  const text = Math.round(p.height / 13);
  const box = `box=1:boxcolor=black@0.5:boxborderw=${Math.round(text / 4)}:fontcolor=white:fontsize=${text}`;
  const place = (side: string, y: string) =>
    `x=${side === 'left' ? '' : 'w-tw-'}${Math.round(text * 0.6)}:y=${y}`;
  const words = font
    ? `,drawtext=fontfile=${font}:expansion=none:textfile=${s.titleFile}:${box}:${place('left', String(Math.round(p.height * STAMP_HEIGHT + text * 0.6)))}` +
      `,drawtext=fontfile=${font}:textfile=${s.clockFile}:${box}:${place('right', String(Math.round(p.height * STAMP_HEIGHT + text * 0.6)))}`
    : '';
  const stripHeight = Math.ceil(p.height * STAMP_HEIGHT);
  const graph = [
    `[0:v]format=yuv420p,${still}[back]`,
    `[1:v]format=yuva420p,${still}[m1]`,
    // The second one goes the other way.
    `[2:v]format=yuva420p,hflip,${still}[m2]`,
    `[back][m1]overlay=${moverPath(p, s, 1)}[a]`,
    `[a][m2]overlay=${moverPath(p, s, 2)},${pan},${NOISE}${words}[b]`,
    `[3:v]scale=${p.width}:${stripHeight}:flags=neighbor,format=yuv420p[strip]`,
    '[b][strip]overlay=0:0,format=yuv420p[out]',
  ];
  return [
    ...['-hide_banner', '-loglevel', 'error', '-nostdin'],
    ...raw('rgb24', s.background.width, s.background.height, s.background.file),
    ...s.movers.flatMap((mover) => raw('rgba', mover.width, mover.height, mover.file)),
    ...raw('gray', STAMP_CELLS, 1, s.stampFile),
    ...['-filter_complex_threads', '1', '-filter_complex', graph.join(';'), '-map', '[out]'],
    ...['-frames:v', String(p.frames), '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency'],
    // One thread: zerolatency would cut every picture in as many slices as there are threads.
    ...['-profile:v', 'baseline', '-threads', '1', '-bf', '0', '-slices', String(p.slices)],
    ...(p.kbps === undefined ? ['-crf', '25'] : constantRate(p.kbps)),
    ...['-g', String(p.gopFrames), '-keyint_min', String(p.gopFrames), '-sc_threshold', '0'],
    // RTSP wants parameter sets in the SDP only; cameras repeat them before every key frame, and so do we.
    ...['-bsf:v', 'dump_extra=freq=keyframe', '-pkt_size', '1400'],
    ...['-f', 'rtsp', '-rtsp_transport', 'tcp', url],
  ];
}

/** Over half a second. */
function constantRate(kbps: number): string[] {
  return ['-b:v', `${kbps}k`, '-minrate', `${kbps}k`, '-maxrate', `${kbps}k`, '-bufsize', `${kbps / 2}k`];
}

/** Two cars passing in both directions, or two people walking up and down the hall. */
function moverPath(p: ClipParameters, s: Sources, which: 1 | 2): string {
  const way = s.background.width + s.movers[0].width;
  if (p.scene === 'street') {
    const lane = Math.round(s.background.height * (which === 1 ? 0.655 : 0.79));
    const turns = which === 1 ? 3 : 2;
    const run = `mod(${which === 1 ? '' : '0.4+'}${turns}*n/${p.frames},1)*${way}`;
    return `x='${which === 1 ? `${run}-${s.movers[0].width}` : `${s.background.width}-${run}`}':y=${lane}`;
  }
  const [middle, reach] = [way / 2 - s.movers[0].width, s.background.width * (which === 1 ? 0.36 : 0.2)];
  const y = Math.round(s.background.height * (which === 1 ? 0.6 : 0.48));
  return `x='${middle}+${reach}*sin(${which === 1 ? 6 : 4}*PI*n/${p.frames}+${which})':y=${y}`;
}

async function output(command: string, args: readonly string[], signal?: AbortSignal): Promise<string> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    killSignal: 'SIGKILL',
    ...(signal ? { signal } : {}),
  });
  const said: string[] = [];
  const complained: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => complained.push(chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0)
    throw new Error(`${command} ended with ${code}: ${complained.join('').trim().slice(-2000)}`);
  return said.join('');
}
