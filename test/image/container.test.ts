/**
 * The appliance's /usr, as it is shipped, booted in a container: its units, its compositor, its sandboxed browser, and a wall of
 * virtual cameras on an Ethernet of its own. What a container has not (firmware, partitions, the kernel's own start) is looked
 * at in QEMU: `./scripts/test --image-full`.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { stampsIn } from '../daemon/stampedVideo.ts';
import { until } from '../e2e/until.ts';
import { type TestHost, TestNetwork } from '../network/namespaces.ts';
import { Container, containersUnavailable } from './container.ts';
import { makeDebian } from './debianRoot.ts';
import type { Picture } from './picture.ts';
import { shippedRoot } from './shippedRoot.ts';
import { sysupdateCases } from './sysupdateCases.ts';
import { testUsr } from './testImage.ts';
import { type DescribedCamera, testSite } from './testSite.ts';
import { notLive, picturesOf } from './tiles.ts';

const ROOT = join(import.meta.dirname, '../..');
const BOX = '10.77.1.1';
const CAMERAS = '10.77.1.11';
const MINUTE = 60_000;
/** The main stream of a virtual camera. */
const RECORDED = { width: 1280, height: 720 };
/** What the screen showed stays there for people to look at. */
const PICTURES = join(ROOT, '.state/test/image/pictures');

const mine = mkdtempSync(join(tmpdir(), 'walleye-container-'));
const path = (name: string) => join(mine, name);
let network: TestNetwork;
let installer: TestHost;
let box: Container;

