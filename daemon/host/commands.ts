import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface CommandResult {
  /** Exit status; -1: it could not be started, or did not end in time. */
  status: number;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end. Never throws. */
export type RunCommand = (argv: readonly string[]) => Promise<CommandResult>;

/** Milliseconds. Adding 256 cameras takes minutes: the daemon asks each of them first. */
const PATIENCE = 15 * 60_000;

export const runCommand: RunCommand = ([program = '', ...args]) =>
  new Promise((resolve) => {
    const options = { timeout: PATIENCE, killSignal: 'SIGKILL', maxBuffer: 4 << 20 } as const;
    execFile(program, args, options, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ status, stdout, stderr: status === -1 ? `${error?.message}\n${stderr}` : stderr });
    });
  });

/** Runs a program to its end, and hands over each line that it writes to stderr as it comes. Never throws. */
export type FollowCommand = (
  argv: readonly string[],
  onLine: (line: string) => void,
) => Promise<CommandResult>;

/** Milliseconds. An image over a slow line takes an hour, not a day. */
const LONG_PATIENCE = 6 * 60 * 60_000;
/** Characters of each that are kept: the last ones, which say why. */
const KEPT = 1 << 18;

export const followCommand: FollowCommand = ([program = '', ...args], onLine) =>
  new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    // Not spawn's own: where a program cannot be started it never ends.
    const timer = setTimeout(() => child.kill('SIGKILL'), LONG_PATIENCE);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout = (stdout + text).slice(-KEPT);
    });
    createInterface({ input: child.stderr }).on('line', (line) => {
      stderr = `${stderr}${line}\n`.slice(-KEPT);
      onLine(line);
    });
    const end = (result: CommandResult) => {
      clearTimeout(timer);
      resolve(result);
    };
    child.on('error', (error) => end({ status: -1, stdout, stderr: `${error.message}\n${stderr}` }));
    child.on('close', (code) => end({ status: code ?? -1, stdout, stderr }));
  });
