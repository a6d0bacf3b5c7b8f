/**
 * A camera whose cable is pulled: nothing is refused and nothing is closed, it is only silent. On Ethernet between
 * network namespaces, because on the loopback interface no packet is ever lost.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamState, Transport } from '../../daemon/schema.ts';
import { until } from '../e2e/until.ts';
import { namespacesUnavailable, type TestHost, TestNetwork } from '../network/namespaces.ts';
import { backSoon } from './backSoon.ts';
import type { WallLine } from './wallHost.ts';

const CAMERA = '10.77.1.11';
const CAMERA_PROGRAM = join(import.meta.dirname, '../virtual-camera/demo.ts');
const WALL_PROGRAM = join(import.meta.dirname, 'wallHost.ts');

interface Wall {
  /** Since they were last cleared. */
  states: StreamState[];
  /** When the pictures came, Unix milliseconds. */
  pictures: number[];
  end(): Promise<void>;
}

describe('a camera whose cable is pulled', {
  skip: namespacesUnavailable(),
  timeout: 300_000,
}, () => {
  let network: TestNetwork;
  let camera: TestHost;
  const walls: Wall[] = [];

  before(async () => {
    network = await TestNetwork.create();
    await network.bridge('a');
    camera = await network.host('camera', [{ bridge: 'a', address: `${CAMERA}/24` }]);
    const args = ['--cameras', '1', '--host', CAMERA, '--port', '554', '--with-parent'];
    const program = camera.spawn(process.execPath, [CAMERA_PROGRAM, ...args]);
    await once(createInterface({ input: program.stdout! }), 'line');
    for (const [i, transport] of (['tcp', 'udp'] as const).entries()) {
      const host = await network.host(transport, [{ bridge: 'a', address: `10.77.1.${i + 1}/24` }]);
      walls.push(await startWall(host, transport));
    }
    await until('pictures over TCP and UDP', () => walls.every(({ pictures }) => pictures.length > 10));
  });
  after(async () => {
    await Promise.all(walls.map((wall) => wall.end()));
    await network?.close();
  });

  /** Pulls the cable, waits, plugs it in. Answers how much later both walls had a picture. */
  const pulled = async (wait: () => Promise<unknown>): Promise<number> => {
    await camera.cut('eth0');
    await sleep(500);
    for (const wall of walls) [wall.pictures, wall.states] = [[], []];
    await wait();
    for (const { pictures } of walls) assert.deepEqual(pictures, []);
    await camera.plugIn('eth0');
    const plugged = performance.timeOrigin + performance.now();
    await until('pictures', () => walls.every(({ pictures }) => pictures.length > 0));
    return Math.max(...walls.map(({ pictures }) => pictures[0]! - plugged));
  };
  const both = (t: TestContext, wait: () => Promise<unknown>) => backSoon(t, () => pulled(wait));

  it('for two seconds: live again within 3 s, and never called anything else', async (t) => {
    await both(t, () => sleep(1_500));
    for (const { states } of walls) assert.deepEqual(states, []);
  });

  it('until it counts as gone: stalled at first, live again within 3 s', async (t) => {
    await both(t, async () => {
      await until('it to be gone', () => walls.every(({ states }) => states.includes('gone')));
      await sleep(3_000);
    });
    await until('it to be live', () => walls.every(({ states }) => states.includes('live')));
    for (const { states } of walls) assert.deepEqual(states, ['stalled', 'gone', 'live']);
  });
});

async function startWall(host: TestHost, transport: Transport): Promise<Wall> {
  const rtsp_url = `rtsp://${CAMERA}:554/front-door/main`;
  const child = await host.start(WALL_PROGRAM, { name: 'gate', rtsp_url, transport });
  const wall: Wall = {
    states: [],
    pictures: [],
    end: async () => {
      const exited = once(child, 'exit');
      child.stdin?.end();
      await exited;
    },
  };
  createInterface({ input: child.stdout! }).on('line', (text) => {
    const line = JSON.parse(text) as WallLine;
    if ('picture' in line) wall.pictures.push(line.picture);
    else if ('state' in line) wall.states.push(line.state);
  });
  return wall;
}
