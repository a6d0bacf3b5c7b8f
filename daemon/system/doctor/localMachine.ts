/** This machine's files and programs, for the doctor: bounded in time and size, and never an error. */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, open, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Failure, Machine, Ran, Reading } from './machine.ts';

export interface LocalMachineOptions {
  /** Instead of `/`, for tests: files are read and programs looked for below it. */
  root?: string;
  /** Milliseconds for one file or program. */
  patience?: number;
  /** Milliseconds for everything, counted from now. */
  limit?: number;
  /** Unix seconds, instead of the clock. */
  now?: () => number;
}

/** systemd-bless-boot lies beside systemd itself. */
const FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
const MORE_FOLDERS = ['/usr/lib/systemd', '/lib/systemd'];
/** A slow box has two cores, and a wall to show while it is examined. */
const AT_ONCE = 3;
const MOST_BYTES = 1 << 20;
const MOST_OUTPUT = 4 << 20;
const LATE = Symbol('late');

export class LocalMachine implements Machine {
  readonly #root: string;
  readonly #patience: number;
  readonly #end: number;
  readonly #now: () => number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(options: LocalMachineOptions = {}) {
    this.#root = options.root ?? '/';
    this.#patience = options.patience ?? 5_000;
    this.#end = performance.now() + (options.limit ?? 18_000);
    this.#now = options.now ?? (() => Date.now() / 1000);
  }

  now(): number {
    return this.#now();
  }

  async read(path: string): Promise<Reading> {
    const result = await this.#inTime(readBounded(join(this.#root, path)));
    if (result === LATE) return { ok: false, failure: 'late' };
    return typeof result === 'string'
      ? { ok: true, text: result }
      : { ok: false, failure: failureOf(result) };
  }

  async list(path: string): Promise<readonly string[]> {
    const result = await this.#inTime(readdir(join(this.#root, path)).catch(() => []));
    if (result === LATE) return [];
    return result.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  }

  async target(path: string): Promise<string | undefined> {
    const result = await this.#inTime(readlink(join(this.#root, path)).catch(() => undefined));
    return result === LATE ? undefined : result;
  }

  async run(program: string, ...args: readonly string[]): Promise<Ran> {
    if (this.#running >= AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running++;
    try {
      const path = await this.#find(program);
      const left = this.#left();
      if (left <= 0) return { ok: false, failure: 'late' };
      return path === undefined ? { ok: false, failure: 'missing' } : await this.#spawn(path, args, left);
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  async #find(program: string): Promise<string | undefined> {
    for (const folder of [...FOLDERS, ...MORE_FOLDERS]) {
      const path = join(this.#root, folder, program);
      const usable = await this.#inTime(access(path, constants.X_OK).then(...WHETHER));
      if (usable === true) return path;
    }
    return undefined;
  }

  #spawn(path: string, args: readonly string[], patience: number): Promise<Ran> {
    return new Promise((resolve) => {
      const child = spawn(path, args, {
        stdio: ['ignore', 'pipe', 'pipe'],
        cwd: '/',
        env: {
          PATH: FOLDERS.join(':'),
          LC_ALL: 'C.UTF-8',
          LANG: 'C.UTF-8',
          SYSTEMD_COLORS: '0',
          TERM: 'dumb',
        },
      });
      const output = { out: '', err: '' };
      const end = (ran: Ran) => {
        clearTimeout(timer);
        resolve(ran);
      };
      const timer = setTimeout(() => {
        abandon(child);
        end({ ok: false, failure: 'late' });
      }, patience);
      for (const [key, stream] of [['out', child.stdout] as const, ['err', child.stderr] as const]) {
        stream.setEncoding('utf8');
        stream.on('error', () => {});
        stream.on('data', (text: string) => {
          if (output[key].length < MOST_OUTPUT) output[key] += text;
        });
      }
      child.on('error', (error) => end({ ok: false, failure: failureOf(error) }));
      child.on('close', (code) => end({ ok: true, status: code ?? -1, ...output }));
    });
  }

  #left(): number {
    return Math.min(this.#patience, this.#end - performance.now());
  }

  /** A dying disk answers nothing, and what waits for it cannot be ended: it is left behind. */
  async #inTime<T>(work: Promise<T>): Promise<T | typeof LATE> {
    const left = this.#left();
    if (left <= 0) return LATE;
    const { promise, resolve } = Promise.withResolvers<typeof LATE>();
    const timer = setTimeout(resolve, left, LATE);
    return Promise.race([work, promise]).finally(() => clearTimeout(timer));
  }
}

const WHETHER = [() => true, () => false] as const;

/** What hangs in the kernel does not go even by SIGKILL: nobody waits for it either. */
function abandon(child: ChildProcess): void {
  child.kill('SIGKILL');
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.unref();
}

/** Files of /proc and /sys tell no size. Answers the error instead of throwing it. */
async function readBounded(path: string): Promise<string | Error> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const chunks: Buffer[] = [];
      let size = 0;
      while (size < MOST_BYTES) {
        const { bytesRead, buffer } = await file.read(Buffer.alloc(65_536), 0, 65_536);
        if (bytesRead === 0) break;
        chunks.push(buffer.subarray(0, bytesRead));
        size += bytesRead;
      }
      return Buffer.concat(chunks).toString('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    return error as Error;
  }
}

function failureOf(error: NodeJS.ErrnoException): Failure {
  const { code = '' } = error;
  if (['ENOENT', 'ENOTDIR', 'ENODEV', 'ENXIO'].includes(code)) return 'missing';
  return ['EACCES', 'EPERM'].includes(code) ? 'denied' : 'failed';
}
