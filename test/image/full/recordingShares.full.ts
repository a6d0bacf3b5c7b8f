/** The image in a machine records to a Samba server and to an NFS server. Without KVM it takes a quarter of an hour: `./scripts/test --image-full`. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { RecordingStatus, Site } from '../../../daemon/schema.ts';
import { until } from '../../e2e/until.ts';
import { type FileServer, startNfs, startSamba } from '../../peers/fileServers.ts';
import { Box } from './box.ts';
import { Machine } from './machine.ts';
import { type Around, around, firstVersion, ownersKey, siteCredential, smbios } from './setUp.ts';

const FOLDER = join(import.meta.dirname, '../../../.state/test/image/shares');
const MINUTE = 60_000;
/** From power-on to an answer, emulated. */
const BOOT = 15 * MINUTE;
/** What mount(8) and shells would make something else of. */
const PASSWORD = "p$ss'w:\\042d";
/** This machine as QEMU's user network shows it to the guest. */
const HOST = '10.0.2.2';
const MOUNTED = '/media/recordings';
/** Milliseconds; files are synchronised every five seconds. */
const ON_ITS_WAY = 15_000;
type Disk = NonNullable<NonNullable<Site['host']>['recording_disk']>;

let world: Around;
let machine: Machine;
let box: Box;
let samba: FileServer;
let nfs: FileServer;

/** The site file with recordings of two cameras on such a share. */
function site(disk: Disk): Site {
  const always = { mode: 'always', stream: 'sub' } as const;
  const recording = { folder: MOUNTED, cameras: { cam1: always, cam2: always } };
  return { ...world.site, host: { ...world.site.host, recording_disk: disk }, recording };
}

const status = () => box.api<RecordingStatus>('GET', '/api/recordings/status');

/** Until both cameras are in files there, of `since` or later. @param since Unix seconds */
async function recorded(since: number): Promise<void> {
  await until(
    'both cameras to be recorded',
    async () => {
      const now = await status();
      const both = (now?.cameras ?? []).filter(({ recording, until }) => recording && (until ?? 0) > since);
      return now?.problem === null && both.length === 2;
    },
    BOOT,
  );
}

/** Files as the server has them, but for those that were begun just now: what is written reaches it some seconds later. */
function filesOn(server: FileServer): string[] {
  const names = readdirSync(server.folder, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.mp4'))
    .map((name) => join(server.folder, name))
    .filter((path) => {
      const { birthtimeMs, size } = statSync(path);
      // Empty ones were begun in the moment in which the server went away.
      return size > 0 && Date.now() - birthtimeMs > ON_ITS_WAY;
    });
}

/** Every file there is video of a virtual camera, up to where it was written. */
async function playable(server: FileServer): Promise<void> {
  const files = await until(
    'two files on the server',
    () => {
      const found = filesOn(server);
      return found.length >= 2 && found;
    },
    MINUTE,
  );
  for (const path of files) {
    const shown = execFileSync('ffprobe', [
      ...['-v', 'error', '-count_packets', '-select_streams', 'v', '-of', 'json'],
      ...['-show_entries', 'stream=codec_name,nb_read_packets', path],
    ]);
    const { streams } = JSON.parse(String(shown)) as {
      streams: { codec_name: string; nb_read_packets: string }[];
    };
    assert.equal(streams[0]?.codec_name, 'h264', path);
    assert.ok(Number(streams[0]?.nb_read_packets) > 0, path);
  }
}

describe('recording to shares, in a machine', { timeout: 120 * MINUTE }, () => {
  before(async () => {
    const { disk: image } = await firstVersion();
    world = await around();
    rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(FOLDER, { recursive: true });
    samba = await startSamba(join(FOLDER, 'samba'), PASSWORD);
    nfs = await startNfs(join(FOLDER, 'nfs'));
    machine = new Machine({ folder: FOLDER, forwards: { ssh: 22, https: 443 } });
    const disk = { smb: `//${HOST}/video`, username: 'nobody', password: PASSWORD };
    machine.smbios = [...smbios(), siteCredential(FOLDER, site(disk))];
    machine.writeDisk(image, '8G');
    box = new Box(machine, ownersKey());
    await machine.powerOn();
    await box.up(BOOT);
  });
  after(async () => {
    await machine?.cut();
    await samba?.stop();
    await nfs?.stop();
    await world?.close();
  });

  it('goes to the Samba server that the site file names, with its password', async (t) => {
    await recorded(0);
    const mounted = await box.sh(`findmnt --noheadings --output FSTYPE,SOURCE,OPTIONS ${MOUNTED}`);
    t.diagnostic(mounted);
    assert.match(mounted, /^cifs /);
    assert.ok(!mounted.includes(PASSWORD));
    await playable(samba);
  });

  it('is said to fail while the server is away, holds nothing up, and goes on when it is back', async () => {
    await samba.stop();
    const problem = await until('it is said', async () => (await status())?.problem, BOOT);
    assert.match(problem.message, /\S/);
    assert.ok((await box.system())?.version);
    assert.equal(await box.sh('systemctl is-active walleye walleye-kiosk'), 'active\nactive');
    await samba.start();
    await recorded(Date.now() / 1000);
    await playable(samba);
  });

  it('goes to the NFS server that another site file names', async (t) => {
    const text = Buffer.from(JSON.stringify(site({ nfs: `${HOST}:/video` }))).toString('base64');
    await box.sh(`base64 -d <<<${text} | walleye provision --host -`, 600);
    await until('it is mounted', async () => /^nfs/.test((await mountOf()) ?? ''), BOOT);
    t.diagnostic((await mountOf()) ?? '');
    await recorded(Date.now() / 1000);
    await playable(nfs);
  });

  it('is not held up by an NFS server that went away either', async () => {
    await nfs.stop();
    await until('it is said', async () => (await status())?.problem, BOOT);
    await nfs.start();
    await recorded(Date.now() / 1000);
    await playable(nfs);
  });
});

async function mountOf(): Promise<string | undefined> {
  const { code, out } = await box.run(
    `findmnt --noheadings --output FSTYPE,SOURCE,OPTIONS ${MOUNTED} | tail -n 1`,
  );
  return code === 0 ? out.trim() : undefined;
}
