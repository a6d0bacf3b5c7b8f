/** What the machine needs around it: three signed versions of the image, a folder to update from, cameras, a key for SSH. */
import { execFileSync } from 'node:child_process';
import { createReadStream, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import type { Site } from '../../../daemon/schema.ts';
import { startVirtualCameras, type VirtualCameras } from '../../virtual-camera/index.ts';
import { type TestImage, testImage } from '../testImage.ts';
import { testSite } from '../testSite.ts';

const KEYS = join(import.meta.dirname, '../../../.state/test/image/keys');
/** This machine as QEMU's user network shows it to the guest. */
const HOST = '10.0.2.2';
/**
 * How much slower everything is without KVM: other time limits, and an update does not have to leave the wall the processors, which
 * it would wait for for half an hour. What is waited for is the same.
 */
const PATIENCE: Record<string, string> = {
  'walleye.service': 'TimeoutStartSec=1200\nWatchdogSec=600',
  'walleye-kiosk.service': 'TimeoutStartSec=1200\nWatchdogSec=1200',
  'walleye-provision.service': 'TimeoutStartSec=900',
  'walleye-health.service': 'TimeoutStartSec=infinity',
  'walleye-orders.service': 'TimeoutStartSec=infinity\nCPUWeight=1000',
  'systemd-udev-settle.service': 'TimeoutSec=600',
};

/** Pictures a second of each camera: as many as an emulated box can decode beside all else. */
const FPS = 2;

const FIRST = '0.0.1';

export interface Versions {
  first: TestImage;
  /** As good as the first. */
  second: TestImage;
  /** Its browser's first page is empty: the wall never comes. */
  broken: TestImage;
}

/** A key for OpenPGP that stays, so that images of the same sources need not be built again. */
function signingKey(): { id: string; home: string } {
  const home = join(KEYS, 'gpg');
  const env = { ...process.env, GNUPGHOME: home };
  if (!existsSync(join(home, 'id'))) {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    const args = [
      '--batch',
      '--quiet',
      '--passphrase',
      '',
      '--quick-generate-key',
      'Walleye test',
      'rsa3072',
      'sign',
      'never',
    ];
    execFileSync('gpg', args, { env, stdio: 'pipe' });
    const list = execFileSync('gpg', ['--batch', '--with-colons', '--list-keys'], { env, encoding: 'utf8' });
    writeFileSync(join(home, 'id'), /^fpr:+([0-9A-F]{40}):/m.exec(list)?.[1] ?? '');
  }
  return { id: readFileSync(join(home, 'id'), 'utf8'), home };
}

/** Signing leaves a program behind that keeps the key. */
function endSigning(home: string): void {
  execFileSync('gpgconf', ['--kill', 'all'], { env: { ...process.env, GNUPGHOME: home }, stdio: 'pipe' });
}

/** For what needs no update. */
export async function firstVersion(): Promise<TestImage> {
  const key = signingKey();
  return testImage({ version: FIRST, key }).finally(() => endSigning(key.home));
}

export async function versions(): Promise<Versions> {
  const key = signingKey();
  const extra = join(KEYS, 'broken');
  mkdirSync(join(extra, 'usr/lib/walleye/image/kiosk'), { recursive: true });
  writeFileSync(join(extra, 'usr/lib/walleye/image/kiosk/start.html'), '');
  try {
    return {
      first: await testImage({ version: FIRST, key }),
      second: await testImage({ version: '0.0.2', key }),
      broken: await testImage({ version: '0.0.3', key, extra }),
    };
  } finally {
    endSigning(key.home);
  }
}

/** Private key of an owner. */
export function ownersKey(): string {
  const key = join(KEYS, 'ssh');
  mkdirSync(KEYS, { recursive: true });
  if (!existsSync(key)) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  return key;
}

export interface Around {
  cameras: VirtualCameras;
  site: Site;
  /** What the folder that boxes update from holds, from now on. */
  offer(image: TestImage): void;
  /** Files asked for so far. */
  asked: string[];
  close(): Promise<void>;
}

export async function around(): Promise<Around> {
  const names = ['Front door', 'Loading dock', 'Car park', 'Reception'];
  const cameras = await startVirtualCameras({ cameras: names.map((name) => ({ name, fps: FPS })) });
  let offered: string | undefined;
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    const name = (request.url ?? '/').slice(1);
    const file = join(offered ?? '', name);
    asked.push(name);
    if (offered === undefined || name.includes('/') || !existsSync(file) || !statSync(file).isFile())
      return response.writeHead(404).end();
    response.writeHead(200, { 'content-length': statSync(file).size });
    if (request.method === 'HEAD') return response.end();
    const stream = createReadStream(file);
    response.on('close', () => stream.destroy());
    return stream.pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const site = testSite(
    cameras.cameras.map((camera) => ({
      name: camera.name,
      rtsp: { main: fromGuest(camera.rtspUrl('main')), sub: fromGuest(camera.rtspUrl('sub')) },
    })),
    2,
    {
      hostname: 'wall-lobby',
      time_zone: 'Asia/Taipei',
      authorized_keys: [readFileSync(`${ownersKey()}.pub`, 'utf8').trim()],
      update_source: `http://${HOST}:${port}/`,
    },
  );
  return {
    cameras,
    site,
    asked,
    offer: (image) => {
      offered = image.folder;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await cameras.close();
    },
  };
}

const fromGuest = (url: string) => url.replace(/127\.\d+\.\d+\.\d+/, HOST);

const credential = (name: string, value: string) =>
  `io.systemd.credential.binary:${name}=${Buffer.from(value).toString('base64')}`;

/** What the firmware tells the guest at every start. */
export function smbios(): string[] {
  return [
    'io.systemd.stub.kernel-cmdline-extra=console=ttyS0 systemd.journald.forward_to_console=1 systemd.default_device_timeout_sec=300',
    credential('tmpfiles.extra', 'f+ /etc/walleye/health.env 0644 root root - WALLEYE_HEALTH_LIMIT=420\n'),
    ...Object.entries(PATIENCE).map(([unit, lines]) =>
      credential(`systemd.unit-dropin.${unit}`, `[Service]\n${lines}\n`),
    ),
  ];
}

/** The site file as a credential too: longer than an argument of QEMU may be, so in a file of `folder`. */
export function siteCredential(folder: string, site: Site): { file: string } {
  const file = join(folder, 'site.smbios');
  writeFileSync(file, credential('walleye.site', JSON.stringify(site)));
  return { file };
}
