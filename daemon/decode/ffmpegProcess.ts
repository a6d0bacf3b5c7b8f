import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/** A program with its arguments and its whole environment; nothing of the daemon's environment is passed on. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface FfmpegProcessOptions extends Command {
  /** Called with every chunk of stdout until the process has ended, also while it is being stopped. */
  readonly stdout: (chunk: Buffer) => void;
}

/** How a child ended. `stopped`: by us after abort (`forced`: it had to be killed) · `killed`: by our `kill()` · `exited`: by itself, or by somebody else's signal · `unstarted`: it never ran. */
export interface FfmpegExit {
  readonly how: 'stopped' | 'killed' | 'exited' | 'unstarted';
  readonly forced: boolean;
  readonly code: number | null;
  readonly signal: string | null;
  /** The end of stderr, for the error message. */
  readonly lastLines: readonly string[];
  /** ffmpeg said that it decodes in software although hardware was asked for. */
  readonly hardwareFallback: boolean;
  readonly cause?: unknown;
}

/** Where programs are looked for. The daemon's own PATH is not read: what it runs must not depend on who started it. */
export const SEARCH_PATH: readonly string[] = [
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
];

const BASE_ENV = { PATH: SEARCH_PATH.join(':'), LC_ALL: 'C', AV_LOG_FORCE_NOCOLOR: '1' };

/** What ffmpeg writes when the hardware refused and software took over (the last two: newer ffmpeg, i965). */
const FALLBACK_SIGNS =
  /hwaccel initialisation returned error|Failed setup for format (vaapi|cuda|qsv|drm)|Format yuvj?4\d\dp chosen by get_format|No support for codec .* profile|Falling back to software/i;

const MAX_LINE = 500;
const KEPT_LINES = 12;
/** A child whose stdin has ended leaves within milliseconds; then SIGTERM, then SIGKILL. */
const TERM_AFTER_MS = 300;
const KILL_AFTER_MS = 1300;
/** The pipes end with the process; this long they may last after it. */
const CLOSE_AFTER_MS = 1000;

/**
 * One child process, from start to stated end. This file is the only one of the daemon's pipeline that starts processes.
 *
 * The child leads a process group of its own, so that Ctrl-C at a terminal reaches only the daemon, and a kill reaches all of it.
 */
export class FfmpegProcess {
  readonly #options: FfmpegProcessOptions;
  #child: ChildProcessByStdio<Writable, Readable, Readable> | undefined;
  #killed = false;
  #queued = 0;
  #stdinDead = false;
  readonly #lines: string[] = [];
  #line = '';
  #fallback = false;

  constructor(options: FfmpegProcessOptions) {
    this.#options = options;
  }

  /** Of the outermost process (the sandbox's, where there is one); null before the start and after the end. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Bytes given to `write` that the kernel has not taken yet. */
  get queuedBytes(): number {
    return this.#queued;
  }

  get hardwareFallback(): boolean {
    return this.#fallback;
  }

