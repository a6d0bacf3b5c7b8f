import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SiteHost } from '../schema.ts';
import { certificateProblems } from './certificateCheck.ts';
import { CERTIFICATE_FOLDER, OUR_CERTIFICATES, REBUILD_BUNDLE } from './certificates.ts';
import { hostProblems } from './hostCheck.ts';
import { type HostChange, HostError, type HostFile, type HostProblem } from './hostFile.ts';
import { hostFiles } from './hostFiles.ts';
import { NETWORK_FOLDER, OUR_NETWORK_FILES } from './networkFiles.ts';
import { WIFI_FOLDER, WIFI_LIST, WIFI_NAME } from './wifiFiles.ts';
import { type WriteOptions, writeFiles } from './writeFiles.ts';

/** All that is wrong with the host part of a site file whose form is right; `[]`: it can be applied. */
export async function checkHost(host: SiteHost, root = '/'): Promise<HostProblem[]> {
  const problems = [...hostProblems(host), ...certificateProblems(host.ca_certificates)];
  if (problems.some(({ field }) => field === 'time_zone')) return problems;
  return [...problems, ...(await zoneProblems(host.time_zone, root))];
}

/**
 * Makes the machine's files those of `host`. A second time changes nothing.
 *
 * @returns what has changed, or with `dryRun` would change; restartsFor() says who has to be told
 * @throws HostError `invalid_host` before anything is written · `unwritable`
 */
export async function applyHost(host: SiteHost, options: WriteOptions = {}): Promise<HostChange[]> {
  const { root = '/' } = options;
  const problems = await checkHost(host, root);
  if (problems.length > 0) throw new HostError('invalid_host', problems);
  const files = hostFiles(host);
  // What goes first: cut off in between, the list of our Wi-Fi networks still names what has to go.
  return writeFiles([...(await stale(files, host, root)), ...files], options);
}

/**
 * The commands that make changes take effect, in the order in which to run them; the network comes last, as it may cut
 * off whoever asked for it. `booting`: before the network is up and its services run, which read their files then.
 */
export function restartsFor(changes: readonly HostChange[], { booting = false } = {}): string[][] {
  const of = (part: HostChange['concerns']) => changes.filter((change) => change.concerns === part);
  const commands: string[][] = [];
  // Not hostnamectl: there is no D-Bus yet at boot. resolved watches the kernel's name.
  if (of('name').length > 0) commands.push(['hostname', '--file', '/etc/hostname']);
  if (of('certificates').length > 0) commands.push(REBUILD_BUNDLE);
  // Not waited for: at boot their turn is after us.
  if (of('firewall').length > 0)
    commands.push(['systemctl', '--no-block', 'try-reload-or-restart', 'nftables.service']);
  if (of('screen').length > 0)
    commands.push(['systemctl', '--no-block', 'try-restart', 'walleye-kiosk.service']);
  // Where there is no file any more, its condition keeps it from starting again.
  if (of('recordings').length > 0)
    commands.push(['systemctl', '--no-block', 'restart', 'walleye-recording-disk.service']);
  if (booting) return commands;
  if (of('time').length > 0) commands.push(['systemctl', 'try-restart', 'systemd-timesyncd.service']);
  // sshd reads the keys at every login; but it runs only where there are any (ssh.service.d/key.conf).
  if (of('ssh').some(({ how }) => how !== 'changed')) commands.push(['systemctl', 'restart', 'ssh.service']);
  if (of('network').length > 0) {
    commands.push(['networkctl', 'reload']);
    for (const { path, how } of of('network')) {
      const [, vlan] = /\/10-walleye-(vlan[0-9-]+)\.netdev$/.exec(path) ?? [];
      // networkd leaves a device whose file is gone.
      if (vlan !== undefined && how === 'removed') commands.push(['networkctl', 'delete', vlan]);
    }
  }
  return commands;
}

/** What earlier site files wrote, and this one has no more: of the parts only that it speaks of. */
async function stale(files: readonly HostFile[], host: SiteHost, root: string): Promise<HostFile[]> {
  const paths: [string, HostFile['concerns']][] = [];
  if (host.network !== undefined) {
    const names = await ours(join(root, NETWORK_FOLDER), OUR_NETWORK_FILES);
    paths.push(...names.map((name) => [`${NETWORK_FOLDER}/${name}`, 'network'] as [string, 'network']));
    const list = await readFile(join(root, WIFI_LIST), 'utf8').catch(() => '');
    const known = list.split('\n').filter((name) => WIFI_NAME.test(name));
    paths.push(...known.map((name) => [`${WIFI_FOLDER}/${name}`, 'wifi'] as [string, 'wifi']));
  }
  if (host.ca_certificates !== undefined) {
    const names = await ours(join(root, CERTIFICATE_FOLDER), OUR_CERTIFICATES);
    paths.push(
      ...names.map((name) => [`${CERTIFICATE_FOLDER}/${name}`, 'certificates'] as [string, 'certificates']),
    );
  }
  const wanted = new Set(files.map((file) => file.path));
  return paths
    .filter(([path]) => !wanted.has(path))
    .map(([path, concerns]) => ({ path, content: null, mode: 0, concerns }));
}

async function ours(folder: string, pattern: RegExp): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => pattern.test(name)).sort();
}

/** JavaScript knows names (US/Eastern, asia/taipei) that Debian's tzdata has no file for. */
async function zoneProblems(zone: string | undefined, root: string): Promise<HostProblem[]> {
  const folder = join(root, '/usr/share/zoneinfo');
  if (zone === undefined || !(await stat(folder).catch(() => undefined))) return [];
  if ((await stat(join(folder, zone)).catch(() => undefined))?.isFile()) return [];
  const message = `"${zone}" is no time zone of this machine: give an IANA name such as Asia/Taipei.`;
  return [{ field: 'time_zone', message }];
}
