import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { HostError, type HostFile } from '../../daemon/host/hostFile.ts';
import { hostFiles } from '../../daemon/host/hostFiles.ts';
import type { SiteHost } from '../../daemon/schema.ts';
import { PUBLIC_KEY } from './keys.ts';

describe('a host part becomes files', () => {
  const content = (host: SiteHost, path: string) => hostFiles(host).find((file) => file.path === path);

  it('none for what it leaves out', () => assert.deepEqual(hostFiles({}), []));

  it('the host name', () => {
    assert.deepEqual(hostFiles({ hostname: 'wall-lobby' }), [
      { path: '/etc/hostname', content: 'wall-lobby\n', mode: 0o644, concerns: 'name' },
    ]);
  });

  it('the time zone as a link, the time servers as a drop-in', () => {
    const [zone, servers] = hostFiles({ time_zone: 'Asia/Taipei', ntp: ['a.example', '10.0.0.1'] });
    assert.deepEqual(zone, {
      path: '/etc/localtime',
      content: '../usr/share/zoneinfo/Asia/Taipei',
      mode: 0o777,
      concerns: 'time',
      link: true,
    });
    assert.equal(servers!.path, '/etc/systemd/timesyncd.conf.d/walleye.conf');
    assert.equal(servers!.content, '[Time]\nNTP=a.example 10.0.0.1\n');
  });

  it('SSH keys, each once, closed to others; an empty list takes them away', () => {
    const file = content({ authorized_keys: [PUBLIC_KEY, ` ${PUBLIC_KEY}\n`] }, '/root/.ssh/authorized_keys');
    assert.equal(file!.content, `${PUBLIC_KEY}\n`);
    assert.equal(file!.mode, 0o600);
    assert.equal(content({ authorized_keys: [] }, '/root/.ssh/authorized_keys')!.content, null);
  });

  it('the update source, quoted for systemd and a shell', () => {
    const file = content({ update_source: 'https://u:p@updates.example/a%20b/' }, '/etc/walleye/update.env');
    assert.equal(file!.content, "WALLEYE_UPDATE_SOURCE='https://u:p@updates.example/a%20b/'\n");
    assert.equal(file!.mode, 0o640);
  });

  it('a door for recorders in the firewall, which can be shut again', () => {
    const path = '/etc/walleye/firewall/restream.nft';
    assert.equal(content({ restream: true }, path)!.content, 'tcp dport 8554 accept\n');
    assert.equal(content({ restream: false }, path)!.content, null);
  });

  it('a disk or share for recordings, for root alone, and none any more', () => {
    const file = (recording_disk: SiteHost['recording_disk']) => {
      const { content: text, ...rest } = content({ recording_disk }, '/etc/walleye/recording-disk')!;
      assert.deepEqual(rest, { path: '/etc/walleye/recording-disk', mode: 0o600, concerns: 'recordings' });
      return text;
    };
    assert.equal(file({ label: 'VIDEO' }), 'LABEL=VIDEO\tauto\tnosuid,nodev,noexec,noatime\n');
    // Nothing may hang for ever on a server that is gone.
    assert.match(
      file({ nfs: 'nas:/video' }) ?? '',
      /^nas:\/video\tnfs\t\S*,soft,timeo=100,retrans=2,nolock,proto=tcp\n$/,
    );
    const smb = '//nas/video/lobby';
    assert.match(
      file({ smb, username: 'u', password: 'a$b' }) ?? '',
      /^\/\/nas\/video\/lobby\tcifs\t\S*,soft,\S*,username=u,password=a\$b\n$/,
    );
    assert.match(file({ smb }) ?? '', /,sec=none\n$/);
    assert.equal(file(null), null);
  });

  it('the rotation of the screen, among settings that stay', () => {
    const file = content({ screen_rotation: 90 }, '/etc/walleye/kiosk.env')!;
    assert.equal(file.content, 'WALLEYE_ROTATE=90\n');
    assert.equal(
      file.merge!('# mine\nWALLEYE_ROTATE=0\nWALLEYE_COMPOSITOR=cage'),
      '# mine\nWALLEYE_COMPOSITOR=cage\nWALLEYE_ROTATE=90\n',
    );
    const merged = file.merge!('A=1\n');
    assert.equal(file.merge!(merged), merged, 'a second time changes nothing');
    assert.equal(file.merge!('WALLEYE_ROTATE_2=180\n'), 'WALLEYE_ROTATE_2=180\nWALLEYE_ROTATE=90\n');
    const both = content({ screen_rotation: 0, screen_rotation_2: 270 }, '/etc/walleye/kiosk.env')!;
    assert.equal(both.merge!('WALLEYE_ROTATE_2=90\nA=1\n'), 'A=1\nWALLEYE_ROTATE=0\nWALLEYE_ROTATE_2=270\n');
  });
});

