import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NODE_FLAGS } from '../../daemon/system/heap.ts';
import type { DescriptorKeeper } from '../system/descriptorKeeper.ts';
import { end, firstLine, onCore, root, startProgram } from './child.ts';

export type Profile = 'main' | 'sub';

export interface Cameras {
  cameras: { id: string; fps: number; rtsp: Record<Profile, string> }[];
  /** Base URL of the control API. */
  control: string;
  stop(): Promise<void>;
}

export interface CameraOptions {
  /** All play one and the same clip, which is encoded once. */
  same?: boolean;
  /** With `same`: the main stream is 1920×1080 at 25 pictures a second and 4 Mbit/s. */
  large?: boolean;
  /** With `same`: bit rate of the main stream, kbit/s; otherwise as many as its pictures take. */
  kbps?: number;
  /** Of the machine, to stay on. */
  core?: number | undefined;
}

/** Virtual cameras in a process of their own. @param gop seconds between key frames */
export async function startCameras(
  count: number,
  gop: number,
  options: CameraOptions = {},
): Promise<Cameras> {
  const script = options.same ? 'test/bench/sameCameras.ts' : 'test/virtual-camera/demo.ts';
  const args = [
    '--cameras',
    `${count}`,
    '--gop',
    `${gop}`,
    '--with-parent',
    ...(options.large ? ['--large'] : []),
    ...(options.kbps === undefined ? [] : ['--kbps', `${options.kbps}`]),
  ];
  const { child, line } = await startProgram(script, args, options.core);
  return { ...(JSON.parse(line) as Omit<Cameras, 'stop'>), stop: () => end(child) };
}

export interface Daemon {
  url: string;
  port: number;
  pid: number;
  /** Sends JSON, reads JSON. @throws Error with the answer where it is no success */
  api<T = unknown>(method: string, path: string, body?: object): Promise<T>;
  post(path: string, body: object): Promise<void>;
  /** The exit code or signal where it has ended; undefined: it runs. */
  ended(): number | NodeJS.Signals | undefined;
  stop(): Promise<void>;
  /** SIGKILL. Its folder stays. */
  kill(): Promise<void>;
}

export interface DaemonOptions {
  /** Names by which browsers may ask for it, as in WALLEYE_ALLOWED_HOSTS. */
  allowedHosts?: string;
  /** Kept; otherwise a fresh one that is gone at the end. */
  stateDir?: string;
  /** Of the machine, to stay on. */
  core?: number | undefined;
  /** Starts it as systemd would, with what a daemon before has left. */
  keeper?: DescriptorKeeper;
}

/** A new folder beside the sources: the system's own for temporary files may lie in memory. */
export function freshFolder(): string {
  mkdirSync(join(root, '.state'), { recursive: true });
  return mkdtempSync(join(root, '.state', 'bench-'));
}

export async function startDaemon(options: DaemonOptions = {}): Promise<Daemon> {
  const stateDir = options.stateDir ?? freshFolder();
  const own = onCore(options.core, process.execPath, [...NODE_FLAGS, 'daemon/main.ts']);
  const [command, args] = options.keeper?.launching(...own) ?? own;
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      WALLEYE_STATE_DIR: stateDir,
      WALLEYE_PORT: '0',
      WALLEYE_RTSP_PORT: '0',
      WALLEYE_HOST: '127.0.0.1',
      ...(options.allowedHosts === undefined ? {} : { WALLEYE_ALLOWED_HOSTS: options.allowedHosts }),
      WALLEYE_DISCOVERY_INTERFACES: 'lo',
      WALLEYE_LOG_LEVEL: 'info',
      WALLEYE_BENCHMARK: 'off',
      // It opens streams by itself, in the middle of a measurement.
      WALLEYE_COMMISSIONING: 'off',
      NOTIFY_SOCKET: '',
      // As in walleye.service. The first daemon of a bench fills the cache for the others.
      ...{ MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_ARENA_MAX: '2' },
      UV_THREADPOOL_SIZE: '16',
      NODE_COMPILE_CACHE: join(root, '.cache', 'compiled'),
      ...options.keeper?.env,
    },
  });
  const line = await firstLine(child, (text) => text.includes('"listening"'));
  const { url } = JSON.parse(line) as { url: string };
  const api = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const sent = body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const answer = await fetch(url + path, { method, ...sent });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };
  return {
    url,
    port: Number(new URL(url).port),
    pid: child.pid ?? 0,
    api,
    post: (path, body) => api('POST', path, body),
    ended: () => child.exitCode ?? child.signalCode ?? undefined,
    stop: async () => {
      await end(child);
      if (options.stateDir === undefined) rmSync(stateDir, { recursive: true, force: true });
    },
    kill: () => end(child, 'SIGKILL'),
  };
}

/** Adds the cameras with both streams. @param warm the streams stay open although nobody looks */
export async function addCameras(daemon: Daemon, { cameras }: Cameras, warm = false): Promise<void> {
  for (const { id, rtsp } of cameras) {
    const streams = (['main', 'sub'] as const).map((profile) => ({
      profile,
      rtsp_url: rtsp[profile],
      keep_warm: warm,
    }));
    await daemon.post('/api/cameras', { id, name: id, streams });
  }
}

/** Until the streams play and their GOP cache has filled once. @param fill seconds */
export async function waitUntilLive(daemon: Daemon, names: readonly string[], fill: number): Promise<void> {
  for (let waited = 0; waited < 30; waited++) {
    const { streams } = await daemon.api<{ streams: { name: string; state: string }[] }>(
      'GET',
      '/api/streams',
    );
    if (names.every((name) => streams.some((stream) => stream.name === name && stream.state === 'live')))
      break;
    await sleep(1000);
  }
  await sleep(fill * 1000);
}
