import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readSettings, rotationOf } from '../../../image/kiosk/settings.ts';

describe('the kiosk’s settings', () => {
  it('are weston, nothing turned and no numbers fixed when nobody says otherwise', () =>
    assert.deepEqual(readSettings({}), {
      compositor: 'weston',
      rotations: [0, 0],
      pinned: [],
      headless: undefined,
    }));

  it('turn all screens, and the second and those after it another way where told to', () => {
    const all = readSettings({ WALLEYE_ROTATE: '90' });
    assert.deepEqual(
      [1, 2, 4].map((screen) => rotationOf(all, screen)),
      [90, 90, 90],
    );
    const two = readSettings({ WALLEYE_ROTATE: '270', WALLEYE_ROTATE_2: '0' });
    assert.deepEqual(
      [1, 2, 3].map((screen) => rotationOf(two, screen)),
      [270, 0, 0],
    );
    assert.deepEqual(readSettings({ WALLEYE_ROTATE: '45', WALLEYE_ROTATE_2: 'up' }).rotations, [0, 0]);
  });

  it('fix numbers by connectors, and let nothing else into paths and files', () => {
    const names = 'HDMI-A-1, DP-2 ../x $(reboot) eDP-1';
    assert.deepEqual(readSettings({ WALLEYE_SCREENS: names }).pinned, ['HDMI-A-1', 'DP-2', 'eDP-1']);
  });

  it('know two compositors', () => {
    assert.equal(readSettings({ WALLEYE_COMPOSITOR: 'cage' }).compositor, 'cage');
    assert.throws(() => readSettings({ WALLEYE_COMPOSITOR: 'sway' }), /neither weston nor cage/);
  });

  it('do without a screen in tests', () => {
    assert.deepEqual(readSettings({ WALLEYE_HEADLESS: '1280x720' }).headless, {
      width: 1280,
      height: 720,
      outputs: 1,
    });
    assert.equal(readSettings({ WALLEYE_HEADLESS: '640x360', WALLEYE_OUTPUTS: '2' }).headless?.outputs, 2);
    assert.equal(readSettings({ WALLEYE_HEADLESS: 'large' }).headless, undefined);
  });
});
