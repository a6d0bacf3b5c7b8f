import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { rootCertificates } from 'node:tls';
import { applyHost, checkHost, restartsFor } from '../../daemon/host/applyHost.ts';
import { changeLine, HostError } from '../../daemon/host/hostFile.ts';
import type { SiteHost } from '../../daemon/schema.ts';
import { PUBLIC_KEY } from './keys.ts';

const [CERTIFICATE = '', ANOTHER = ''] = rootCertificates;
const HOST: SiteHost = {
  hostname: 'wall-lobby',
  time_zone: 'Asia/Taipei',
  ntp: ['192.168.1.1'],
  network: [
    { interface: 'enp1s0', address: ['192.168.1.20/24'] },
    { interface: 'enp1s0', vlan: 20 },
    { wifi: { ssid: 'Lobby', passphrase: 'change me, please' } },
  ],
  ca_certificates: [`one\n${CERTIFICATE}\n`, ANOTHER],
  authorized_keys: [PUBLIC_KEY],
  update_source: 'https://updates.example/',
  screen_rotation: 90,
};

describe('applying a host part', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'walleye-host-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));
  const at = (path: string) => join(root, path);
  const text = (path: string) => readFileSync(at(path), 'utf8');
  const mode = (path: string) => (lstatSync(at(path)).mode & 0o777).toString(8);
  const everything = () => readdirSync(root, { recursive: true, encoding: 'utf8' }).sort();

  it('writes every file with its rights, and closed folders for secrets', async () => {
    const changes = await applyHost(HOST, { root });
    assert.ok(changes.every(({ how }) => how === 'created'));
    assert.equal(text('/etc/hostname'), 'wall-lobby\n');
    assert.equal(readlinkSync(at('/etc/localtime')), '../usr/share/zoneinfo/Asia/Taipei');
    assert.equal(text('/etc/systemd/timesyncd.conf.d/walleye.conf'), '[Time]\nNTP=192.168.1.1\n');
    assert.deepEqual(readdirSync(at('/etc/systemd/network')).sort(), [
      '10-walleye-01.network',
      '10-walleye-02.network',
      '10-walleye-vlan20.netdev',
      '10-walleye-vlan20.network',
    ]);
    assert.match(text('/var/lib/iwd/Lobby.psk'), /^Passphrase=change me, please$/m);
    const { fingerprint256 } = new X509Certificate(text('/etc/walleye/ca/walleye-01.crt'));
    assert.equal(fingerprint256, new X509Certificate(CERTIFICATE).fingerprint256);
    assert.equal(text('/root/.ssh/authorized_keys'), `${PUBLIC_KEY}\n`);
    assert.equal(text('/etc/walleye/kiosk.env'), 'WALLEYE_ROTATE=90\n');
    assert.equal(mode('/etc/hostname'), '644');
    assert.equal(mode('/var/lib/iwd'), '700');
    assert.equal(mode('/var/lib/iwd/Lobby.psk'), '600');
    assert.equal(mode('/root/.ssh'), '700');
    assert.equal(mode('/root/.ssh/authorized_keys'), '600');
  });

  it('a second time changes nothing', async () => {
    await applyHost(HOST, { root });
    const before = everything();
    assert.deepEqual(await applyHost(HOST, { root }), []);
    assert.deepEqual(everything(), before, 'and leaves nothing behind');
  });

  it('changes nothing where iwd has added its keys', async () => {
    await applyHost(HOST, { root });
    writeFileSync(at('/var/lib/iwd/Lobby.psk'), `${text('/var/lib/iwd/Lobby.psk')}PreSharedKey=00ff\n`);
    assert.deepEqual(await applyHost(HOST, { root }), []);
  });

  it('mends rights that are too wide', async () => {
    await applyHost({ authorized_keys: [PUBLIC_KEY] }, { root });
    chmodSync(at('/root/.ssh/authorized_keys'), 0o644);
    const [change] = await applyHost({ authorized_keys: [PUBLIC_KEY] }, { root });
    assert.equal(change?.how, 'changed');
    assert.equal(mode('/root/.ssh/authorized_keys'), '600');
  });

  it('only says what it would do when run dry', async () => {
    const dry = await applyHost(HOST, { root, dryRun: true });
    assert.deepEqual(everything(), []);
    assert.deepEqual(await applyHost(HOST, { root }), dry);
  });

  it('leaves alone what is left out, and what is not ours', async () => {
    await applyHost(HOST, { root });
    writeFileSync(at('/etc/systemd/network/50-mine.network'), '[Match]\n');
    writeFileSync(at('/var/lib/iwd/Mine.psk'), '');
    writeFileSync(at('/etc/walleye/ca/mine.crt'), '');
    const changes = await applyHost({ network: [{}], ca_certificates: [] }, { root });
    assert.deepEqual(changes.map(changeLine).sort(), [
      'Certificates: /etc/walleye/ca/walleye-01.crt removed',
      'Certificates: /etc/walleye/ca/walleye-02.crt removed',
      'Network: /etc/systemd/network/10-walleye-01.network changed',
      'Network: /etc/systemd/network/10-walleye-02.network removed',
      'Network: /etc/systemd/network/10-walleye-vlan20.netdev removed',
      'Network: /etc/systemd/network/10-walleye-vlan20.network removed',
      'Wi-Fi: /var/lib/iwd/.walleye removed',
      'Wi-Fi: /var/lib/iwd/Lobby.psk removed',
    ]);
    assert.deepEqual(readdirSync(at('/var/lib/iwd')), ['Mine.psk']);
    assert.deepEqual(readdirSync(at('/etc/walleye/ca')), ['mine.crt']);
    assert.equal(text('/etc/hostname'), 'wall-lobby\n');
  });

  it('never follows a forged list of Wi-Fi networks out of its folder', async () => {
    mkdirSync(at('/var/lib/iwd'), { recursive: true });
    writeFileSync(at('/var/lib/x.psk'), '');
    writeFileSync(at('/var/lib/iwd/.walleye'), '../x.psk\n');
    await applyHost({ network: [{}] }, { root });
    assert.equal(text('/var/lib/x.psk'), '');
  });

  it('takes a link in the place of a file for what it is, and replaces it', async () => {
    mkdirSync(at('/etc'));
    writeFileSync(at('/elsewhere'), 'untouched');
    symlinkSync('../elsewhere', at('/etc/hostname'));
    await applyHost({ hostname: 'wall' }, { root });
    assert.equal(text('/etc/hostname'), 'wall\n');
    assert.equal(text('/elsewhere'), 'untouched');
  });

  it('writes nothing when anything is wrong', async () => {
    const wrong = {
      ...HOST,
      ca_certificates: ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'],
    };
    await assert.rejects(applyHost(wrong, { root }), (error) => {
      assert.ok(error instanceof HostError && error.code === 'invalid_host');
      assert.deepEqual(
        error.problems.map(({ field }) => field),
        ['ca_certificates[0]'],
      );
      return true;
    });
    assert.deepEqual(everything(), []);
  });

  it('says which file cannot be written', async () => {
    mkdirSync(at('/etc/hostname'), { recursive: true });
    await assert.rejects(applyHost(HOST, { root }), (error) => {
      assert.ok(error instanceof HostError && error.code === 'unwritable' && error.cause);
      assert.match(error.message, /^\/etc\/hostname: cannot be written/m);
      return true;
    });
  });

  it('refuses a time zone that this machine has no file for, where it has any', async () => {
    mkdirSync(at('/usr/share/zoneinfo/Asia'), { recursive: true });
    writeFileSync(at('/usr/share/zoneinfo/Asia/Taipei'), '');
    assert.deepEqual(await checkHost({ time_zone: 'Asia/Taipei' }, root), []);
    for (const zone of ['asia/taipei', 'US/Eastern', 'Asia']) {
      assert.equal((await checkHost({ time_zone: zone }, root))[0]?.field, 'time_zone', zone);
    }
  });

  const pem = (label: string, body: string) => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
  for (const [what, given, why] of [
    ['a private key', () => CERTIFICATE + pem('RSA PRIVATE KEY', 'AAAA'), /private key/],
    ['no PEM', () => 'MIIB', /no certificate/],
    ['a torn one as the second', () => `${CERTIFICATE}\n${pem('CERTIFICATE', 'MIIBAAAA')}`, /the 2\. in it/],
  ] as const) {
    it(`refuses ${what} for a certificate`, async () => {
      const [problem] = await checkHost({ ca_certificates: [CERTIFICATE, given()] }, root);
      assert.equal(problem?.field, 'ca_certificates[1]');
      assert.match(problem?.message ?? '', why);
    });
  }
});

