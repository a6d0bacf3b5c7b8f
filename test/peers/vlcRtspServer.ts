/** VLC as an RTSP server: its own one, of UDP alone, that we did not write. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';

const VLC = '/usr/bin/vlc';
/** VLC does not run as root. */
const NOBODY = 65_534;
const AS_NOBODY = [
  'setpriv',
  `--reuid=${NOBODY}`,
  `--regid=${NOBODY}`,
  '--clear-groups',
  '--pdeathsig=KILL',
  '--',
];

/** What is missing to run it, or undefined: tests say it when they are skipped. */
export const vlcMissing = existsSync(VLC) ? undefined : 'needs Debian’s vlc-bin and vlc-plugin-base';

export interface VlcServer {
  readonly url: string;
  /** Kills it; resolves when it is gone. */
  kill(): Promise<void>;
}

/** Sends a file again and again, at its own speed. @param file that everybody may read */
export function startVlcServer(file: string, port: number): VlcServer {
  const url = `rtsp://127.0.0.1:${port}/live`;
  const args = [
    ...['-I', 'dummy', '--quiet', '--loop', file, '--no-audio', '--rtsp-host=127.0.0.1'],
    ...['--sout', `#rtp{sdp=${url}}`, '--sout-keep'],
  ];
  const [command, ...rest] = process.getuid?.() === 0 ? [...AS_NOBODY, VLC, ...args] : [VLC, ...args];
  const env = { PATH: process.env.PATH, HOME: '/tmp', LC_ALL: 'C.UTF-8' };
  const child: ChildProcess = spawn(command!, rest, { stdio: 'ignore', env });
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  };
  return { url, kill };
}
