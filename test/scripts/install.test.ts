/**
 * scripts/install and scripts/uninstall on a fresh Debian 13 in a container: the same wall as the appliance's, and no trace
 * afterwards. Takes minutes: Debian's packages and npm's are fetched for real.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { until } from '../e2e/until.ts';
import { Container, containersUnavailable, type RunResult } from '../image/container.ts';
import { debianUnavailable, makeDebian } from '../image/debianRoot.ts';
import type { Picture } from '../image/picture.ts';
import { testSite } from '../image/testSite.ts';
import { notLive, picturesOf } from '../image/tiles.ts';
import { differences, type Traces, tracesOf } from '../image/traces.ts';
import { freePort } from '../network/freePort.ts';
import { startVirtualCameras } from '../virtual-camera/index.ts';

const ROOT = join(import.meta.dirname, '../..');
const MINUTE = 60_000;
/** On the appliance only: its name, its provisioning from a stick, its updates, the disk of recordings that a site file names, and what root does for the daemon there. */
const APPLIANCE = /^walleye-(mark|name|provision|orders|health|unhealthy|update|recording-disk)\b/;
/** What the test itself puts into the machine. */
const OURS = ['/srv/first', '/srv/next', '/srv/ca.crt'];
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

const folder = mkdtempSync(join(tmpdir(), 'walleye-install-'));
const machine = join(folder, 'root');
let box: Container;
let port: number;
let fresh: Traces;
let cameras: Awaited<ReturnType<typeof startVirtualCameras>>;

describe('scripts/install', () => {
  it('knows of every unit of the image whether it belongs on a machine of somebody else', () => {
    const script = readFileSync(join(ROOT, 'scripts/install'), 'utf8');
    const named = [...script.matchAll(/^readonly (?:daemon|kiosk)_units=\((.*)\)$/gm)].flatMap(([, list]) =>
      list!.split(' '),
    );
    assert.ok(named.length >= 4);
    for (const unit of readdirSync(join(ROOT, 'image/systemd')))
      assert.notEqual(
        named.includes(unit),
        APPLIANCE.test(unit),
        `${unit}: in scripts/install, or the appliance’s alone?`,
      );
  });
});

