/** How long a plain Debian with the same kernel takes to boot in the same machine: what our own times are compared with. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sourcesOf } from '../debianRoot.ts';

const FOLDER = join(import.meta.dirname, '../../../.state/test/image/plain');
const LIMIT = 10 * 60_000;

/** Says on the serial line how long the kernel runs, once everything has started, and switches off. */
const UNIT = `[Unit]
After=multi-user.target getty.target
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'echo plain-debian-up $(cut -d" " -f1 /proc/uptime) $(uname -r) >/dev/ttyS0'
ExecStartPost=/usr/bin/systemctl poweroff --force --force
[Install]
WantedBy=default.target
`;

/**
 * @param release of the kernel that it shall have: the newest of Debian
 * @returns seconds from the kernel's start to the login prompt, and the release of its kernel
 */
export async function plainDebianBoot(release: string): Promise<{ seconds: number; kernel: string }> {
  const kernel = `vmlinuz-${release}`;
  if (!existsSync(join(FOLDER, 'disk.img')) || !existsSync(join(FOLDER, kernel))) makeDisk();
  const serial = join(FOLDER, 'serial.log');
  const args = [
    ...[
      '-accel',
      'tcg,thread=multi',
      '-smp',
      '2',
      '-cpu',
      'Westmere,-cx16',
      '-m',
      '3072',
      '-machine',
      'q35',
      '-display',
      'none',
    ],
    ...['-kernel', join(FOLDER, kernel), '-initrd', join(FOLDER, kernel.replace('vmlinuz', 'initrd.img'))],
    ...[
      '-append',
      'root=/dev/vda rw quiet console=ttyS0',
      '-device',
      'virtio-vga',
      '-device',
      'virtio-rng-pci',
      '-snapshot',
    ],
    ...[
      '-drive',
      `file=${join(FOLDER, 'disk.img')},format=raw,if=virtio`,
      '-serial',
      `file:${serial}`,
      '-no-reboot',
    ],
    ...['-netdev', 'user,id=n', '-device', 'virtio-net,netdev=n'],
  ];
  const qemu = spawn('setpriv', ['--pdeathsig=KILL', 'qemu-system-x86_64', ...args], { stdio: 'ignore' });
  const timer = setTimeout(() => qemu.kill('SIGKILL'), LIMIT);
  await once(qemu, 'exit');
  clearTimeout(timer);
  const said = /plain-debian-up ([0-9.]+) (\S+)/.exec(readFileSync(serial, 'utf8'));
  if (!said)
    throw new Error(`the plain Debian did not come up:\n${readFileSync(serial, 'utf8').slice(-2000)}`);
  return { seconds: Number(said[1]), kernel: said[2] ?? '' };
}

function makeDisk(): void {
  const root = join(FOLDER, 'root');
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  const packages = 'systemd-sysv,udev,dbus,linux-image-amd64,initramfs-tools,iproute2,zstd';
  execFileSync(
    'mmdebstrap',
    ['--quiet', '--variant=minbase', `--include=${packages}`, 'trixie', root, ...sourcesOf('trixie')],
    { stdio: 'pipe' },
  );
  writeFileSync(join(root, 'etc/systemd/system/plain-debian-up.service'), UNIT);
  execFileSync('systemctl', [`--root=${root}`, 'enable', 'plain-debian-up.service'], { stdio: 'pipe' });
  for (const name of readdirSync(join(root, 'boot')))
    if (/^(vmlinuz|initrd\.img)-/.test(name)) execFileSync('cp', [join(root, 'boot', name), FOLDER]);
  execFileSync('mke2fs', ['-q', '-t', 'ext4', '-d', root, join(FOLDER, 'disk.img'), '2G'], { stdio: 'pipe' });
  rmSync(root, { recursive: true, force: true });
}
