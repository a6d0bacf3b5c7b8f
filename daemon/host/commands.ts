import { execFile } from 'node:child_process';

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