describe('the image in a container', { skip: containersUnavailable(), timeout: 20 * MINUTE }, () => {
  before(async () => {
    const usr = await testUsr();
    mkdirSync(PICTURES, { recursive: true });
    network = await TestNetwork.create();
    await network.bridge('a');
    const cameraHost = await network.host('cameras', [{ bridge: 'a', address: `${CAMERAS}/24` }]);
    installer = await network.host('installer', [{ bridge: 'a', address: '10.77.1.50/24' }]);
    // It takes its address from the site file.
    const boxHost = await network.host('box', [{ bridge: 'a', address: '169.254.77.1/16' }]);
    execFileSync('ip', [
      'netns',
      'exec',
      boxHost.namespace,
      'sysctl',
      '-qw',
      'net.ipv4.ip_unprivileged_port_start=80',
    ]);
    const cameras = await startCameras(cameraHost);
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path('key')]);
    writeFileSync(path('site.json'), JSON.stringify(siteOf(cameras)));
    writeFileSync(path('two.json'), JSON.stringify(siteOf(cameras.slice(0, 2))));
    const shipped = shippedRoot(usr, mine);
    mkdirSync(path('upper/walleye'));
    writeFileSync(path('upper/walleye/kiosk.env'), 'WALLEYE_HEADLESS=1280x720\n');
    crashOnce(
      'walleye-provision.service',
      'daemon/host/provision.js early --credentials "$CREDENTIALS_DIRECTORY"',
    );
    box = await Container.start({
      ...shipped,
      network: `/run/netns/${boxHost.namespace}`,
      // Loaded as a file, as the SMBIOS credential of a virtual machine is.
      args: [`--load-credential=walleye.site:${path('site.json')}`],
    });
  });
  after(async () => {
    await box?.stop();
    await network?.close();
    rmSync(mine, { recursive: true, force: true });
  });

  it('boots, and no unit has failed', async () => {
    const state = await box.booted(5 * MINUTE);
    assert.deepEqual(await box.failedUnits(), [], await box.journal());
    assert.equal(state, 'running');
    await box.waitForUnit('walleye.service');
    await box.waitForUnit('walleye-kiosk.service');
    assert.equal((await box.unit('walleye', 'StatusText')).StatusText?.length !== 0, true);
  });

  it('is what its site file says, although Node crashed over it: name, time zone, address, cameras, wall', async () => {
    assert.equal((await box.unit('walleye-provision', 'NRestarts')).NRestarts, '1');
    await until('the site file is applied', async () => (await wall()).layouts.includes('site'), 3 * MINUTE);
    assert.equal(await box.sh('hostname'), 'wall-test');
    assert.match(await box.sh('readlink /etc/localtime'), /Asia\/Taipei$/);
    assert.match(await box.sh('ip -4 addr show dev eth0'), new RegExp(`inet ${BOX}/24`));
    assert.deepEqual((await wall()).cameras, ['cam1', 'cam2', 'cam3', 'cam4']);
  });

  it('shows the cameras on its screen, each tile alive', async () => {
    await alive(2, 2, 'wall');
  });

  it('runs the browser in its own sandbox, as a user who may nothing', async () => {
    const line = await box.sh("pgrep -u walleye-kiosk -af 'type=renderer' | head -n 1");
    assert.doesNotMatch(
      await box.sh('pgrep -u walleye-kiosk -af chromium'),
      /--no-sandbox|disable-\S*sandbox/,
    );
    const status = await box.sh(`cat /proc/${line.split(' ')[0]}/status`);
    assert.match(status, /^Seccomp:\s+2$/m);
    assert.match(status, /^CapEff:\s+0+$/m);
    assert.match(status, /^NoNewPrivs:\s+1$/m);
    // A process namespace of its own inside of the container's, which is one inside of this machine's.
    const own = await box.sh(`readlink /proc/${line.split(' ')[0]}/ns/pid`);
    assert.notEqual(own, await box.sh('readlink /proc/1/ns/pid'));
  });

  it('shuts decoders in with Landlock', async () => {
    assert.match(await box.sh('walleye status --json'), /"kind":\s*"landlock"/);
  });

  it('has units that systemd calls safe', async () => {
    for (const [unit, limit] of [
      ['walleye.service', 2.0],
      ['walleye-kiosk.service', 4.5],
    ] as const) {
      const text = await box.sh(`systemd-analyze security --no-pager ${unit} | tail -n 1`);
      const score = Number(/: ([0-9.]+) /.exec(text)?.[1]);
      assert.ok(score <= limit, text);
    }
  });

  it('lets in SSH, HTTP and HTTPS, and nothing else', async () => {
    const open = await box.sh("ss -Hltn | awk '{print $4}'");
    for (const port of [22, 80, 443]) assert.match(open, new RegExp(`:${port}\\b`));
    assert.equal(await reaches(22), true);
    assert.equal(await reaches(443), true);
    // Another listener on the box: the firewall stands before it.
    await box.sh(
      `systemd-run --unit=listener -p Restart=no ${NODE} -e 'require("node:net").createServer().listen(9999)'`,
    );
    await until('it listens', async () => (await box.sh('ss -Hltn')).includes(':9999'));
    assert.equal(await reaches(9999), false);
    await box.sh('systemctl stop listener');
  });

  it('gets a daemon that stands still back by its watchdog', async () => {
    const { MainPID: pid = '', NRestarts: before = '' } = await box.unit('walleye', 'MainPID', 'NRestarts');
    await box.sh(`kill -STOP ${pid}`);
    await until(
      'the daemon is another one and ready',
      async () => {
        const now = await box.unit('walleye', 'MainPID', 'NRestarts', 'ActiveState', 'SubState');
        return (
          now.MainPID !== pid &&
          Number(now.NRestarts) > Number(before) &&
          now.SubState === 'running' &&
          now.ActiveState === 'active'
        );
      },
      3 * MINUTE,
    );
    assert.match(await box.journal('walleye', 200), /[Ww]atchdog timeout/);
    await alive(2, 2, 'after the watchdog');
  });

  it('leaves the sessions of what is recorded to the next daemon when it is killed: not a picture is missing', async () => {
    const record = (cameras: object) =>
      box.sh(`echo '${JSON.stringify({ walleye_site: 1, recording: { cameras } })}' | walleye provision -`);
    const kept = async () => (await box.unit('walleye', 'NFileDescriptorStore')).NFileDescriptorStore;
    const folder = '/var/lib/private/walleye/recordings/cam1';
    const files = async () =>
      (await box.sh(`find ${folder} -name '*.mp4' | sort`)).split('\n').filter((name) => name !== '');
    await record({ cam1: { mode: 'always' } });
    await until('systemd keeps its connection', async () => (await kept()) === '1', MINUTE);
    const { MainPID: pid = '' } = await box.unit('walleye', 'MainPID');
    await box.sh(`kill -KILL ${pid}`);
    await until(
      'another file, of the next daemon',
      async () => {
        const now = await box.unit('walleye', 'MainPID', 'ActiveState');
        return now.MainPID !== pid && now.ActiveState === 'active' && (await files()).length > 1;
      },
      2 * MINUTE,
    );
    assert.match(await box.journal('walleye', 200), /the daemon before has left sessions/);
    assert.equal(await kept(), '1');
    await alive(2, 2, 'after the kill');
    await record({});
    await until('nothing is kept', async () => (await kept()) === '0', MINUTE);
    const stamps: (number | undefined)[] = [];
    for (const name of await files()) stamps.push(...(await stampsIn(box.path(name), RECORDED)));
    const gaps = stamps.flatMap((stamp, i) => {
      const step = (stamp ?? Number.NaN) - (stamps[i - 1] ?? 0);
      // The clip begins anew.
      return i === 0 || step === 1 || stamp === 0 ? [] : [`${stamps[i - 1]} → ${stamp}`];
    });
    assert.deepEqual(gaps, []);
  });

  it('takes other cameras and another layout over SSH, and finds nothing to do the second time', async () => {
    const first = await provision();
    assert.equal(first.code, 0, first.output);
    assert.match(first.output, /changed/);
    await alive(2, 1, 'provisioned');
    const second = await provision();
    assert.equal(second.code, 0, second.output);
    assert.match(second.output, /nothing to change|unchanged/);
  });

  it('records onto a disk that comes and goes, and never below it', async () => {
    const files = async () => Number(await box.sh("find /media/recordings -name '*.mp4' | wc -l"));
    // As walleye-recording-disk.service mounts it.
    const mount = () =>
      box.sh(
        'mkdir -p /media/recordings && mount -t tmpfs -o size=64m,mode=750,uid=$(systemctl show -p UID --value walleye) none /media/recordings',
      );
    await box.sh('mkdir -p /media/recordings && systemctl restart walleye');
    await box.waitForUnit('walleye.service');
    const recording = {
      folder: '/media/recordings',
      min_free_bytes: 0,
      cameras: { cam1: { mode: 'always' } },
    };
    await box.sh(`cat >/run/recording.json <<'E'\n${JSON.stringify({ walleye_site: 1, recording })}\nE`);
    const provisioned = box.sh('walleye provision /run/recording.json');
    await assert.rejects(provisioned, /folder_unusable|cannot be kept/);
    await mount();
    await box.sh('walleye provision /run/recording.json');
    await until('it is recorded', async () => (await files()) > 0, MINUTE);
    await box.sh('umount --lazy /media/recordings');
    await until(
      'it is missed',
      async () => /The disk of \/media\/recordings was taken away/.test(await box.journal('walleye', 200)),
      2 * MINUTE,
    );
    assert.equal(await files(), 0);
    await mount();
    await until('it is recorded again', async () => (await files()) > 0, MINUTE);
    const before = await files();
    await box.sh('systemctl restart walleye');
    await until('it is recorded after a restart', async () => (await files()) > before, 2 * MINUTE);
    await box.sh('systemctl stop walleye && umount /media/recordings && systemctl start walleye');
    await box.waitForUnit('walleye.service');
    await box.sh(
      `echo '${JSON.stringify({ walleye_site: 1, recording: { cameras: {} } })}' | walleye provision -`,
    );
  });

  it('tells how long it takes to the wall, beside a plain Debian in a container', async (t) => {
    await makeDebian(path('plain'));
    const debian = await Container.start({ root: path('plain') });
    await debian.booted(5 * MINUTE);
    const plain = await sinceStart(debian, await stamp(debian, 'FinishTimestampMonotonic'));
    await debian.stop();
    await box.reboot();
    await alive(2, 1, 'rebooted');
    // A container has this machine's clock.
    const live = Number(process.hrtime.bigint() / 1000n);
    for (const [what, at] of [
      ['compositor and browser started', await stamp(box, 'ActiveEnterTimestampMonotonic', 'walleye-kiosk')],
      ['daemon READY', await stamp(box, 'ActiveEnterTimestampMonotonic', 'walleye')],
      ['each tile seen alive twice', live],
    ] as const) {
      const seconds = await sinceStart(box, at);
      assert.ok(seconds > 0, what);
      t.diagnostic(
        `${what}: ${seconds.toFixed(1)} s after the start, ${(seconds / plain).toFixed(1)} × a plain Debian’s ${plain.toFixed(1)} s`,
      );
    }
  });
});

