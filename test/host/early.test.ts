import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { RunCommand } from '../../daemon/host/commands.ts';
import { early } from '../../daemon/host/early.ts';
import type { ProvisionReport } from '../../daemon/host/report.ts';
import { PUBLIC_KEY, RSA_KEY } from './keys.ts';

describe('at boot', () => {
  let folder: string;
  /** The machine, its ESP, what systemd hands over, and what the stick holds. */
  let root: string;
  let esp: string;
  let credentials: string;
  let stick: string;
  let commands: string[][];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'walleye-early-'));
    [root, esp, credentials, stick] = ['root', 'esp', 'credentials', 'stick'].map((name) => {
      mkdirSync(join(folder, name));
      return join(folder, name);
    }) as [string, string, string, string];
    commands = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A mounted stick is a copy of its folder: tests may not mount. */
  const run: RunCommand = async (argv) => {
    commands.push([...argv]);
    if (argv[0] === 'mount') cpSync(argv.at(-2)!, argv.at(-1)!, { recursive: true, verbatimSymlinks: true });
    if (argv[0] === 'umount') rmSync(argv.at(-1)!, { recursive: true });
    return { status: 0, stdout: '', stderr: '' };
  };
  const boot = (more: { running?: boolean; stick?: string; run?: RunCommand } = {}) =>
    early(
      {
        root,
        credentials,
        esp: [join(folder, 'efi'), esp],
        stick: more.stick ?? stick,
        mountAt: join(folder, 'run/stick'),
        state: join(folder, 'state'),
        report: join(folder, 'run/report.json'),
        running: more.running ?? false,
      },
      more.run ?? run,
    );
  const site = (host: object, rest: object = {}) => `${JSON.stringify({ walleye_site: 1, host, ...rest })}\n`;
  const put = (path: string, content: string | Buffer) => {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, content);
  };
  const hostname = () => {
    const path = join(root, 'etc/hostname');
    return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
  };
  const pending = () => {
    const path = join(folder, 'state/pending');
    return existsSync(path) ? readdirSync(path).sort() : [];
  };

  it('nothing is done nor reported where there is nothing', async () => {
    rmSync(credentials, { recursive: true });
    assert.equal(await boot({ stick: join(folder, 'no-stick') }), undefined);
    assert.deepEqual([readdirSync(root), commands, existsSync(join(folder, 'run'))], [[], [], false]);
  });

  it('a credential is taken: host and keys at once, the rest kept for the daemon', async () => {
    put(
      join(credentials, 'walleye.site'),
      site({ hostname: 'from-credential' }, { settings: { name: 'X' } }),
    );
    put(join(credentials, 'walleye.authorized_keys'), `${PUBLIC_KEY}\n`);
    const report = await boot();
    assert.equal(report!.source, 'credential');
    assert.deepEqual(report!.problems, []);
    assert.deepEqual(report!.applied, [
      'Host name: /etc/hostname created',
      'SSH keys: /root/.ssh/authorized_keys created',
    ]);
    assert.equal(hostname(), 'from-credential');
    assert.deepEqual(pending(), ['1-credential']);
    assert.deepEqual(
      commands.filter(([name]) => !name!.endsWith('mount')),
      [['hostname', '--file', '/etc/hostname']],
    );
    const written = JSON.parse(readFileSync(join(folder, 'run/report.json'), 'utf8')) as ProvisionReport;
    assert.deepEqual(written, report);
    assert.equal(statSync(join(folder, 'run/report.json')).mode & 0o777, 0o644);
    assert.equal(statSync(join(folder, 'state/pending/1-credential/site.json')).mode & 0o777, 0o600);
  });

  it('keys alone ask nothing of the daemon', async () => {
    put(join(stick, 'authorized_keys'), `\ufeff${PUBLIC_KEY}\r\n${RSA_KEY}\r\n`);
    assert.deepEqual((await boot())!.problems, []);
    assert.equal(
      readFileSync(join(root, 'root/.ssh/authorized_keys'), 'utf8'),
      `${PUBLIC_KEY}\n${RSA_KEY}\n`,
    );
    assert.deepEqual(pending(), []);
  });

  it('keys of the file and of the site file are all taken', async () => {
    put(join(stick, 'site.json'), site({ authorized_keys: [RSA_KEY] }));
    put(join(stick, 'authorized_keys'), PUBLIC_KEY);
    await boot();
    assert.equal(
      readFileSync(join(root, 'root/.ssh/authorized_keys'), 'utf8'),
      `${RSA_KEY}\n${PUBLIC_KEY}\n`,
    );
  });

  it('sources are taken in order: credential, ESP, stick; a later one outweighs', async () => {
    put(join(credentials, 'walleye.site'), site({ hostname: 'one', screen_rotation: 90 }));
    put(join(esp, 'walleye/site.json'), site({ hostname: 'two', ntp: ['a.example'] }));
    put(join(stick, 'site.json'), site({ hostname: 'three' }));
    const report = await boot();
    assert.equal(report!.source, 'credential, esp, stick');
    assert.equal(hostname(), 'three');
    assert.ok(existsSync(join(root, 'etc/walleye/kiosk.env')));
    assert.ok(existsSync(join(root, 'etc/systemd/timesyncd.conf.d/walleye.conf')));
    assert.deepEqual(pending(), ['1-credential', '2-esp', '3-stick']);
  });

  it('what was taken from the ESP is set aside under its fingerprint', async () => {
    put(join(esp, 'walleye/site.json'), site({ hostname: 'two' }));
    await boot();
    const [name, ...others] = readdirSync(esp);
    assert.match(name!, /^walleye\.done-[0-9a-f]{12}$/);
    assert.deepEqual([others, readdirSync(join(esp, name!))], [[], ['site.json']]);
    put(join(esp, 'walleye/site.json'), site({ hostname: 'two' }));
    assert.equal(await boot(), undefined, 'the same again is known');
    assert.deepEqual(readdirSync(esp), [name]);
  });

  it('a stick that is left in does nothing at the next boot, whatever people changed since', async () => {
    put(join(stick, 'site.json'), site({ hostname: 'from-stick' }));
    put(join(stick, 'cameras.csv'), 'name,address\n');
    await boot();
    writeFileSync(join(root, 'etc/hostname'), 'by-hand\n');
    rmSync(join(folder, 'state/pending'), { recursive: true });
    assert.equal(await boot(), undefined);
    assert.equal(hostname(), 'by-hand');
    assert.deepEqual(pending(), []);
    put(join(stick, 'cameras.csv'), 'name,address\nDoor,192.168.1.64\n');
    assert.equal((await boot())!.source, 'stick', 'another content is new');
    assert.deepEqual(readdirSync(join(folder, 'state/pending/3-stick')).sort(), ['cameras.csv', 'site.json']);
  });

  it('is known again after the list of what was taken is lost, and taken again', async () => {
    put(join(stick, 'site.json'), site({ hostname: 'from-stick' }));
    await boot();
    writeFileSync(join(folder, 'state/applied.json'), '{"applied": [{"sha2');
    assert.equal((await boot())!.source, 'stick');
  });

  it('a list of cameras alone comes with an empty site file', async () => {
    put(join(stick, 'cameras.csv'), 'name,address\n');
    await boot();
    assert.deepEqual(JSON.parse(readFileSync(join(folder, 'state/pending/3-stick/site.json'), 'utf8')), {
      walleye_site: 1,
    });
  });

  it('the stick is mounted without any right, and let go of', async () => {
    put(join(stick, 'site.json'), site({}));
    await boot();
    assert.deepEqual(commands.slice(0, 2), [
      [
        ...['mount', '-t', 'vfat,exfat,ext4,iso9660', '-o', 'ro,nosuid,nodev,noexec,nosymfollow', '--'],
        ...[stick, join(folder, 'run/stick')],
      ],
      ['umount', '--', join(folder, 'run/stick')],
    ]);
  });

  it('networkd’s own files are taken under a name of ours, and replace those of before', async () => {
    const lan = '[Match]\r\nName=enp1s0\r\n[Network]\r\nDHCP=yes\r\n';
    put(join(stick, 'network/lan.network'), lan);
    put(join(stick, 'network/br0.netdev'), '[NetDev]\nName=br0\nKind=bridge\n');
    put(join(stick, 'network/README.txt'), 'not ours');
    assert.deepEqual((await boot({ running: true }))!.problems, []);
    const there = () => readdirSync(join(root, 'etc/systemd/network')).sort();
    assert.deepEqual(there(), ['09-walleye-br0.netdev', '09-walleye-lan.network']);
    const written = readFileSync(join(root, 'etc/systemd/network/09-walleye-lan.network'), 'utf8');
    assert.equal(written, lan.replaceAll('\r', ''));
    assert.deepEqual(commands.at(-1), ['networkctl', 'reload']);
    rmSync(join(stick, 'network/br0.netdev'));
    await boot();
    assert.deepEqual(there(), ['09-walleye-lan.network']);
  });

  describe('a damaged source is reported, and nothing of it taken', () => {
    const bad: [string, () => void, RegExp][] = [
      [
        'broken JSON',
        () => put(join(stick, 'site.json'), '{\n"walleye_site": 1,\n}'),
        /site\.json.*line 3, column 1/,
      ],
      [
        'not JSON’s encoding',
        () => put(join(stick, 'site.json'), Buffer.from('\ufeff{}', 'utf16le')),
        /UTF-16/,
      ],
      [
        'an unknown field',
        () => put(join(stick, 'site.json'), site({ hostnam: 'x' })),
        /unknown field "hostnam"/,
      ],
      [
        'a gateway elsewhere',
        () =>
          put(
            join(stick, 'site.json'),
            site({ network: [{ address: ['10.0.0.2/24'], gateway: ['10.0.1.1'] }] }),
          ),
        /host\.network\[0\]\.gateway\[0\]: 10\.0\.1\.1 lies in no network/,
      ],
      [
        'half a key',
        () => put(join(stick, 'authorized_keys'), PUBLIC_KEY.slice(0, 40)),
        /authorized_keys: line 1/,
      ],
      [
        'a file for networkd that is none',
        () => put(join(stick, 'network/a.network'), 'hello'),
        /network\/a\.network/,
      ],
      [
        'Big5',
        () => put(join(stick, 'cameras.csv'), Buffer.from([0xb7, 0x7c, 0xff])),
        /cameras\.csv is not UTF-8/,
      ],
      [
        'a huge file',
        () => {
          put(join(stick, 'site.json'), '');
          truncateSync(join(stick, 'site.json'), 3 << 20);
        },
        /site\.json has 3145728 bytes/,
      ],
      ['a link', () => symlinkSync('/etc/passwd', join(stick, 'site.json')), /site\.json is a link/],
      ['a folder', () => mkdirSync(join(stick, 'site.json')), /site\.json is no file/],
      [
        'an ending that Windows hid',
        () => put(join(stick, 'site.json.txt'), site({})),
        /must be named site\.json/,
      ],
    ];
    for (const [what, damage, why] of bad) {
      it(what, async () => {
        if (what !== 'half a key') put(join(stick, 'authorized_keys'), PUBLIC_KEY);
        damage();
        put(join(credentials, 'walleye.site'), site({ hostname: 'still-taken' }));
        const report = await boot();
        assert.match(report!.problems.join('\n'), why);
        assert.ok(report!.problems.every((problem) => problem.startsWith('stick: ')));
        assert.equal(hostname(), 'still-taken', 'others are');
        assert.ok(!existsSync(join(root, 'root/.ssh')), 'not even the keys beside it');
        assert.deepEqual(pending(), ['1-credential']);
        assert.equal((await boot())!.source, 'stick', 'said again at the next boot');
      });
    }
  });

  it('a pipe on a stick does not hold the boot', async () => {
    // As if mounted: a pipe cannot be copied.
    mkdirSync(join(folder, 'run/stick'), { recursive: true });
    assert.equal(spawnSync('mkfifo', [join(folder, 'run/stick/site.json')]).status, 0);
    const mounted: RunCommand = async () => ({ status: 0, stdout: '', stderr: '' });
    assert.match((await boot({ run: mounted }))!.problems.join(), /site\.json is no file/);
  });

  it('a stick that cannot be mounted, a command that fails and a disk that refuses are reported, not thrown', async () => {
    const failing: RunCommand = async ([name]) => ({ status: 32, stdout: '', stderr: `${name}: no luck\n` });
    const blind = await boot({ run: failing });
    assert.match(blind!.problems.join(), /stick: the stick WALLEYE cannot be read.*mount: no luck/);

    put(join(credentials, 'walleye.site'), site({ hostname: 'x' }));
    const mute = await boot({ run: failing, stick: join(folder, 'none') });
    assert.match(mute!.problems.join(), /hostname --file \/etc\/hostname failed \(32\): hostname: no luck/);

    put(join(credentials, 'walleye.site'), site({ hostname: 'y' }));
    rmSync(join(root, 'etc/hostname'));
    mkdirSync(join(root, 'etc/hostname'));
    const refused = await boot({ stick: join(folder, 'none') });
    assert.match(refused!.problems.join(), /\/etc\/hostname: cannot be written/);
    rmSync(join(root, 'etc/hostname'), { recursive: true });
    assert.deepEqual((await boot({ stick: join(folder, 'none') }))!.problems, [], 'and tried again');
    assert.equal(hostname(), 'y');
  });

  it('no secret gets into the report', async () => {
    const wifi = { ssid: 'Lobby', passphrase: 'geheim geheim' };
    put(join(credentials, 'walleye.site'), site({ network: [{ wifi }] }));
    put(join(stick, 'site.json'), `{"walleye_site": 1, "passphrase": "geheim geheim" "x"}`);
    put(join(esp, 'walleye/site.json'), site({ network: [{ wifi: { ...wifi, passphrase: 'geheimß' } }] }));
    await boot();
    assert.ok(!readFileSync(join(folder, 'run/report.json'), 'utf8').includes('geheim'));
  });
});

describe('the program', () => {
  const PROGRAM = join(import.meta.dirname, '../../daemon/host/provision.ts');

  it('takes a credential and prints what it did; a damaged one does not fail the boot', () => {
    const folder = mkdtempSync(join(tmpdir(), 'walleye-provision-'));
    try {
      const args = ['--root', folder, '--credentials', folder, '--state', join(folder, 's'), '--esp', folder];
      const more = ['--report', join(folder, 'r.json'), '--stick', join(folder, 'none')];
      const start = () =>
        spawnSync(process.execPath, [PROGRAM, 'early', ...args, ...more], { encoding: 'utf8' });
      writeFileSync(join(folder, 'walleye.site'), '{"walleye_site": 1, "host": {"hostname": "other-root"}}');
      const { status, stdout } = start();
      assert.deepEqual([status, stdout], [0, 'Host name: /etc/hostname created\n']);
      writeFileSync(join(folder, 'walleye.site'), '{');
      const damaged = start();
      assert.equal(damaged.status, 0);
      assert.match(damaged.stderr, /credential: site\.json/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
