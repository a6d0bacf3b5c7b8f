import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const CLI = fileURLToPath(new URL('../../daemon/system/cli.ts', import.meta.url));

export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** Runs a command to its end. `input` goes to its standard input, which is closed behind it. */
export function execute(
  command: string,
  args: string[],
  input = '',
  env: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const child = spawn(command, args, {
    stdio: 'pipe',
    // Only what it needs: settings of whoever runs the test must not matter.
    env: { PATH: process.env.PATH, HOME: '/nonexistent', TERM: 'dumb', ...env },
  });
  const ended: Ended = { code: null, out: '', err: '' };
  child.stdout.on('data', (data) => {
    ended.out += data;
  });
  child.stderr.on('data', (data) => {
    ended.err += data;
  });
  child.stdin.on('error', () => {}); // it ended without reading
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ ...ended, code }));
  });
}

/** `walleye …`, the real one, against a daemon at `url`. */
export function walleye(url: string, args: string[], input = ''): Promise<Ended> {
  return execute(process.execPath, [CLI, '--url', url, ...args], input);
}
