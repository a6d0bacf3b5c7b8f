/** A box as scripts/ reach it: a real sshd on loopback with keys of its own, run as whoever runs the test. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { until } from '../e2e/until.ts';
import { freePort } from '../network/freePort.ts';

const root = join(import.meta.dirname, '../..');
const SSHD = '/usr/sbin/sshd';

export interface SshBox {
  /** `user@127.0.0.1:PORT` */
  host: string;
  /** `127.0.0.1:PORT`, as it is called in what is printed. */
  label: string;
  port: number;
  /** The line of a known_hosts file. */
  pin: string;
  fingerprint: string;
  /** Private key that it lets in. */
  identity: string;
  close(): Promise<void>;
}

export interface SshBoxOptions {
  /** What a command on the box has in its environment, besides a PATH. */
  env?: Record<string, string>;
  /**
   * Programs of the box, shell scripts; `walleye` is the checkout's unless given. No others: whatever else runs on a login
   * finds them before the real ones.
   */
  programs?: Partial<Record<'walleye' | 'journalctl', string>>;
  /** Private key of another box, which this one lets in too. */
  identity?: string;
}

export async function startSshBox({
  env = {},
  programs = {},
  identity,
}: SshBoxOptions = {}): Promise<SshBox> {
  const folder = mkdtempSync(join(tmpdir(), 'walleye-sshd-'));
  const path = (name: string) => join(folder, name);
  keygen(path('host_key'));
  const key = identity ?? path('client_key');
  if (identity === undefined) keygen(key);
  writeFileSync(path('authorized_keys'), readFileSync(`${key}.pub`));
  mkdirSync(path('bin'));
  for (const [name, body] of Object.entries(programs))
    writeFileSync(path(`bin/${name}`), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  if (!('walleye' in programs)) symlinkSync(join(root, 'scripts/walleye'), path('bin/walleye'));
  const port = await freePort();
  // A home of its own: a login shell would run the start-up files of whoever runs the test.
  const variables = {
    ...env,
    HOME: folder,
    PATH: `${path('bin')}:${dirname(process.execPath)}:/usr/bin:/bin`,
  };
  const config = [
    ...[
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${path('host_key')}`,
      'PidFile none',
      'UsePAM no',
    ],
    ...[
      `AuthorizedKeysFile ${path('authorized_keys')}`,
      'StrictModes no',
      'PermitRootLogin prohibit-password',
    ],
    ...['PasswordAuthentication no', 'KbdInteractiveAuthentication no', 'LogLevel ERROR'],
    `SetEnv ${Object.entries(variables)
      .map(([name, value]) => `"${name}=${value}"`)
      .join(' ')}`,
  ];
  writeFileSync(path('sshd_config'), `${config.join('\n')}\n`);
  // Where the system's own sshd never ran, the folder that sshd locks its children into is missing.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const sshd = spawn(SSHD, ['-D', '-e', '-f', path('sshd_config')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  sshd.stderr.on('data', (data) => {
    said += data;
  });
  const exited = once(sshd, 'exit');
  await until(
    'sshd listens',
    async () => {
      if (sshd.exitCode !== null) throw new Error(`sshd ended: ${said}`);
      return listens(port);
    },
    30_000,
  );
  const label = `127.0.0.1:${port}`;
  const [type, publicKey] = readFileSync(path('host_key.pub'), 'utf8').split(' ');
  return {
    ...{ host: `${userInfo().username}@${label}`, label, port },
    pin: `[127.0.0.1]:${port} ${type} ${publicKey}\n`,
    fingerprint: spawnSync('ssh-keygen', ['-lf', path('host_key.pub')], { encoding: 'utf8' }).stdout.split(
      ' ',
    )[1]!,
    identity: key,
    close: async () => {
      sshd.kill();
      if (sshd.exitCode === null && sshd.signalCode === null) await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function keygen(file: string): void {
  const { status, stderr } = spawnSync(
    'ssh-keygen',
    ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file],
    {
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(`ssh-keygen: ${stderr}`);
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.on('connect', () => end(true));
    socket.on('error', () => end(false));
  });
}
