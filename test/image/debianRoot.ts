/**
 * A fresh Debian in a folder, as its installer leaves the smallest one: systemd, apt, no desktop, nothing of ours. Bootstrapped
 * once by mmdebstrap into .state/test, unpacked from there afterwards.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CACHE = join(import.meta.dirname, '../../.state/test');
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const PACKAGES = ['systemd-sysv', 'dbus', 'udev', 'iproute2', 'ca-certificates', 'procps', 'kmod'];

/** Why none can be made here, for `test(…, { skip })`; false when one can. In CI always false. */
export function debianUnavailable(): string | false {
  if (process.env.CI === 'true') return false;
  if (process.getuid?.() !== 0) return 'making a Debian needs root';
  const program = (process.env.PATH ?? '')
    .split(':')
    .some((folder) => existsSync(join(folder, 'mmdebstrap')));
  if (!program || !existsSync(KEYRING)) return 'needs the packages mmdebstrap and debian-archive-keyring';
  return mirror('debian') === undefined && 'no Debian mirror among the apt sources of this machine';
}

/**
 * Unpacks a Debian into a folder that is made for it. Its apt has this machine's mirror.
 * @param suite of Debian, by its code name
 */
export async function makeDebian(folder: string, suite = 'trixie'): Promise<void> {
  const sources = sourcesOf(suite);
  const key = createHash('sha256')
    .update(JSON.stringify([PACKAGES, sources]))
    .digest('hex')
    .slice(0, 12);
  const archive = join(CACHE, `debian-${suite}-${key}.tar`);
  if (!existsSync(archive)) {
    mkdirSync(CACHE, { recursive: true });
    const half = `${archive}.${process.pid}.tar`;
    const args = ['--quiet', '--variant=minbase', `--include=${PACKAGES.join(',')}`, suite, half, ...sources];
    await run('mmdebstrap', args, { maxBuffer: 2 ** 26 });
    renameSync(half, archive);
  }
  mkdirSync(folder, { recursive: true });
  await run('tar', ['-xf', archive, '-C', folder, '--numeric-owner', '--xattrs', '--xattrs-include=*']);
}

/** Lines of sources.list, from this machine's mirror. @param suite of Debian, by its code name */
export function sourcesOf(suite: string): string[] {
  const from = mirror('debian');
  if (from === undefined) throw new Error('no Debian mirror among the apt sources of this machine');
  const security = mirror('debian-security') ?? `${from.replace(/\/$/, '')}-security`;
  return [
    `deb [signed-by=${KEYRING}] ${from} ${suite} main`,
    `deb [signed-by=${KEYRING}] ${from} ${suite}-updates main`,
    `deb [signed-by=${KEYRING}] ${security} ${suite}-security main`,
  ];
}

/** The first address among this machine's apt sources whose last part is the given one: `debian`, `debian-security`. */
export function mirror(name: string): string | undefined {
  const folder = '/etc/apt/sources.list.d';
  const files = existsSync(folder) ? readdirSync(folder).map((file) => join(folder, file)) : [];
  const text = ['/etc/apt/sources.list', ...files.filter((file) => /\.(list|sources)$/.test(file))]
    .flatMap((file) => (existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []))
    .flatMap(
      (line) => /^URIs:\s*(\S+)/.exec(line)?.[1] ?? /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)/.exec(line)?.[1] ?? [],
    );
  return text.find((address) => address.replace(/\/$/, '').endsWith(`/${name}`));
}
