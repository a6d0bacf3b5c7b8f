/** Cameras behind a router, on real Ethernet: hosts in network namespaces. Needs root. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { CameraHost } from '../network/cameraHost.ts';
import { namespacesUnavailable, type TestHost, TestNetwork } from '../network/namespaces.ts';
import type { SearchOutput } from '../network/searchHost.ts';

const cameraHost = fileURLToPath(new URL('../network/cameraHost.ts', import.meta.url));
const searchHost = fileURLToPath(new URL('../network/searchHost.ts', import.meta.url));
const uuid = (n: number) => `0000000${n}-1111-2222-3333-444444444444`;

describe('cameras in another network (case 21)', { skip: namespacesUnavailable() }, () => {
  let network: TestNetwork;
  let searcher: TestHost;
  let router: TestHost;

  before(async () => {
    network = await TestNetwork.create();
    await Promise.all([network.bridge('here'), network.bridge('there')]);
    router = await network.host('router', [
      { bridge: 'here', address: '10.78.1.1/24' },
      { bridge: 'there', address: '10.78.2.1/24' },
    ]);
    await onHost(router, 'sysctl', ['-qw', 'net.ipv4.ip_forward=1']);
    const rule = (ttl: string) => `ip daddr 239.255.255.250 udp dport 3702 ip ttl ${ttl} counter`;
    const chain = `type filter hook prerouting priority 0; ${rule('4')}; ${rule('!= 4')}\n`;
    await onHost(router, 'nft', [`table inet seen { chain in { ${chain} }\n }`]);
    const camera = async (last: number, discovery: Partial<CameraHost['discovery']>) => {
      const address = `10.78.2.${last}`;
      const host = await network.host(`camera${last}`, [{ bridge: 'there', address: `${address}/24` }]);
      await onHost(host, 'ip', ['route', 'add', 'default', 'via', '10.78.2.1']);
      const argument: CameraHost = {
        onvif: { name: `Camera ${last}`, host: address, port: 80, profiles: [] },
        discovery: {
          interfaces: [address],
          uuid: uuid(last),
          name: `Camera ${last}`,
          xaddrs: [`http://${address}/onvif/device_service`],
          protocols: ['ws-discovery'],
          ...discovery,
        },
      };
      await host.start(cameraHost, argument);
    };
    await Promise.all([camera(2, {}), camera(3, { fault: 'silent' }), camera(4, { fault: 'silent' })]);
    searcher = await network.host('walleye', [{ bridge: 'here', address: '10.78.1.2/24' }]);
    await onHost(searcher, 'ip', ['route', 'add', 'default', 'via', '10.78.1.1']);
  });

  after(async () => {
    await network?.close();
  });

  const search = async (networks: string[]): Promise<SearchOutput> => {
    const argument = { seconds: 5, username: 'admin', password: '', networks };
    const child = searcher.spawn(process.execPath, [searchHost, JSON.stringify(argument)]);
    let text = '';
    for await (const chunk of child.stdout ?? []) text += String(chunk);
    return JSON.parse(text) as SearchOutput;
  };
  const found = ({ devices }: SearchOutput) => devices.map(({ address }) => address).sort();

  it('are not found by multicast, which is sent to pass three routers (case 4)', async () => {
    assert.deepEqual(found(await search([])), []);
    const seen = execFileSync('ip', ['netns', 'exec', router.namespace, 'nft', 'list', 'ruleset'], {
      encoding: 'utf8',
    });
    const counts = [...seen.matchAll(/ip ttl (4|!= 4) counter packets (\d+)/g)].map(([, ttl, packets]) => [
      ttl,
      Number(packets),
    ]);
    assert.deepEqual(counts, [
      ['4', 9],
      ['!= 4', 0],
    ]);
  });

  it('are found by asking one address after the other; where one is named, also those that answer no probe', async () => {
    const output = await search(['10.78.2.0/24', '10.78.2.4']);
    assert.deepEqual(found(output), ['10.78.2.2', '10.78.2.4']);
    assert.deepEqual(output.problems, []);
    const [first, named] = [2, 4].map((last) =>
      output.devices.find(({ address }) => address === `10.78.2.${last}`),
    );
    assert.equal(first?.id, `urn:uuid:${uuid(2)}`);
    assert.equal(first?.interface, 'routed');
    assert.equal(first?.onvif_url, 'http://10.78.2.2/onvif/device_service');
    assert.equal(output.described[first.id]?.model !== undefined, true, JSON.stringify(output.errors));
    assert.equal(named?.onvif_url, 'http://10.78.2.4/onvif/device_service');
  });

  it('say why where nothing leads there', async () => {
    await onHost(searcher, 'ip', ['route', 'del', 'default']);
    const output = await search(['10.78.2.0/28']);
    assert.deepEqual(found(output), []);
    assert.match(output.problems.join(), /^Other networks: .*cannot send to 10\.78\.2\.14: ENETUNREACH$/);
  });
});

async function onHost(host: TestHost, command: string, args: string[]): Promise<void> {
  const child = host.spawn(command, args);
  const [code] = await once(child, 'exit');
  assert.equal(code, 0, `${command} ${args.join(' ')}`);
}
