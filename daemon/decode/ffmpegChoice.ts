import { createRequire } from 'node:module';
import { FfmpegError } from './ffmpegError.ts';
import { type CollectedOutput, collect } from './ffmpegProcess.ts';
import { type FfmpegVersion, parseFfmpegVersion } from './ffmpegVersion.ts';
import { findProgram } from './sandbox.ts';

/** The ffmpeg that all children run. */
export interface FfmpegBinary {
  /** Absolute path. */
  readonly path: string;
  readonly source: 'configured' | 'system' | 'npm';
  /** As ffmpeg prints it. */
  readonly version: string;
  readonly release: FfmpegVersion;
  readonly hwaccels: readonly string[];
  readonly decoders: ReadonlySet<string>;
  readonly encoders: ReadonlySet<string>;
  readonly filters: ReadonlySet<string>;
  /** For the log and the system page; null when all is well. */
  readonly warning: string | null;
}

const NEEDED = {
  decoders: ['h264'],
  encoders: ['mjpeg', 'rawvideo'],
  filters: ['scale', 'format', 'select'],
} as const;
/** Milliseconds. A terminal that is just starting reads ffmpeg and its hundred libraries from a slow disk, beside a browser. */
const TIMEOUT_MS = 60_000;

/**
 * The configured ffmpeg, else the system's, else the one inside npm's @ffmpeg-installer/ffmpeg (4.1 of 2018).
 * A configured one that does not work is passed over with a warning: a wall with the wrong ffmpeg beats a dark wall.
 *
 * @throws FfmpegError `ffmpeg_missing` when none works; its message says why for each
 */
export async function findFfmpeg(options: { configured?: string }): Promise<FfmpegBinary> {
  const problems: string[] = [];
  for (const source of ['configured', 'system', 'npm'] as const) {
    const path = await locate(source, options.configured);
    if (path === undefined) {
      if (source !== 'configured') problems.push(`${source}: not there`);
      continue;
    }
    const binary = await examine(path);
    if (typeof binary === 'string') {
      problems.push(`${source}: ${path} ${binary}`);
      continue;
    }
    return { ...binary, path, source, warning: warning(source, binary.version, problems) };
  }
  throw new FfmpegError(
    'ffmpeg_missing',
    options.configured ?? 'ffmpeg',
    `no usable ffmpeg: install one (Debian: apt install ffmpeg) or set WALLEYE_FFMPEG to its path (${problems.join('; ')})`,
  );
}

async function locate(
  source: FfmpegBinary['source'],
  configured: string | undefined,
): Promise<string | undefined> {
  switch (source) {
    case 'configured':
      return configured === undefined || configured === '' ? undefined : configured;
    case 'system':
      return findProgram('ffmpeg');
    case 'npm':
      return npmFfmpeg();
  }
}

/** The package throws (a string) where it has no binary for this platform. */
function npmFfmpeg(): string | undefined {
  try {
    const found: unknown = createRequire(import.meta.url)('@ffmpeg-installer/ffmpeg');
    const path = typeof found === 'object' && found !== null && 'path' in found ? found.path : undefined;
    return typeof path === 'string' ? path : undefined;
  } catch {
    return undefined;
  }
}

function warning(
  source: FfmpegBinary['source'],
  version: string,
  problems: readonly string[],
): string | null {
  const passedOver = problems.filter((problem) => problem.startsWith('configured:'));
  const words = passedOver.map((problem) => `passed over ${problem}`);
  if (source === 'npm') {
    words.push(
      `this is the embedded ffmpeg ${version}: old, no security updates, hardly any hardware decoding. Install the system's (Debian: apt install ffmpeg)`,
    );
  }
  return words.length === 0 ? null : words.join('; ');
}

type Examined = Omit<FfmpegBinary, 'path' | 'source' | 'warning'>;

async function examine(path: string): Promise<Examined | string> {
  const ask = (question: string) =>
    collect({ command: path, args: ['-hide_banner', question] }, { timeout: TIMEOUT_MS });
  const answer = await collect({ command: path, args: ['-version'] }, { timeout: TIMEOUT_MS });
  if (answer.code !== 0) return failure(answer);
  const release = parseFfmpegVersion(answer.stdout.toString());
  if (release === undefined) return 'is no ffmpeg';
  const answers = await Promise.all(['-hwaccels', '-decoders', '-encoders', '-filters'].map(ask));
  // A list that was cut off must not pass for one that lacks something.
  const failed = answers.find(({ code }) => code !== 0);
  if (failed) return failure(failed);
  const [hwaccels, decoders, encoders, filters] = answers.map(({ stdout }) => stdout.toString());
  const examined: Examined = {
    version: release.text,
    release,
    hwaccels: parseHwaccels(hwaccels ?? ''),
    decoders: parseCodecList(decoders ?? ''),
    encoders: parseCodecList(encoders ?? ''),
    filters: parseFilterList(filters ?? ''),
  };
  const missing = (['decoders', 'encoders', 'filters'] as const).flatMap((kind) =>
    NEEDED[kind].filter((name) => !examined[kind].has(name)).map((name) => `${name} (${kind.slice(0, -1)})`),
  );
  return missing.length === 0 ? examined : `lacks ${missing.join(', ')}`;
}

function failure(answer: CollectedOutput): string {
  if (answer.how === 'unstarted')
    return `cannot be started (${answer.cause instanceof Error ? answer.cause.message : 'unknown reason'})`;
  if (answer.timedOut) return 'does not answer';
  return `fails (${answer.lastLines.at(-1) ?? `status ${answer.code ?? answer.signal}`})`;
}

/** Names under `ffmpeg -hwaccels`' heading. */
export function parseHwaccels(output: string): string[] {
  return output
    .split('\n')
    .slice(1)
    .map((line) => line.trim())
    .filter((line) => /^[a-z0-9_]+$/.test(line));
}

/** Names in `ffmpeg -decoders` or `-encoders`: ` V....D h264   H.264 / AVC …` below a line of dashes. */
export function parseCodecList(output: string): Set<string> {
  const names = new Set<string>();
  for (const line of output.split('\n')) {
    const name = /^ [VAS][A-Z.]{5} (\S+)/.exec(line)?.[1];
    if (name !== undefined && name !== '=') names.add(name);
  }
  return names;
}

/** Names in `ffmpeg -filters`: ` ..C scale   V->V …`, with two flags since ffmpeg 7. */
export function parseFilterList(output: string): Set<string> {
  const names = new Set<string>();
  for (const line of output.split('\n')) {
    const name = /^ [A-Z.]{2,3} (\S+)\s+[AVN|]+->[AVN|]+/.exec(line)?.[1];
    if (name !== undefined) names.add(name);
  }
  return names;
}