describe('after changes', () => {
  const change = (
    concerns: 'name' | 'network' | 'ssh' | 'time' | 'screen' | 'certificates' | 'wifi' | 'recordings',
    path = '/x',
  ) => ({ path, concerns, how: 'created' }) as const;
  const NAME = ['hostname', '--file', '/etc/hostname'];
  const BUNDLE = ['update-ca-certificates', '--fresh', '--localcertsdir', '/etc/walleye/ca'];
  const KIOSK = ['systemctl', '--no-block', 'try-restart', 'walleye-kiosk.service'];

  it('nobody is told of nothing', () => assert.deepEqual(restartsFor([]), []));

  it('everybody is told once, the network last', () => {
    const all = (
      ['network', 'network', 'ssh', 'time', 'screen', 'certificates', 'name', 'wifi'] as const
    ).map((one) => change(one));
    assert.deepEqual(restartsFor(all), [
      NAME,
      BUNDLE,
      KIOSK,
      ['systemctl', 'try-restart', 'systemd-timesyncd.service'],
      ['systemctl', 'restart', 'ssh.service'],
      ['networkctl', 'reload'],
    ]);
    assert.deepEqual(restartsFor(all, { booting: true }), [NAME, BUNDLE, KIOSK]);
  });

  it('the disk of recordings is mounted anew, at a start too', () => {
    const mount = ['systemctl', '--no-block', 'restart', 'walleye-recording-disk.service'];
    assert.deepEqual(restartsFor([change('recordings')]), [mount]);
    assert.deepEqual(restartsFor([change('recordings')], { booting: true }), [mount]);
  });

  it('sshd is left alone when its keys only change', () => {
    assert.deepEqual(restartsFor([{ ...change('ssh'), how: 'changed' }]), []);
    assert.equal(restartsFor([{ ...change('ssh'), how: 'removed' }]).length, 1);
  });

  it('a VLAN that is gone is taken away', () => {
    const gone = {
      ...change('network', '/etc/systemd/network/10-walleye-vlan20-2.netdev'),
      how: 'removed',
    } as const;
    assert.deepEqual(restartsFor([gone]), [
      ['networkctl', 'reload'],
      ['networkctl', 'delete', 'vlan20-2'],
    ]);
  });
});
