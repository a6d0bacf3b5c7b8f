import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { DecoderCandidate } from '../schema.ts';
import { ffmpegArgs, type Hwaccel } from './ffmpegArgs.ts';
import type { FfmpegBinary } from './ffmpegChoice.ts';
import { collect } from './ffmpegProcess.ts';
import { type Sandbox, sandboxed } from './sandbox.ts';
import { checkPixels } from './selfTest.ts';
import { SELF_TEST, SELF_TEST_CLIP, SELF_TEST_CLIP_H265 } from './selfTestClip.ts';

/** How the renditions decode on this machine. */
export interface DecodeChoice {
  readonly chosen: Hwaccel;
  /** Of the chosen candidate: the argument of `-hwaccel_device`, and what its driver needs in the environment. */
  readonly device: string | null;
  readonly env: Readonly<Record<string, string>>;
  /** What the chosen one decodes; the rest is decoded in software. Bay Trail's hardware knows no H.265. */
  readonly codecs: readonly ProbedCodec[];
  readonly reason: string;
  /** In the order in which they were tried; software is the last. */
  readonly candidates: readonly DecoderCandidate[];
}

/** A candidate with what is needed to start it; `problem`: it is not worth a try. */
interface Attempt {
  readonly hwaccel: Hwaccel;
  readonly device: string | null;
  readonly env: Readonly<Record<string, string>>;
  readonly listed: boolean;
  readonly problem?: string;
}

const ATTEMPT_TIMEOUT_MS = 10_000;
/** All others are decoded in software. */
type ProbedCodec = 'h264' | 'hevc';

const CLIPS: Readonly<Record<ProbedCodec, Buffer>> = { h264: SELF_TEST_CLIP, hevc: SELF_TEST_CLIP_H265 };

/**
 * Finds out which hardware decodes on this machine, by decoding a clip of known pixels with each candidate: vaapi first (Intel and
 * AMD, what the appliance has, scales on the device too), then qsv (Intel, the same hardware behind more software), v4l2m2m (ARM
 * boards), cuda. The first that decodes H.264 is chosen, else software, which takes the same test; whether hardware decodes H.265
 * too is found out in the same way.
 *
 * Never throws, and takes at most 10 s per candidate and codec; about 0.1 s in all where there is no such device.
 */
export async function probeDecoders(
  binary: FfmpegBinary,
  sandbox: Sandbox,
  log: Logger,
  devices?: VideoDevices,
): Promise<DecodeChoice> {
  const { renderNodes, vaapiDrivers, videoNodes, nvidia } = devices ?? (await readVideoDevices());
  const attempts: Attempt[] = [
    ...vaapiAttempts(binary, renderNodes, vaapiDrivers),
    ...qsvAttempts(binary, renderNodes),
    v4l2m2mAttempt(binary, videoNodes),
    cudaAttempt(binary, nvidia),
    { hwaccel: 'software', device: null, env: {}, listed: true },
  ];
  const candidates: DecoderCandidate[] = [];
  let winner: Attempt | undefined;
  let codecs: readonly ProbedCodec[] = ['h264', 'hevc'];
  for (const attempt of attempts) {
    const failure = attempt.problem ?? (await tryOut(binary, sandbox, attempt, 'h264'));
    const works = failure === undefined;
    const isHardware = attempt.hwaccel !== 'software';
    const noH265 = works && isHardware ? await tryOut(binary, sandbox, attempt, 'hevc') : undefined;
    const reason =
      failure ??
      `decoded the test clip to the right pixels${noH265 === undefined ? '' : `; not that of H.265: ${noH265}`}`;
    const driver = attempt.env.LIBVA_DRIVER_NAME;
    candidates.push({
      hwaccel: attempt.hwaccel,
      device: attempt.device,
      listed: attempt.listed,
      works,
      reason: driver === undefined ? reason : `${driver} driver: ${reason}`,
    });
    log.debug({ hwaccel: attempt.hwaccel, device: attempt.device, driver, works }, reason);
    if (!works || winner) continue;
    winner = attempt;
    if (noH265 !== undefined) codecs = ['h264'];
  }
  const chosen = winner ?? { hwaccel: 'software' as const, device: null, env: {} };
  const reason = reasonOf(winner, codecs, candidates);
  if (winner === undefined) log.error({ candidates }, reason);
  else log.info({ chosen: chosen.hwaccel, device: chosen.device }, reason);
  return { chosen: chosen.hwaccel, device: chosen.device, env: chosen.env, codecs, reason, candidates };
}

function reasonOf(
  winner: Attempt | undefined,
  codecs: readonly ProbedCodec[],
  candidates: readonly DecoderCandidate[],
): string {
  const failed = candidates
    .filter((candidate) => !candidate.works)
    .map(({ hwaccel, reason }) => `${hwaccel}: ${reason}`)
    .join('; ');
  if (winner === undefined) return `not even software decoding passes its self-test (${failed})`;
  if (winner.hwaccel === 'software') return `no hardware decoder works here (${failed})`;
  const where = winner.device === null ? '' : ` (${winner.device})`;
  const rest = codecs.includes('hevc') ? '' : '; H.265 is decoded in software';
  return `the first of vaapi, qsv, v4l2m2m, cuda that passed its self-test${where}${rest}`;
}

