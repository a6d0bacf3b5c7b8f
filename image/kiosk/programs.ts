/** Starts programs, and knows when they have ended. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Running {
  pid: number;
  /** Resolves when it has ended, whatever the reason. */
  ended: Promise<void>;
  /** Asks it to end, then makes it. */
  stop(): Promise<void>;
}

/** Milliseconds that a program is given to end by itself. */
const PATIENCE = 2_000;

export type Vars = Readonly<Record<string, string | undefined>>;

/** A program that goes on. What it says goes to the journal. It ends with us. */
export function start(program: string, args: readonly string[], env: Vars): Running {
  const child = spawn(program, args, { env, stdio: ['ignore', 'inherit', 'inherit'] });
  const ended = end(program, child);
  return {
    pid: child.pid ?? -1,
    ended,
    stop: async () => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
      await ended;
      clearTimeout(timer);
    },
  };
}

async function end(program: string, child: ChildProcess): Promise<void> {
  try {
    await once(child, 'exit');
  } catch (error) {
    console.error(`${program}: ${error instanceof Error ? error.message : error}`);
  }
}

/** A program that ends soon. @returns what it printed; undefined: it failed, which is said in the journal */
export function ask(
  program: string,
  args: readonly string[],
  {
    env = process.env,
    quiet = false,
    timeout = 10_000,
  }: { env?: Vars; quiet?: boolean; timeout?: number } = {},
): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(program, args, { env, timeout, maxBuffer: 1024 * 1024 }, (error, stdout, stderr) => {
      if (error && !quiet) console.error(`${program} ${args.join(' ')}: ${stderr.trim() || error.message}`);
      resolve(error ? undefined : stdout);
    });
  });
}