describe('hostile values', () => {
  const evil = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom(...'a1.:/-=%[]"\'\\ \n\r\t\0$`*?;#\u2028é') }),
    fc.constantFrom(
      'a\n[Match]\nName=*',
      'x\r\nDHCP=yes',
      '%h',
      '"',
      "'",
      '1.1.1.1\nGateway=2.2.2.2',
      '10.0.0.1/8\\',
    ),
  );
  const maybe = <T>(good: fc.Arbitrary<T>, bad: fc.Arbitrary<T>) =>
    fc.option(fc.oneof({ arbitrary: good, weight: 3 }, { arbitrary: bad, weight: 1 }), { nil: undefined });
  const list = (good: fc.Arbitrary<string>) =>
    maybe(fc.array(good, { minLength: 1, maxLength: 3 }), fc.array(evil, { maxLength: 2 }));
  const entry = fc.record({
    interface: maybe(fc.constantFrom('enp1s0', 'enp*', '00:60:e0:*', 'eth0', '00:60:e0:00:00:01'), evil),
    vlan: fc.option(fc.integer({ min: 1, max: 4094 }), { nil: undefined }),
    address: list(fc.tuple(fc.ipV4(), fc.integer({ min: 1, max: 32 })).map(([ip, bits]) => `${ip}/${bits}`)),
    gateway: fc.option(fc.array(evil, { maxLength: 1 }), { nil: undefined }),
    dns: list(fc.oneof(fc.ipV4(), fc.ipV6())),
    wifi: fc.option(
      fc.record({
        ssid: evil,
        passphrase: fc.option(fc.oneof(evil, fc.string({ minLength: 8 })), { nil: undefined }),
      }),
      { nil: undefined },
    ),
  });
  const host = fc.record(
    {
      hostname: fc.oneof(fc.constant('wall'), evil),
      time_zone: fc.oneof(fc.constant('Asia/Taipei'), evil),
      ntp: fc.array(fc.oneof(fc.constant('ntp.example'), fc.ipV6(), evil), { minLength: 1, maxLength: 3 }),
      network: fc.array(entry, { maxLength: 3 }),
      ca_certificates: fc.array(
        evil.map((text) => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----`),
        { maxLength: 2 },
      ),
      authorized_keys: fc.array(
        fc.oneof(
          fc.constant(PUBLIC_KEY),
          evil.map((text) => `${PUBLIC_KEY} ${text}`),
          evil,
        ),
        {
          maxLength: 2,
        },
      ),
      update_source: fc.oneof(
        fc.webUrl(),
        evil.map((text) => `https://a/${text}`),
      ),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<SiteHost>;
  const tries = fc.sample(host, 4000).map((one) => JSON.parse(JSON.stringify(one)) as SiteHost);
  const taken = tries.flatMap((one) => {
    try {
      return [{ one, files: hostFiles(one) }];
    } catch (error) {
      assert.ok(error instanceof HostError, String(error));
      return [];
    }
  });

  it('are refused with a reason or make files', () => {
    assert.ok(taken.length > 100, `${taken.length} of ${tries.length} were taken: too few to prove anything`);
  });

  /** Every line that such a file may have. */
  const LINES: [RegExp, RegExp][] = [
    [/^\/etc\/hostname$/, /^[A-Za-z0-9-]+$/],
    [/^\/etc\/localtime$/, /^\.\.\/usr\/share\/zoneinfo\/[A-Za-z0-9_+/-]+$/],
    [/^\/etc\/systemd\/timesyncd\.conf\.d\/walleye\.conf$/, /^\[Time\]$|^NTP=[A-Za-z0-9.: -]+$/],
    [
      /^\/etc\/systemd\/network\/10-walleye-(\d\d|vlan\d+(-\d+)?)\.(network|netdev)$/,
      /^$|^#[^%]*$|^\[(Match|Link|Network|DHCPv4|DHCPv6|IPv6AcceptRA|NetDev|VLAN)\]$|^(RequiredForOnline|DHCP|LinkLocalAddressing|MulticastDNS|UseDomains|UseDNS|IPv6AcceptRA|IgnoreCarrierLoss|RouteMetric)=\w+$|^(Name|MACAddress|Property|Type|Kind)=[A-Za-z0-9*?_.:=!-]+$|^(Address|Gateway|DNS)=[0-9a-fA-F.:/]+$|^VLAN=vlan\d+(-\d+)?$|^Id=\d+$/,
    ],
    [
      /^\/var\/lib\/iwd\/(=[0-9a-f]+|[A-Za-z0-9 _-]+)\.(psk|open)$/,
      /^\[Security\]$|^\[Settings\]$|^AutoConnect=true$|^Passphrase=[ -~]+$/,
    ],
    [/^\/var\/lib\/iwd\/\.walleye$/, /^(=[0-9a-f]+|[A-Za-z0-9 _-]+)\.(psk|open)$/],
    [/^\/etc\/walleye\/ca\/walleye-\d\d\.crt$/, /^-----(BEGIN|END) CERTIFICATE-----$|^[A-Za-z0-9+/=]{1,64}$/],
    [/^\/root\/\.ssh\/authorized_keys$/, /^ssh-ed25519 \S+( [^\p{Cc}\u2028\u2029]*)?$/u],
    [/^\/etc\/walleye\/update\.env$/, /^WALLEYE_UPDATE_SOURCE='https?:\/\/[^'"\\$`\s]+'$/],
  ];
  const strange = ({ path, content }: HostFile) => {
    const allowed = LINES.find(([name]) => name.test(path))?.[1];
    if (!allowed) return [path];
    const text = content ?? '';
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be in any file
    if (/[\0-\x08\x0b-\x1f\x7f]/.test(text)) return [`${path}: control characters`];
    return text
      .replace(/\n$/, '')
      .split('\n')
      .filter((line) => text !== '' && !allowed.test(line))
      .map((line) => `${path}: ${line}`);
  };

  it('add no line, no section and no specifier to any file', () => {
    assert.deepEqual(
      taken.flatMap(({ files }) => files.flatMap(strange)),
      [],
    );
  });

  it('say one setting of a kind for each value, no more', () => {
    for (const { one, files } of taken) {
      const network = files.filter(({ path }) => path.endsWith('.network')).map(({ content }) => content);
      const lines = network.join('').split('\n');
      const given = (one.network ?? []).filter((single) => single.wifi === undefined);
      const addresses = given.flatMap((single) => single.address ?? []);
      const written = lines.filter((line) => line.startsWith('Address='));
      assert.ok(addresses.every((address) => written.includes(`Address=${address}`)));
      assert.equal(new Set(files.map(({ path }) => path)).size, files.length, 'no file twice');
    }
  });
});