  /** Starts the child; resolves with how it ended, never rejects. After abort: end of stdin, SIGTERM, SIGKILL. */
  async run(signal: AbortSignal): Promise<FfmpegExit> {
    const { command, args, env, stdout } = this.#options;
    if (signal.aborted) return this.#exit('stopped', null, null, false);
    let child: ChildProcessByStdio<Writable, Readable, Readable>;
    try {
      child = spawn(command, args, {
        stdio: ['pipe', 'pipe', 'pipe'],
        env: { ...BASE_ENV, ...env },
        cwd: '/',
        detached: true,
      });
    } catch (cause) {
      return { ...this.#exit('unstarted', null, null, false), cause };
    }
    this.#child = child;
    // EPIPE and ECONNRESET: the child is gone or has closed its input; its exit tells more.
    child.stdin.on('error', () => {
      this.#stdinDead = true;
    });
    child.stdout.on('data', stdout);
    child.stdout.on('error', () => {});
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (text: string) => this.#readStderr(text));
    child.stderr.on('error', () => {});

    let forced = false;
    const timers: NodeJS.Timeout[] = [];
    const stop = () => {
      child.stdin.end();
      timers.push(
        setTimeout(() => this.#signal('SIGTERM'), TERM_AFTER_MS),
        setTimeout(() => {
          forced = true;
          this.#signal('SIGKILL');
        }, KILL_AFTER_MS),
      );
    };
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await new Promise<FfmpegExit>((resolve) => {
        child.once('error', (cause) => {
          // Only a failed start ends here; a failed kill() of a living child is no end.
          if (child.pid === undefined) resolve({ ...this.#exit('unstarted', null, null, false), cause });
        });
        // A descendant that survived would hold the pipes open, and us with them.
        child.once('exit', () => {
          timers.push(
            setTimeout(() => {
              child.stdout.destroy();
              child.stderr.destroy();
            }, CLOSE_AFTER_MS),
          );
        });
        child.once('close', (code, ended) => {
          const how = this.#killed ? 'killed' : signal.aborted ? 'stopped' : 'exited';
          resolve(this.#exit(how, code, ended, forced));
        });
      });
    } finally {
      signal.removeEventListener('abort', stop);
      for (const timer of timers) clearTimeout(timer);
      this.#child = undefined;
    }
  }

  /** Hands bytes to the child's stdin, in order, in one write. false: there is no child that reads. */
  write(data: Buffer): boolean {
    const stdin = this.#child?.stdin;
    if (stdin === undefined || this.#stdinDead || !stdin.writable) return false;
    this.#queued += data.length;
    stdin.write(data, () => {
      this.#queued -= data.length;
    });
    return true;
  }

  /** Ends stdin: the child finishes what it has and exits. */
  end(): void {
    this.#child?.stdin.end();
  }

  /** SIGKILL, for a child that hangs or that must not show one more picture. `run` then resolves with `killed`. */
  kill(): void {
    this.#killed = true;
    this.#signal('SIGKILL');
  }

  #signal(name: NodeJS.Signals): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, name);
    } catch {
      // ESRCH: it has ended in this moment.
    }
  }

  #readStderr(text: string): void {
    const lines = (this.#line + text).split(/[\r\n]+/);
    this.#line = (lines.pop() ?? '').slice(0, MAX_LINE);
    for (const line of lines) this.#keepLine(line);
  }

  #keepLine(line: string): void {
    if (line.trim() === '') return;
    if (FALLBACK_SIGNS.test(line)) this.#fallback = true;
    this.#lines.push(line.slice(0, MAX_LINE));
    if (this.#lines.length > KEPT_LINES) this.#lines.shift();
  }

  #exit(how: FfmpegExit['how'], code: number | null, signal: string | null, forced: boolean): FfmpegExit {
    this.#keepLine(this.#line);
    this.#line = '';
    return { how, forced, code, signal, lastLines: [...this.#lines], hardwareFallback: this.#fallback };
  }
}

/** What a short run gave: all of stdout up to the bound. */
export interface CollectedOutput extends FfmpegExit {
  readonly stdout: Buffer;
  readonly timedOut: boolean;
}

/**
 * Runs a command to its end with bounded time and output, for questions such as `ffmpeg -version` and self-tests.
 * Never rejects; longer output kills the child.
 */
export async function collect(
  command: Command,
  options: { timeout: number; input?: Buffer; maxBytes?: number },
): Promise<CollectedOutput> {
  const chunks: Buffer[] = [];
  const maxBytes = options.maxBytes ?? 8 * 1024 * 1024;
  let bytes = 0;
  const child = new FfmpegProcess({
    ...command,
    stdout: (chunk) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) chunks.push(chunk);
      else child.kill();
    },
  });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill();
  }, options.timeout);
  const never = new AbortController();
  const running = child.run(never.signal);
  if (options.input !== undefined) child.write(options.input);
  child.end();
  const exit = await running;
  clearTimeout(timer);
  return { ...exit, stdout: Buffer.concat(chunks), timedOut };
}