// With the Debian that building the image has left.
describe('updates with systemd-sysupdate itself', { skip: containersUnavailable() }, () => {
  sysupdateCases(join(ROOT, '.state/image/tools'));
});

const NODE = '/usr/lib/walleye/node_modules/node/bin/node';

async function startCameras(host: TestHost): Promise<DescribedCamera[]> {
  const program = host.spawn(process.execPath, [
    join(ROOT, 'test/virtual-camera/demo.ts'),
    ...['--cameras', '4', '--fps', '5', '--host', CAMERAS, '--port', '554', '--with-parent'],
  ]);
  const [line] = await once(createInterface({ input: program.stdout! }), 'line');
  return (JSON.parse(String(line)) as { cameras: DescribedCamera[] }).cameras;
}

const siteOf = (cameras: readonly DescribedCamera[]) =>
  testSite(cameras, 2, {
    hostname: 'wall-test',
    time_zone: 'Asia/Taipei',
    network: [{ interface: 'eth0', address: [`${BOX}/24`] }],
    authorized_keys: [readFileSync(path('key.pub'), 'utf8').trim()],
  });

async function wall(): Promise<{ cameras: string[]; layouts: string[] }> {
  const json = async (command: string) => JSON.parse(await box.sh(`walleye ${command} --json`));
  const { cameras } = (await json('cameras')) as { cameras: { id: string }[] };
  const { layouts } = (await json('layouts')) as { layouts: { name: string }[] };
  return { cameras: cameras.map(({ id }) => id).sort(), layouts: layouts.map(({ name }) => name) };
}

