import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { NODE_FLAGS } from '../../daemon/system/heap.ts';
import type { DescriptorKeeper } from '../system/descriptorKeeper.ts';

const MAIN = join(import.meta.dirname, '../../daemon/main.ts');
/** Milliseconds. The hardware probe decodes a clip first. */
const START_LIMIT = 60_000;
const STOP_LIMIT = 15_000;

export interface DaemonOptions {
  env?: Record<string, string>;
  /** Kept when given; otherwise a fresh one that is removed at the end. */
  stateDir?: string;
  /** 0: the kernel chooses. */
  port?: number;
  /** Starts it as systemd would, with what a daemon before has left. */
  keeper?: DescriptorKeeper | undefined;
}

export interface Daemon {
  /** `http://127.0.0.1:PORT` */
  url: string;
  port: number;
  pid: number;
  stateDir: string;
  /** Everything it logged, one JSON text a line. */
  log: string[];
  /** Sends JSON, reads JSON; an answer that is no success throws with its body. */
  api<T = unknown>(method: string, path: string, body?: unknown): Promise<T>;
  /** SIGTERM, and waits for the end. Answers the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>;
}

/** The real daemon as its own process, listening. */
export async function startDaemon(options: DaemonOptions = {}): Promise<Daemon> {
  const ownStateDir = options.stateDir === undefined;
  const stateDir = options.stateDir ?? (await mkdtemp(join(tmpdir(), 'walleye-e2e-')));
  const { keeper } = options;
  const [command, args] = [process.execPath, [...NODE_FLAGS, MAIN]];
  const child = spawn(...(keeper?.launching(command, args) ?? ([command, args] as const)), {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      WALLEYE_STATE_DIR: stateDir,
      WALLEYE_PORT: String(options.port ?? 0),
      WALLEYE_RTSP_PORT: '0',
      WALLEYE_HOST: '127.0.0.1',
      WALLEYE_DISCOVERY_INTERFACES: 'lo',
      WALLEYE_LOG_LEVEL: 'info',
      WALLEYE_BENCHMARK: 'off',
      WALLEYE_COMMISSIONING: 'off',
      NOTIFY_SOCKET: '',
      // As in walleye.service.
      UV_THREADPOOL_SIZE: '16',
      ...keeper?.env,
      ...options.env,
    },
  });
  const log: string[] = [];
  const lines = createInterface({ input: child.stderr });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const listening = Promise.withResolvers<string>();
  lines.on('line', (line) => {
    log.push(line);
    if (log.length > 5_000) log.shift();
    const url = /"url":"(http:[^"]+)".*"msg":"listening"/.exec(line)?.[1];
    if (url !== undefined) listening.resolve(url);
  });
  void exited.then(([code]) =>
    listening.reject(new Error(`the daemon ended with ${code}:\n${log.join('\n')}`)),
  );
  const timer = setTimeout(() => {
    listening.reject(
      new Error(`the daemon did not listen within ${START_LIMIT / 1000} s:\n${log.join('\n')}`),
    );
    child.kill('SIGKILL');
  }, START_LIMIT);
  const url = await listening.promise.finally(() => clearTimeout(timer));

  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    const patience = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT);
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    const [code] = await exited;
    clearTimeout(patience);
    if (ownStateDir) await rm(stateDir, { recursive: true, force: true });
    return code;
  };
  return {
    url,
    port: Number(new URL(url).port),
    pid: child.pid ?? 0,
    stateDir,
    log,
    async api<T>(method: string, path: string, body?: unknown): Promise<T> {
      const response = await fetch(`${url}${path}`, {
        method,
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return (text === '' ? undefined : JSON.parse(text)) as T;
    },
    stop: () => end('SIGTERM'),
    kill: async () => void (await end('SIGKILL')),
  };
}
