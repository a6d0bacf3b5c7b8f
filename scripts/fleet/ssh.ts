/** The system's ssh: one command on one box, with what it said and how it ended. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Host } from './hosts.ts';

export interface SshOptions {
  /** A known_hosts file: nobody else is trusted. */
  pins: string;
  identity: string | undefined;
  /** Seconds until a box that does not answer is given up. */
  connectTimeout: number;
}

/**
 * ran: the command ended by itself, with `code` · unreachable · lost: the connection broke while it ran · keyUnknown,
 * keyChanged: the box is not the one that was pinned · denied: it does not take our key · timedOut
 */
export type SshState = 'ran' | 'unreachable' | 'lost' | 'keyUnknown' | 'keyChanged' | 'denied' | 'timedOut';

export interface SshResult {
  state: SshState;
  /** Exit status of the command. */
  code: number;
  out: string;
  err: string;
}

export interface RemoteCommand {
  argv: string[];
  /** Goes to its standard input, which is closed behind it. Secrets go here, never into argv. */
  input?: string | NodeJS.ReadableStream;
  signal?: AbortSignal;
  /** Seconds. */
  timeout?: number;
  /** Called for each line of its output, which then is not kept. */
  line?: (text: string) => void;
}

/** Bytes: a backup with a thousand cameras is a tenth of it. */
const MOST_OUTPUT = 64 * 1024 * 1024;
/** ssh's own exit status for everything that is not the command's. */
const SSH_FAILED = 255;

/** Never asks for anything, trusts nobody but the pins, hands nothing of ours over. */
export function sshArguments(host: Host, { pins, identity, connectTimeout }: SshOptions): string[] {
  const options = [
    ...[
      'BatchMode=yes',
      'StrictHostKeyChecking=yes',
      `UserKnownHostsFile="${pins}"`,
      'GlobalKnownHostsFile=/dev/null',
    ],
    ...[
      'UpdateHostKeys=no',
      'CheckHostIP=no',
      'PasswordAuthentication=no',
      'KbdInteractiveAuthentication=no',
    ],
    ...[
      'ClearAllForwardings=yes',
      'ForwardAgent=no',
      'ForwardX11=no',
      'PermitLocalCommand=no',
      'RequestTTY=no',
    ],
    ...[`ConnectTimeout=${connectTimeout}`, 'ServerAliveInterval=5', 'ServerAliveCountMax=6'],
    ...(identity === undefined ? [] : ['IdentitiesOnly=yes']),
  ];
  return [
    ...options.flatMap((option) => ['-o', option]),
    ...(identity === undefined ? [] : ['-i', identity]),
    ...(host.port === undefined ? [] : ['-p', String(host.port)]),
    ...['-l', host.user, '--', host.address],
  ];
}

/** Runs a command on a box. Never throws for what the box or the network does. @throws Error when there is no ssh */
export function ssh(host: Host, command: RemoteCommand, options: SshOptions): Promise<SshResult> {
  const { WALLEYE_PASSPHRASE: _, ...env } = process.env;
  const child = spawn('ssh', [...sshArguments(host, options), command.argv.map(quoted).join(' ')], {
    stdio: 'pipe',
    env: { ...env, LC_ALL: 'C' },
  });
  let timedOut = false;
  const stop = () => void child.kill('SIGTERM');
  const timer =
    command.timeout === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          stop();
        }, command.timeout * 1000);
  command.signal?.addEventListener('abort', stop, { once: true });
  child.stdin.on('error', () => {}); // it ended without reading: its exit tells why
  if (typeof command.input === 'object') command.input.pipe(child.stdin);
  else child.stdin.end(command.input ?? '');

  const out = command.line ? lines(child.stdout, command.line) : collect(child.stdout, stop);
  const err = collect(child.stderr, stop);
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      command.signal?.removeEventListener('abort', stop);
    };
    child.on('error', (error) => {
      end();
      reject(error);
    });
    child.on('close', (status) => {
      end();
      const said = err();
      const code = status ?? SSH_FAILED;
      const state = timedOut ? 'timedOut' : code === SSH_FAILED ? stateOf(said) : 'ran';
      resolve({ state, code, out: out(), err: said });
    });
  });
}

/** Why ssh itself failed, by what it says: it has one exit status for all of it. */
function stateOf(said: string): SshState {
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED|REVOKED HOST KEY/.test(said)) return 'keyChanged';
  if (/Host key verification failed|No \S+ host key is known/.test(said)) return 'keyUnknown';
  if (/Permission denied|Too many authentication failures/.test(said)) return 'denied';
  if (/Timeout, server .* not responding|Connection to .* closed|Broken pipe|client_loop/.test(said))
    return 'lost';
  return 'unreachable';
}

function collect(stream: NodeJS.ReadableStream, tooMuch: () => void): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MOST_OUTPUT) tooMuch();
    else chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString();
}

function lines(stream: NodeJS.ReadableStream, line: (text: string) => void): () => string {
  createInterface({ input: stream }).on('line', line);
  return () => '';
}

/** For the box's shell, to which ssh hands one line. */
export function quoted(argument: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}
