import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { NODE_FLAGS } from '../../daemon/system/heap.ts';

const root = join(import.meta.dirname, '../..');

export interface Cameras {
  cameras: { id: string; rtsp: { main: string; sub: string } }[];
  /** Base URL of the control API. */
  control: string;
  stop(): Promise<void>;
}

/** Virtual cameras in a process of their own. @param gop seconds between key frames */
export async function startCameras(count: number, gop: number): Promise<Cameras> {
  const args = ['test/virtual-camera/demo.ts', '--cameras', `${count}`, '--gop', `${gop}`, '--with-parent'];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
  const line = await firstLine(child, () => true);
  return { ...(JSON.parse(line) as Omit<Cameras, 'stop'>), stop: () => end(child) };
}

export interface Daemon {
  url: string;
  pid: number;
  post(path: string, body: object): Promise<void>;
  stop(): Promise<void>;
}

export async function startDaemon(): Promise<Daemon> {
  const stateDir = mkdtempSync(join(tmpdir(), 'walleye-bench-'));
  const child = spawn(process.execPath, [...NODE_FLAGS, 'daemon/main.ts'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      WALLEYE_STATE_DIR: stateDir,
      WALLEYE_PORT: '0',
      WALLEYE_DISCOVERY_INTERFACES: 'lo',
      WALLEYE_LOG_LEVEL: 'info',
      WALLEYE_BENCHMARK: 'off',
    },
  });
  const line = await firstLine(child, (text) => text.includes('"listening"'));
  const { url } = JSON.parse(line) as { url: string };
  return {
    url,
    pid: child.pid ?? 0,
    post: async (path, body) => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
      if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`);
    },
    stop: async () => {
      await end(child);
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

/** The first line of stdout (else stderr) that is wanted; what follows is read and thrown away. */
async function firstLine(child: ChildProcess, wanted: (line: string) => boolean): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const stream = child.stdout ?? child.stderr;
  if (!stream) throw new Error('the child has no output');
  createInterface({ input: stream }).on('line', (line) => wanted(line) && resolve(line));
  child.once('exit', (code) => reject(new Error(`the child ended with ${code} before it was ready`)));
  return promise;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}