const skip = containersUnavailable() || debianUnavailable();
describe('a fresh Debian 13', { skip, timeout: 30 * MINUTE }, () => {
  before(async () => {
    await makeDebian(machine);
    // As Debian's installer writes it.
    writeFileSync(join(machine, 'etc/hosts'), '127.0.0.1\tlocalhost\n127.0.1.1\tdesk\n');
    // The first as it is cloned, the next as it is after its scripts/setup.
    for (const name of ['first', 'next']) copyCheckout(join(machine, 'srv', name));
    mkdirSync(join(machine, 'srv/next/node_modules'));
    if (existsSync(CERTIFICATES)) execFileSync('cp', [CERTIFICATES, join(machine, 'srv/ca.crt')]);
    desktop();
    port = await freePort();
    cameras = await startVirtualCameras({
      cameras: ['Front door', 'Loading dock', 'Car park', 'Reception'].map((name) => ({ name, fps: 5 })),
    });
    box = await Container.start({
      root: machine,
      network: 'host',
      // dpkg asks for every file that it is on the disk.
      args: ['--suppress-sync=yes', `--bind-ro=${ROOT}/node_modules:/srv/next/node_modules`],
    });
    await box.booted();
    await box.waitForUnit('desk.service');
    fresh = await tracesOf(box, OURS);
  });
  after(async () => {
    await box?.stop();
    await cameras?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is left as it is by whoever may not install, or where it cannot be done, which is said', async () => {
    const refused = async (why: RegExp, command: string, user?: string) => {
      const { status, stderr } = await box.run(['bash', '--norc', '-c', command], user ? { user } : {});
      assert.notEqual(status, 0, command);
      assert.match(stderr, why);
    };
    const install = '/srv/first/scripts/install';
    await refused(/as root/, install, 'daemon');
    await refused(/--everything/, `${install} --everything`);
    await refused(/no checkout/, `${install} --from /etc`);
    await refused(/nobody is there to answer/, `${install} --kiosk`);
    await refused(/desk\.service has the screen/, `${install} --yes`);
    const beneath = (mount: string) => `unshare --mount bash -c '${mount} && ${install} --kiosk --yes'`;
    await refused(
      /appliance.*walleye update/,
      beneath('echo IMAGE_ID=walleye >/tmp/os && mount --bind /tmp/os /usr/lib/os-release'),
    );
    await refused(
      /too old/,
      beneath('printf "ID=debian\\nVERSION_ID=11\\n" >/tmp/os && mount --bind /tmp/os /usr/lib/os-release'),
    );
    await refused(/cannot be written/, beneath('mount --bind /usr /usr && mount -o remount,ro,bind /usr'));
    await refused(
      /MB are free/,
      `mkdir -p /tmp/bin; printf '#!/bin/sh\necho 50' >/tmp/bin/df; chmod +x /tmp/bin/df; PATH=/tmp/bin:$PATH ${install} --kiosk --yes`,
    );
    assert.match((await run('/srv/first/scripts/uninstall', '--yes')).stderr, /nothing to do/);
    assert.deepEqual(differences(fresh, await tracesOf(box, OURS)), []);
  });

  it('says what it would do, and does none of it', async () => {
    const { status, stderr } = await run('/srv/first/scripts/install', '--kiosk', '--dry-run');
    assert.equal(status, 0, stderr);
    assert.match(stderr, /would: .*chromium/);
    assert.match(stderr, /would: systemctl -q enable walleye\.service/);
    assert.deepEqual(differences(fresh, await tracesOf(box, OURS)), []);
  });

  it('becomes a Walleye in one command, and no unit has failed', async () => {
    // An administrator’s settings, there before.
    await box.sh(`mkdir /etc/walleye && cat >/etc/walleye/walleye.env <<'ENV'\n${settings()}ENV`);
    box.write('/etc/walleye/kiosk.env', 'WALLEYE_HEADLESS=1280x720\n');
    const { status, stderr } = await run('/srv/first/scripts/install', '--kiosk', '--yes');
    assert.equal(status, 0, stderr);
    assert.match(stderr, /done: Walleye/);
    for (const unit of ['walleye.service', 'walleye-kiosk.service', 'seatd.service'])
      await box.waitForUnit(unit);
    assert.deepEqual(await box.failedUnits(), [], await box.journal());
    assert.equal(await box.sh('cat /etc/walleye/walleye.env'), settings().trimEnd());
    assert.equal((await box.unit('desk.service', 'ActiveState')).ActiveState, 'inactive');
    assert.equal(await box.sh('systemctl get-default'), 'graphical.target');
    assert.equal(
      (await box.run(['dpkg-query', '-W', 'npm'])).status,
      1,
      'what only the set-up needs is gone',
    );
    const status_ = JSON.parse(await box.sh('walleye status --json'));
    assert.equal(typeof status_, 'object');
  });

  it('takes a site file, a second time without a change', async () => {
    const site = testSite(
      cameras.cameras.map((camera) => ({
        name: camera.name,
        rtsp: { main: camera.rtspUrl('main'), sub: camera.rtspUrl('sub') },
      })),
      2,
      {},
    );
    const provision = () =>
      box.run(['walleye', 'provision', '-'], { input: JSON.stringify(site), limit: 2 * MINUTE });
    const first = await provision();
    assert.equal(first.status, 0, first.stdout + first.stderr);
    assert.match((await provision()).stdout, /nothing to change/i);
  });

  it('shows the wall by its own compositor in a sandboxed browser', async () => {
    await alive('installed');
    const browser = await box.sh('pgrep -u walleye-kiosk -a chromium');
    assert.match(browser, /--type=renderer/);
    assert.doesNotMatch(browser, /--no-sandbox/);
    const renderer = /^(\d+) .*--type=renderer/m.exec(browser)?.[1];
    const space = (pid: string) => box.sh(`readlink /proc/${pid}/ns/user /proc/${pid}/ns/net`);
    assert.notEqual(await space(renderer ?? ''), await space('1'), 'the page is in namespaces of its own');
    const policies = await box.sh(
      `nsenter --target $(systemctl show -P MainPID walleye-kiosk) --mount ls /etc/chromium/policies/managed`,
    );
    assert.equal(policies, 'walleye.json');
    assert.equal(await box.sh('ls /etc/chromium/policies/managed'), '', 'nobody else’s browser has them');
  });

  it('is left alone by a second install', async () => {
    const was = await box.unit('walleye.service', 'InvocationID');
    const { status, stderr } = await run('/srv/first/scripts/install', '--yes');
    assert.equal(status, 0, stderr);
    assert.match(stderr, /nothing to do/);
    assert.deepEqual(await box.unit('walleye.service', 'InvocationID'), was);
  });

  it('starts by itself after a reboot, wall and all', async () => {
    await box.reboot();
    assert.equal(await box.booted(), 'running', await box.journal());
    for (const unit of ['walleye.service', 'walleye-kiosk.service']) await box.waitForUnit(unit);
    assert.equal((await box.unit('desk.service', 'ActiveState')).ActiveState, 'inactive');
    await alive('rebooted');
  });

  it('has a working Walleye after an update that was cut off, and the new one after the next', async () => {
    edit('srv/next/package.json', /"version": ".*"/, '"version": "0.9.9"');
    const cut = await box.run(['timeout', '--signal=KILL', '1', '/srv/next/scripts/install', '--yes']);
    assert.notEqual(cut.status, 0);
    await box.waitForUnit('walleye.service');
    assert.equal((await box.run(['walleye', 'status'])).status, 0);

    const { status, stderr } = await run('/srv/next/scripts/install', '--yes');
    assert.equal(status, 0, stderr);
    assert.match(stderr, /instead of/);
    assert.doesNotMatch(stderr, /npm packages/, 'a checkout that is set up needs no network');
    assert.equal(await box.sh('cat /etc/walleye/walleye.env'), settings().trimEnd());
    assert.equal(JSON.parse(await box.sh('walleye cameras --json')).cameras.length, 4);
    assert.deepEqual(await box.failedUnits(), []);
    await alive('updated');
  });

  it('goes back to the version that it had when the new one does not start', async () => {
    edit('srv/next/daemon/main.ts', '', 'throw new Error("broken on purpose");\n');
    const { status, stderr } = await run('/srv/next/scripts/install', '--yes');
    assert.equal(status, 1, stderr);
    assert.match(stderr, /broken on purpose/);
    assert.match(stderr, /version 0\.9\.9 is back/);
    await box.waitForUnit('walleye.service');
    assert.equal(JSON.parse(await box.sh('walleye cameras --json')).cameras.length, 4);
  });

  it('is what it was after scripts/uninstall, desktop and all', async () => {
    const asked = await run('/usr/lib/walleye/scripts/uninstall');
    assert.equal(asked.status, 2, asked.stderr);
    assert.match(asked.stderr, /recordings/);
    assert.match(
      (await run('/usr/lib/walleye/scripts/uninstall', '--dry-run', '--keep-data')).stderr,
      /would: .*chromium/,
    );
    assert.equal((await box.run(['walleye', 'status'])).status, 0, 'nothing was done yet');

    const { status, stderr } = await run('/usr/lib/walleye/scripts/uninstall', '--yes');
    assert.equal(status, 0, stderr);
    await box.waitForUnit('desk.service');
    assert.deepEqual(differences(fresh, await tracesOf(box, OURS)), []);
    assert.equal(await box.sh('ls -d /run/*walleye* 2>/dev/null || true'), '');
    assert.deepEqual(await box.failedUnits(), []);
    assert.equal(await box.sh("systemctl list-units --all --plain --no-legend 'walleye*'"), '');
  });
});

