/**
 * The image's own kiosk with two outputs: weston's kiosk-shell, two sandboxed browsers, and each wall on its own output. A
 * container has no monitors, so its weston runs within another one, which shows its two outputs as windows.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { System } from '../../daemon/schema.ts';
import { until } from '../e2e/until.ts';
import { Container, containersUnavailable } from './container.ts';
import { brightness, type Part, type Picture } from './picture.ts';
import { shippedRoot } from './shippedRoot.ts';
import { testUsr } from './testImage.ts';

const MINUTE = 60_000;
const KIOSK_ENV = `WALLEYE_HEADLESS=640x360
WALLEYE_OUTPUTS=2
WAYLAND_DISPLAY=/run/walleye-screens/wayland-screens
`;
/** What stands for the monitors. */
const SCREENS = `[Service]
User=walleye-kiosk
RuntimeDirectory=walleye-screens
Environment=XDG_RUNTIME_DIR=/run/walleye-screens HOME=/run/walleye-screens
ExecStart=weston --backend=headless --renderer=pixman --width=1600 --height=1000 --socket=wayland-screens --shell=desktop --idle-time=0 --config=/etc/screens.ini
`;
/** The halves of the picture of both outputs, side by side: above the strip with the clock. */
const SCREEN_1: Part = { x: 0.02, y: 0.05, width: 0.46, height: 0.8 };
const SCREEN_2: Part = { ...SCREEN_1, x: 0.52 };

const mine = mkdtempSync(join(tmpdir(), 'walleye-screens-'));
const path = (name: string) => join(mine, name);
const tile = (x: number, width: number) => ({ x, y: 0, width, height: 1, cameras: ['gate'] });
const showing = (layout: string) => ({ sequence: [{ layout, dwell_seconds: 3600 }] });
const SITE = {
  walleye_site: 1,
  settings: { setup_done: true },
  users: [{ name: 'admin', role: 'admin', password: 'two-screens-1' }],
  cameras: [
    {
      ...{ id: 'gate', name: 'Gate', username: 'a', password: 'b' },
      // Nothing answers there: its tile says so.
      streams: [{ profile: 'main', rtsp_url: 'rtsp://127.0.0.1:9/none' }],
    },
  ],
  layouts: {
    none: { tiles: [] },
    halves: { tiles: [tile(0, 0.5), tile(0.5, 0.5)] },
  },
  wall: showing('none'),
  walls: { 2: showing('halves') },
};

describe('two screens of the image', { skip: containersUnavailable(), timeout: 20 * MINUTE }, () => {
  let box: Container;

  before(async () => {
    const shipped = shippedRoot(await testUsr(), mine);
    for (const folder of ['upper/walleye', 'upper/systemd/system/walleye-kiosk.service.d'])
      mkdirSync(path(folder), { recursive: true });
    writeFileSync(path('upper/walleye/kiosk.env'), KIOSK_ENV);
    writeFileSync(
      path('upper/screens.ini'),
      '[shell]\npanel-position=none\nlocking=false\n[core]\nrequire-input=false\n',
    );
    writeFileSync(path('upper/systemd/system/walleye-screens.service'), SCREENS);
    writeFileSync(
      path('upper/systemd/system/walleye-kiosk.service.d/screens.conf'),
      '[Unit]\nWants=walleye-screens.service\nAfter=walleye-screens.service\n',
    );
    writeFileSync(path('site.json'), JSON.stringify(SITE));
    box = await Container.start({
      ...shipped,
      args: [`--load-credential=walleye.site:${path('site.json')}`],
    });
  });
  after(async () => {
    await box?.stop();
    rmSync(mine, { recursive: true, force: true });
  });

  const screens = async () =>
    (JSON.parse(await box.sh('walleye status --json')) as { system: System }).system.screens;
  /** Screens whose page has spoken within the last ten seconds, and how many tiles each has. */
  const awake = async () => {
    const now = Date.now() / 1000;
    const list = (await screens()).filter(({ heartbeat }) => now - (heartbeat ?? 0) < 10);
    return list.map(({ screen, tiles }) => `${screen}: ${tiles}`).join(', ');
  };
  const browserOf = async (output: string) =>
    box.sh(`pgrep -u walleye-kiosk -fo -- '--profile-directory=${output} ' || true`);
  /** Nothing but the background, or tiles with their words. */
  const shows = (picture: Picture, part: Part) =>
    brightness(picture, part).deviation > 2 ? 'tiles' : 'nothing';
  const look = async () => {
    const picture = await box.screenshot({ save: path('screens.png') });
    return `${shows(picture, SCREEN_1)} | ${shows(picture, SCREEN_2)}`;
  };

  it('each has its window on its own output, with its own wall', async () => {
    await box.waitForUnit('walleye-kiosk.service', 'active', 3 * MINUTE);
    await box.waitForUnit('walleye.service', 'active', 3 * MINUTE);
    await until(
      'the site file is applied',
      async () => (await box.run(['walleye', 'layout', 'show', 'halves'])).status === 0,
      3 * MINUTE,
    );
    await until('both pages speak', async () => (await awake()) === '1: 0, 2: 2', 3 * MINUTE).catch(
      async (error) => {
        throw new Error(`${error.message}\n${await box.journal('walleye-kiosk', 60)}`);
      },
    );
    await until('each wall where it belongs', async () => (await look()) === 'nothing | tiles', MINUTE);
  });

  it('one that ends comes back, and the other goes on', async () => {
    const [first, second] = [await browserOf('wayland0'), await browserOf('wayland1')];
    await box.sh(`kill -KILL ${second}`);
    await until(
      'another browser on the second',
      async () => {
        const now = await browserOf('wayland1');
        return now !== '' && now !== second && (await awake()) === '1: 0, 2: 2';
      },
      2 * MINUTE,
    );
    assert.equal(await browserOf('wayland0'), first);
    await until('each wall where it belongs', async () => (await look()) === 'nothing | tiles', MINUTE);
  });

  it('another wall goes to the screen that it is meant for', async () => {
    await box.sh('walleye wall set halves; walleye wall set --screen 2 none');
    await until('the other way round', async () => (await look()) === 'tiles | nothing', MINUTE);
    await box.sh('walleye wall follow --screen 2');
    await until('both the same', async () => (await look()) === 'tiles | tiles', MINUTE);
  });

  it('says of its screens in the unit’s status', async () => {
    const both = 'screen 1 (wayland0) shows the wall · screen 2 (wayland1) shows the wall';
    const text = async () => (await box.unit('walleye-kiosk', 'StatusText')).StatusText;
    await until('its words', async () => (await text()) === both, MINUTE);
  });
});
