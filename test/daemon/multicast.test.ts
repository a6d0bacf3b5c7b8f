/** A camera that sends by multicast: on Ethernet with switches between network namespaces. The server is GStreamer's. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { StreamState, Transport } from '../../daemon/schema.ts';
import { until } from '../e2e/until.ts';
import { namespacesUnavailable, type TestHost, TestNetwork } from '../network/namespaces.ts';
import {
  type GstPath,
  type GstRtspServer,
  gstServerMissing,
  startGstServer,
} from '../peers/gstRtspServer.ts';
import type { WallLine } from './wallHost.ts';

const CAMERA = '10.77.2.11';
const WALL_PROGRAM = join(import.meta.dirname, 'wallHost.ts');

interface Wall {
  pictures: number;
  states: StreamState[];
  transport: string | null | undefined;
}

describe('a camera that sends by multicast', {
  skip: namespacesUnavailable() || ((await gstServerMissing()) ?? false),
  timeout: 120_000,
}, () => {
  let network: TestNetwork;
  let hosts: TestHost[];
  let camera: GstRtspServer;
  let host: TestHost;

  before(async () => {
    network = await TestNetwork.create();
    await network.bridge('a');
    host = await network.host('camera', [{ bridge: 'a', address: `${CAMERA}/24` }]);
    hosts = [];
    for (const i of [1, 2])
      hosts.push(await network.host(`wall${i}`, [{ bridge: 'a', address: `10.77.2.${i}/24` }]));
    camera = await startGstServer({ on: { host, address: CAMERA } });
  });
  after(async () => {
    await camera?.close();
    await network?.close();
  });

  async function wall(t: TestContext, on: TestHost, path: GstPath, transport: Transport): Promise<Wall> {
    const { username, password } = camera;
    const stream = { name: 'gate', rtsp_url: camera.url(path), transport, username, password };
    const child = await on.start(WALL_PROGRAM, stream);
    t.after(async () => {
      const exited = once(child, 'exit');
      child.stdin?.end();
      await exited;
    });
    const wall: Wall = { pictures: 0, states: [], transport: undefined };
    createInterface({ input: child.stdout! }).on('line', (text) => {
      const line = JSON.parse(text) as WallLine;
      if ('picture' in line) wall.pictures++;
      else if ('state' in line) wall.states.push(line.state);
      else wall.transport = line.transport;
    });
    return wall;
  }

  /** Bytes that the camera's machine has sent. */
  async function sent(): Promise<number> {
    const child = host.spawn('cat', ['/sys/class/net/eth0/statistics/tx_bytes']);
    let text = '';
    child.stdout?.on('data', (data) => {
      text += data;
    });
    await once(child, 'close');
    return Number(text);
  }
  const rate = async (pictures: () => number): Promise<number> => {
    const [from, first] = [await sent(), pictures()];
    await until('forty pictures', () => pictures() >= first + 40);
    return ((await sent()) - from) / (pictures() - first);
  };

  it('is watched by two boxes, and sends once', async (t) => {
    const one = await wall(t, hosts[0]!, 'multicast', 'multicast');
    await until('pictures', () => one.pictures > 10 && one.transport !== undefined);
    assert.equal(one.transport, 'multicast');
    const alone = await rate(() => one.pictures);
    const other = await wall(t, hosts[1]!, 'multicast', 'multicast');
    await until('pictures on the other', () => other.pictures > 10 && other.transport !== undefined);
    assert.equal(other.transport, 'multicast');
    const both = await rate(() => one.pictures);
    assert.ok(both < alone * 1.4, `${alone} bytes a picture to one, ${both} to both`);
    assert.ok(
      one.states.every((state) => ['connecting', 'live'].includes(state)),
      one.states.join(),
    );
  });

  it('falls back to UDP where the camera does not do it', async (t) => {
    const one = await wall(t, hosts[0]!, 'live', 'multicast');
    await until('pictures', () => one.pictures > 10 && one.transport !== undefined);
    assert.equal(one.transport, 'udp');
  });

  it('is not found by who does not ask for it, and the camera says why', async (t) => {
    const one = await wall(t, hosts[0]!, 'multicast', 'tcp');
    await until('it is refused', () => one.states.includes('unsupported'));
  });
});