/** Two pictures of the screen, one after the other, in which every tile shows a live picture, and another one. */
async function alive(name: string): Promise<void> {
  const shots = process.env.WALLEYE_SHOTS;
  let [last, faults]: [Picture | undefined, string[]] = [undefined, []];
  await until(
    'every tile is live',
    async () => {
      // The compositor may just be starting.
      const picture = await box
        .screenshot(shots ? { save: join(shots, `${name}.png`) } : {})
        .catch(() => undefined);
      if (picture === undefined) return false;
      faults = notLive(last, picture, picturesOf(2, 2, picture));
      const before = last;
      last = picture;
      return before !== undefined && faults.length === 0;
    },
    3 * MINUTE,
  ).catch(async (error) => {
    throw new Error(`${error.message}: ${faults.join(', ')}\n${await box.journal('walleye-kiosk', 40)}`);
  });
}

/** A script of ours, as root, with what this machine reaches npm's registry by. */
function run(...argv: string[]): Promise<RunResult> {
  const npm = Object.entries(process.env).filter(([name]) =>
    /^(npm_config_registry|https?_proxy)$/i.test(name),
  );
  const env = Object.fromEntries(npm.map(([name, value]) => [name, value ?? '']));
  if (existsSync(CERTIFICATES))
    Object.assign(env, { NODE_EXTRA_CA_CERTS: '/srv/ca.crt', npm_config_cafile: '/srv/ca.crt' });
  return box.run(argv, { env, limit: 15 * MINUTE });
}

function settings(): string {
  return `WALLEYE_HOST=127.0.0.1\nWALLEYE_PORT=${port}\nWALLEYE_DISCOVERY_INTERFACES=lo\nWALLEYE_BENCHMARK=off\nWALLEYE_COMMISSIONING=off\n`;
}

/** What git would clone, with what is not committed yet. */
function copyCheckout(to: string): void {
  mkdirSync(to, { recursive: true });
  const script =
    'git ls-files -z --cached --others --exclude-standard | tar --null --ignore-failed-read -cf - -T - | tar -xf - -C "$1" --no-same-owner';
  execFileSync('bash', ['-c', script, 'copy', to], { cwd: ROOT, stdio: ['ignore', 'ignore', 'ignore'] });
}

/** A machine with a login on its screen, as display managers set themselves up, and with a default target of its own. */
function desktop(): void {
  const systemd = join(machine, 'etc/systemd/system');
  writeFileSync(join(systemd, 'desk.service'), '[Service]\nExecStart=sleep infinity\n');
  symlinkSync('/etc/systemd/system/desk.service', join(systemd, 'display-manager.service'));
  symlinkSync('/usr/lib/systemd/system/multi-user.target', join(systemd, 'default.target'));
  mkdirSync(join(systemd, 'multi-user.target.wants'), { recursive: true });
  symlinkSync(
    '/etc/systemd/system/display-manager.service',
    join(systemd, 'multi-user.target.wants/display-manager.service'),
  );
}

function edit(file: string, from: string | RegExp, to: string): void {
  const path = join(machine, file);
  writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
}