/** undefined: it works. */
async function tryOut(
  binary: FfmpegBinary,
  sandbox: Sandbox,
  attempt: Attempt,
  codec: ProbedCodec,
): Promise<string | undefined> {
  const args = ffmpegArgs({
    version: binary.release,
    filters: binary.filters,
    hwaccel: attempt.hwaccel,
    device: attempt.device,
    codec,
    input: SELF_TEST.input,
    output: { ...SELF_TEST.output, quality: 75, raw: true },
    select: { burst: 0, perMille: 1000 },
  });
  const command = sandboxed(
    sandbox,
    { command: binary.path, args, env: attempt.env },
    { hardware: attempt.hwaccel !== 'software' },
  );
  const result = await collect(command, { timeout: ATTEMPT_TIMEOUT_MS, input: CLIPS[codec] });
  // Before all else: right pixels from software would prove nothing.
  if (attempt.hwaccel !== 'software' && result.hardwareFallback) return 'decoded in software';
  if (result.timedOut) return `no answer in ${ATTEMPT_TIMEOUT_MS / 1000} s`;
  if (result.code !== 0)
    return `ffmpeg failed: ${result.lastLines.at(-1) ?? `status ${result.code ?? result.signal}`}`;
  return checkPixels(result.stdout);
}

function vaapiAttempts(
  binary: FfmpegBinary,
  nodes: readonly string[],
  drivers: readonly string[],
): Attempt[] {
  const listed = binary.hwaccels.includes('vaapi') && binary.filters.has('scale_vaapi');
  const problem = unusable(listed, 'vaapi', nodes, '/dev/dri/renderD* on this machine');
  if (problem !== undefined) return [{ hwaccel: 'vaapi', device: null, env: {}, listed, problem }];
  // libva's own choice is wrong where both of Intel's drivers are installed: iHD begins at Broadwell, i965 serves what is older.
  // Without either (AMD, Nouveau) libva chooses by the PCI id.
  const environments = drivers.length === 0 ? [{}] : drivers.map((name) => ({ LIBVA_DRIVER_NAME: name }));
  return nodes.flatMap((device) =>
    environments.map((env) => ({ hwaccel: 'vaapi', device, env, listed }) as const),
  );
}

function qsvAttempts(binary: FfmpegBinary, nodes: readonly string[]): Attempt[] {
  const listed =
    binary.hwaccels.includes('qsv') && binary.decoders.has('h264_qsv') && binary.filters.has('scale_qsv');
  const problem = unusable(listed, 'qsv', nodes, '/dev/dri/renderD* on this machine');
  if (problem !== undefined) return [{ hwaccel: 'qsv', device: null, env: {}, listed, problem }];
  return nodes.map((device) => ({ hwaccel: 'qsv', device, env: {}, listed }));
}

function v4l2m2mAttempt(binary: FfmpegBinary, nodes: readonly string[]): Attempt {
  const listed = binary.decoders.has('h264_v4l2m2m');
  const problem = unusable(listed, 'h264_v4l2m2m', nodes, '/dev/video* on this machine');
  return { hwaccel: 'v4l2m2m', device: null, env: {}, listed, ...(problem !== undefined && { problem }) };
}

function cudaAttempt(binary: FfmpegBinary, nodes: readonly string[]): Attempt {
  const listed = binary.hwaccels.includes('cuda') && binary.filters.has('scale_cuda');
  const problem = unusable(listed, 'cuda with scale_cuda', nodes, '/dev/nvidiactl on this machine');
  return { hwaccel: 'cuda', device: null, env: {}, listed, ...(problem !== undefined && { problem }) };
}

function unusable(
  listed: boolean,
  what: string,
  nodes: readonly string[],
  where: string,
): string | undefined {
  if (!listed) return `this ffmpeg was built without ${what}`;
  return nodes.length === 0 ? `no ${where}` : undefined;
}

/** What this machine has that may decode video. */
export interface VideoDevices {
  readonly renderNodes: readonly string[];
  /** Which of Intel's two VA-API drivers are installed: iHD, i965. */
  readonly vaapiDrivers: readonly string[];
  readonly videoNodes: readonly string[];
  readonly nvidia: readonly string[];
}

async function readVideoDevices(): Promise<VideoDevices> {
  const [renderNodes, videoNodes, nvidia, libraryFolders] = await Promise.all([
    devicesMatching('/dev/dri', /^renderD\d+$/),
    devicesMatching('/dev', /^video\d+$/),
    devicesMatching('/dev', /^nvidiactl$/),
    devicesMatching('/usr/lib', /./),
  ]);
  const folders = ['/usr/lib/dri', ...libraryFolders.map((folder) => join(folder, 'dri'))];
  const drivers = (await Promise.all(folders.map(list))).flat();
  return {
    renderNodes,
    vaapiDrivers: ['iHD', 'i965'].filter((driver) => drivers.includes(`${driver}_drv_video.so`)),
    videoNodes,
    nvidia,
  };
}

async function devicesMatching(folder: string, pattern: RegExp): Promise<string[]> {
  return (await list(folder))
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => join(folder, name));
}

function list(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
