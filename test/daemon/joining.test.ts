/** Cameras join by themselves and leave their last picture behind: the real daemon, virtual cameras, the network `lo`. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Camera, Discovery } from '../../daemon/schema.ts';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { until } from '../e2e/until.ts';
import { startVirtualCameras, type VirtualCamera, type VirtualCameras } from '../virtual-camera/index.ts';
import { MjpegViewer } from './mjpegViewer.ts';

const PASSWORD = 'door-4711';

describe('cameras join by themselves', { timeout: 300_000 }, () => {
  let cameras: VirtualCameras;
  let stateDir: string;
  let daemon: Daemon;
  let open: VirtualCamera;
  let locked: VirtualCamera[];

  before(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'walleye-joining-'));
    const login = { auth: 'digest', password: PASSWORD } as const;
    cameras = await startVirtualCameras({
      cameras: [{ name: 'Lobby' }, { name: 'Vault', ...login }, { name: 'Safe', ...login }],
      discovery: { interfaces: ['lo'] },
    });
    [open, ...locked] = cameras.cameras as [VirtualCamera, ...VirtualCamera[]];
    daemon = await startDaemon({ stateDir });
  });
  after(async () => {
    await daemon?.stop();
    await cameras?.close();
    await rm(stateDir, { recursive: true, force: true });
  });

  /** Other tests' cameras may answer on `lo` as well. */
  const ours = async () => {
    const state = await daemon.api<Discovery>('GET', '/api/discovery');
    const of = ({ onvifUrl }: VirtualCamera) => state.devices.find(({ onvif_url }) => onvif_url === onvifUrl);
    return { running: state.running, devices: cameras.cameras.flatMap((camera) => of(camera) ?? []) };
  };
  const over = () =>
    until('all our cameras were asked', async () => {
      const { running, devices } = await ours();
      const done = !running && devices.length === 3 && devices.every(({ adoption }) => adoption !== 'asking');
      return done && devices;
    });
  const search = async () => {
    await daemon.api('POST', '/api/discovery', { adopt: true, seconds: 3 });
    return over();
  };
  const states = (devices: { adoption: string }[]) => devices.map(({ adoption }) => adoption);
  const list = async () => (await daemon.api<{ cameras: Camera[] }>('GET', '/api/cameras')).cameras;
  const get = (path: string) => fetch(daemon.url + path);

  it('the open ones at once; of the others a wrong password is said, the right one opens all of the make', async () => {
    const first = await search();
    assert.deepEqual(states(first), ['added', 'needs_password', 'needs_password']);
    assert.equal(new Set(first.slice(1).map(({ make }) => make)).size, 1);
    const vault = first[1]?.id ?? '';
    const login = { devices: [vault], username: 'admin' };
    await daemon.api('POST', '/api/discovery/credentials', { ...login, password: 'wrong' });
    assert.equal((await over())[1]?.onvif_error?.code, 'wrong_password');
    await daemon.api('POST', '/api/discovery/credentials', { ...login, password: PASSWORD });
    await until('both are there', async () => states(await over()).every((state) => state === 'added'));
    const names = (await list()).map(({ name }) => name);
    for (const { name } of cameras.cameras) assert.ok(names.includes(name), name);
  });

  it('and show themselves with the password that opened them', async () => {
    for (const { name } of [open, ...locked]) {
      const camera = (await list()).find((one) => one.name === name);
      const response = await get(`/api/cameras/${camera?.id}/snapshot.jpg?width=320`);
      assert.equal(response.status, 200, name);
      assert.equal(Buffer.from(await response.arrayBuffer()).readUInt16BE(0), 0xffd8);
    }
  });

  it('one that is taken away stays away from this search; after a power cut the next one knows its password', async () => {
    const safe = (await list()).find(({ name }) => name === 'Safe');
    await daemon.api('DELETE', `/api/cameras/${safe?.id}`);
    assert.deepEqual(states(await over()), ['added', 'added', 'left_out']);
    await daemon.kill();
    daemon = await startDaemon({ stateDir });
    assert.equal((await list()).filter(({ name }) => ['Lobby', 'Vault'].includes(name)).length, 2);
    assert.deepEqual(states(await search()), ['added', 'added', 'added']);
    assert.equal((await list()).find(({ name }) => name === 'Safe')?.has_password, true);
    const told = JSON.stringify(await daemon.api('GET', '/api/credentials')) + daemon.log.join('\n');
    assert.doesNotMatch(told, new RegExp(PASSWORD));
  });

  it('leave their last picture behind when the daemon stops, and it goes with the camera', async () => {
    const { id = '' } = (await list()).find(({ name }) => name === 'Lobby') ?? {};
    const viewer = await MjpegViewer.open(`${daemon.url}/api/streams/${id}_main/mjpeg?width=640`);
    await until('pictures', () => viewer.pictures > 5);
    const stopped = Date.now() / 1000;
    assert.equal(await daemon.stop(), 0);
    await open.fault({ refuse: true });
    daemon = await startDaemon({ stateDir });
    const camera = await daemon.api<Camera>('GET', `/api/cameras/${id}`);
    assert.ok(Math.abs((camera.last_picture ?? 0) - stopped) < 5, `${camera.last_picture}, ${stopped}`);
    const response = await get(`/api/cameras/${id}/last.jpg`);
    assert.equal(response.status, 200);
    assert.equal(Number(response.headers.get('x-picture-time')), camera.last_picture);
    assert.equal(Buffer.from(await response.arrayBuffer()).readUInt16BE(0), 0xffd8);
    const snapshot = await get(`/api/cameras/${id}/snapshot.jpg`);
    assert.equal(snapshot.status, 503, 'it is off');
    await daemon.api('DELETE', `/api/cameras/${id}`);
    assert.equal((await get(`/api/cameras/${id}/last.jpg`)).status, 404);
    assert.ok(!(await readdir(join(stateDir, 'pictures'))).includes(`${id}.jpg`));
  });
});