/** As V8 does when it finds its own state wrong. */
function crashOnce(unit: string, program: string): void {
  const folder = path(`upper/systemd/system/${unit}.d`);
  const mark = '/var/lib/walleye-provision/crashed';
  mkdirSync(folder, { recursive: true });
  const node = '/usr/lib/walleye/node_modules/node/bin/node /usr/lib/walleye';
  writeFileSync(
    join(folder, 'crash.conf'),
    `[Service]\nExecStart=\nExecStart=/bin/sh -c '[ -e ${mark} ] || { touch ${mark}; kill -TRAP $$$$; }; exec ${node}/${program}'\n`,
  );
}

/** One of systemd's time stamps: microseconds of the monotonic clock. */
async function stamp(container: Container, name: string, unit = ''): Promise<number> {
  return Number(await container.sh(`systemctl show --property ${name} --value ${unit}`));
}

/** @param at microseconds of the monotonic clock @returns seconds after its process 1 had begun */
async function sinceStart(container: Container, at: number): Promise<number> {
  return (at - (await stamp(container, 'UserspaceTimestampMonotonic'))) / 1e6;
}

/** Two pictures of the screen, one after the other, in each of which every tile shows another live picture. */
async function alive(columns: number, rows: number, name: string): Promise<void> {
  let faults: string[] = [];
  let last: Picture | undefined;
  await until(
    `each tile is alive: ${name}`,
    async () => {
      // The compositor may just be starting.
      const picture = await box.screenshot({ save: join(PICTURES, `${name}.png`) }).catch((error: Error) => {
        faults = [error.message];
      });
      if (!picture) return false;
      const before = last;
      last = picture;
      faults = notLive(before, picture, picturesOf(columns, rows, picture));
      return before !== undefined && faults.length === 0;
    },
    3 * MINUTE,
  ).catch(async (error) => {
    throw new Error(`${error.message}: ${faults.join(', ')}\n${await box.journal('walleye-kiosk', 60)}`);
  });
}

/** Whether the installer's laptop gets a TCP connection. */
async function reaches(port: number): Promise<boolean> {
  const script = `const s = require('node:net').connect(${port}, '${BOX}');
    s.setTimeout(3000, () => process.exit(1)); s.on('error', () => process.exit(1)); s.on('connect', () => process.exit(0));`;
  const child = installer.spawn(process.execPath, ['-e', script]);
  const [code] = await once(child, 'exit');
  return code === 0;
}

async function provision(): Promise<{ code: number; output: string }> {
  const child = spawn(
    'ip',
    [
      ...['netns', 'exec', installer.namespace, join(ROOT, 'scripts/provision'), `root@${BOX}`],
      ...[
        '--config',
        path('two.json'),
        '--identity',
        path('key'),
        '--known-hosts',
        path('known_hosts'),
        '--pin',
      ],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const [code] = await once(child, 'close');
  return { code: code as number, output };
}
