/** Which key is which box's: a known_hosts file of our own, filled only when somebody says so. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Host, pinName } from './hosts.ts';

export interface HostKey {
  type: string;
  /** Base64. */
  key: string;
  /** As ssh prints it: `SHA256:…` */
  fingerprint: string;
}

/** Whether any key of the host is in the file. */
export async function isPinned(file: string, host: Host): Promise<boolean> {
  return (await pinnedKeys(file, host)).length > 0;
}

export async function pinnedKeys(file: string, host: Host): Promise<HostKey[]> {
  return keysOf((await output('ssh-keygen', ['-F', pinName(host), '-f', file])).out);
}

/** What the host offers now; none: it does not answer. Nothing is believed yet. */
export async function offeredKeys(host: Host, seconds: number): Promise<HostKey[]> {
  const port = host.port === undefined ? [] : ['-p', String(host.port)];
  return keysOf((await output('ssh-keyscan', ['-T', String(seconds), ...port, '--', host.address])).out);
}

export async function pin(file: string, host: Host, keys: HostKey[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, 'a', 0o600);
  try {
    await handle.write(keys.map(({ type, key }) => `${pinName(host)} ${type} ${key}\n`).join(''));
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Forgets all keys of a host. ssh-keygen keeps the file as it was in FILE.old. */
export async function unpin(file: string, host: Host): Promise<void> {
  await output('ssh-keygen', ['-R', pinName(host), '-f', file]);
}

/** Lines of a known_hosts file; comments are left out. */
function keysOf(text: string): HostKey[] {
  return text.split('\n').flatMap((line) => {
    const [name = '#', type, key] = line.trim().split(/\s+/);
    if (name.startsWith('#') || !type || !key || !/^[A-Za-z0-9+/]+=*$/.test(key)) return [];
    return [{ type, key, fingerprint: fingerprintOf(key) }];
  });
}

export function fingerprintOf(key: string): string {
  const digest = createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
}

function output(program: string, args: string[]): Promise<{ code: number; out: string }> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { maxBuffer: 1 << 20 }, (error, out) => {
      if (error && typeof error.code === 'string') reject(error);
      else resolve({ code: error ? Number(error.code ?? 1) : 0, out });
    });
  });
}
