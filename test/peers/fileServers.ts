/**
 * A Samba and an NFS server (Ganesha, NFS 4) that we did not write, each with one share `video`, on 127.0.0.1. They take the ports that
 * clients expect, 445 and 2049, and want root: for `./scripts/test --image-full` alone.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { until } from '../e2e/until.ts';

/** Every client's files are this user's. */
const USER = 'nobody';
const UID = 65_534;

export interface FileServer {
  /** What is shared, as it lies here. */
  folder: string;
  /** Pulls its plug: connections are cut. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

function server(
  folder: string,
  port: number,
  command: [program: string, ...args: string[]],
): Promise<FileServer> {
  let child: ChildProcess | undefined;
  const share = join(folder, 'share');
  mkdirSync(share, { recursive: true });
  chownSync(share, UID, UID);
  const [program, ...args] = command;
  const start = async () => {
    const begun = spawn('setpriv', ['--pdeathsig=KILL', program, ...args], {
      stdio: 'ignore',
      detached: true,
    });
    child = begun;
    await until(`${program} to listen`, () => {
      if (begun.exitCode !== null) throw new Error(`${program} ended with ${begun.exitCode}, see ${folder}`);
      return answers(port);
    });
  };
  const stop = async () => {
    if (!child?.pid || child.exitCode !== null) return;
    const end = once(child, 'exit');
    // Samba has a process for each client.
    process.kill(-child.pid, 'SIGKILL');
    await end;
  };
  return start().then(() => ({ folder: share, start, stop }));
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

/** `//127.0.0.1/video`, for `nobody` with this password. @param folder is made anew */
export function startSamba(folder: string, password: string): Promise<FileServer> {
  rmSync(folder, { recursive: true, force: true });
  const state = join(folder, 'state');
  mkdirSync(join(state, 'ncalrpc'), { recursive: true });
  const config = join(folder, 'smb.conf');
  const places = ['private dir', 'lock directory', 'state directory', 'cache directory', 'pid directory'];
  writeFileSync(
    config,
    [
      '[global]',
      'interfaces = lo',
      'bind interfaces only = yes',
      'smb ports = 445',
      'disable netbios = yes',
      'load printers = no',
      'server min protocol = SMB2_10',
      ...places.map((place) => `${place} = ${state}`),
      `ncalrpc dir = ${join(state, 'ncalrpc')}`,
      `log file = ${join(folder, 'log')}`,
      '[video]',
      `path = ${join(folder, 'share')}`,
      'read only = no',
      '',
    ].join('\n'),
  );
  execFileSync('smbpasswd', ['-c', config, '-s', '-a', USER], { input: `${password}\n${password}\n` });
  return server(folder, 445, ['smbd', '--foreground', '--no-process-group', '-s', config]);
}

/** `127.0.0.1:/video`, which maps every user to one who may write. @param folder is made anew */
export function startNfs(folder: string): Promise<FileServer> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'recovery'), { recursive: true });
  const config = join(folder, 'ganesha.conf');
  writeFileSync(
    config,
    `NFS_CORE_PARAM { Bind_addr = 127.0.0.1; NFS_Port = 2049; Protocols = 4; Enable_NLM = false; Enable_RQUOTA = false; Enable_UDP = false; }
NFSV4 { Grace_Period = 5; Lease_Lifetime = 10; RecoveryRoot = "${join(folder, 'recovery')}"; Minor_Versions = 0, 1, 2; Only_Numeric_Owners = true; }
EXPORT { Export_Id = 1; Path = "${join(folder, 'share')}"; Pseudo = /video; Access_Type = RW; Squash = All; Anonymous_Uid = ${UID};
  Anonymous_Gid = ${UID}; SecType = sys; Protocols = 4; Transports = TCP; FSAL { Name = VFS; } }
`,
  );
  const files = ['-f', config, '-L', join(folder, 'log'), '-p', join(folder, 'pid')];
  return server(folder, 2049, ['ganesha.nfsd', '-F', ...files]);
}
