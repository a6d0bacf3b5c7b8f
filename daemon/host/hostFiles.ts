import type { SiteHost } from '../schema.ts';
import { certificateFiles } from './certificates.ts';
import { hostProblems } from './hostCheck.ts';
import { HostError, type HostFile } from './hostFile.ts';
import { networkFiles } from './networkFiles.ts';
import { recordingDiskFile } from './recordingDisk.ts';
import { readKey } from './sshKeys.ts';
import { updateAddress } from './updateSource.ts';
import { wifiFiles } from './wifiFiles.ts';

const RESTREAM_DOOR = '/etc/walleye/firewall/restream.nft';

/**
 * The files that make a machine what the site file says. What it leaves out is not in the list, and stays as it is.
 * An empty list (`authorized_keys: []`) takes away what there was.
 *
 * @throws HostError `invalid_host` when hostCheck.ts has something against it: nothing unchecked gets into a file
 */
export function hostFiles(host: SiteHost): HostFile[] {
  const problems = hostProblems(host);
  if (problems.length > 0) throw new HostError('invalid_host', problems);
  const files: HostFile[] = [];
  if (host.hostname !== undefined) {
    files.push({ path: '/etc/hostname', content: `${host.hostname}\n`, mode: 0o644, concerns: 'name' });
  }
  if (host.time_zone !== undefined) {
    // As timedatectl links it.
    const content = `../usr/share/zoneinfo/${host.time_zone}`;
    files.push({ path: '/etc/localtime', content, mode: 0o777, concerns: 'time', link: true });
  }
  if (host.ntp !== undefined) {
    const path = '/etc/systemd/timesyncd.conf.d/walleye.conf';
    files.push({ path, content: `[Time]\nNTP=${host.ntp.join(' ')}\n`, mode: 0o644, concerns: 'time' });
  }
  if (host.network !== undefined) files.push(...networkFiles(host.network), ...wifiFiles(host.network));
  if (host.ca_certificates !== undefined) files.push(...certificateFiles(host.ca_certificates));
  if (host.authorized_keys !== undefined) files.push(keysFile(host.authorized_keys));
  if (host.update_source !== undefined) {
    const content = `WALLEYE_UPDATE_SOURCE='${updateAddress(host.update_source)}'\n`;
    // It may hold a password.
    files.push({ path: '/etc/walleye/update.env', content, mode: 0o640, concerns: 'update' });
  }
  if (host.restream !== undefined) {
    // Included by /etc/nftables.conf, whose other doors are no site's business.
    const content = host.restream ? 'tcp dport 8554 accept\n' : null;
    files.push({ path: RESTREAM_DOOR, content, mode: 0o644, concerns: 'firewall' });
  }
  if (host.recording_disk !== undefined) files.push(recordingDiskFile(host.recording_disk));
  const rotations = rotationLines(host);
  if (rotations.size > 0) files.push(screenFile(rotations));
  return files;
}

/** A key that is there twice is written once. */
function keysFile(keys: readonly string[]): HostFile {
  const lines = new Set(keys.map(readKey).flatMap((read) => ('line' in read ? [`${read.line}\n`] : [])));
  const content = lines.size > 0 ? [...lines].join('') : null;
  return { path: '/root/.ssh/authorized_keys', content, mode: 0o600, concerns: 'ssh' };
}

/** By the setting's name. */
function rotationLines({ screen_rotation, screen_rotation_2 }: SiteHost): Map<string, string> {
  const given = [
    ['WALLEYE_ROTATE', screen_rotation],
    ['WALLEYE_ROTATE_2', screen_rotation_2],
  ] as const;
  return new Map(
    given.flatMap(([name, degrees]) => (degrees === undefined ? [] : [[name, `${name}=${degrees}\n`]])),
  );
}

/** The kiosk's settings; its other lines stay. */
function screenFile(lines: ReadonlyMap<string, string>): HostFile {
  const content = [...lines.values()].join('');
  return {
    path: '/etc/walleye/kiosk.env',
    content,
    mode: 0o644,
    concerns: 'screen',
    merge: (current) => {
      const others = current.split('\n').filter((one) => !lines.has(one.split('=')[0]?.trim() ?? ''));
      while (others.at(-1) === '') others.pop();
      return others.map((one) => `${one}\n`).join('') + content;
    },
  };
}
