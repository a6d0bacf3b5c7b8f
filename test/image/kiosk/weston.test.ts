import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readSettings } from '../../../image/kiosk/settings.ts';
import { appIds, headlessOutputs, westonArgs, westonIni } from '../../../image/kiosk/weston.ts';

const page = '/usr/lib/walleye/image/kiosk/start.html';

describe('weston.ini', () => {
  it('gives each connector its window, and the rotation of its screen', () => {
    const settings = readSettings({ WALLEYE_ROTATE_2: '90' });
    const connectors = ['DP-1', 'HDMI-A-1'];
    const ini = westonIni(settings, { connectors, screenOf: (name) => (name === 'DP-1' ? 2 : 1), page });
    assert.equal(
      ini,
      `[core]
shell=kiosk
idle-time=0
require-input=false
require-outputs=none
xwayland=false
[shell]
background-color=0xff0b0d10
[keyboard]
vt-switching=false
[output]
name=DP-1
app-ids=walleye-DP-1,chrome-__usr_lib_walleye_image_kiosk_start.html-DP-1
transform=rotate-90
[output]
name=HDMI-A-1
app-ids=walleye-HDMI-A-1,chrome-__usr_lib_walleye_image_kiosk_start.html-HDMI-A-1
transform=normal
`,
    );
  });

  it('starts without a monitor, and says how large outputs are where there are none', () => {
    const settings = readSettings({ WALLEYE_HEADLESS: '640x360', WALLEYE_OUTPUTS: '2' });
    const connectors = headlessOutputs(settings.headless!);
    const ini = westonIni(settings, { connectors, screenOf: () => 1, page });
    assert.match(ini, /^require-outputs=none$/m);
    assert.deepEqual(ini.match(/^(name|mode)=.*/gm), [
      'name=wayland0',
      'mode=640x360',
      'name=wayland1',
      'mode=640x360',
    ]);
  });

  it('tells windows of connectors apart whose names begin alike', () => {
    const [one, two] = ['DP-1', 'DP-11'].map((name) => appIds(name, page));
    assert.deepEqual(
      one!.filter((id) => two!.includes(id)),
      [],
    );
  });
});

describe('weston’s command line', () => {
  const files = { ini: '/run/k/weston.ini', socket: 'wayland-0' };
  const common = ['--config=/run/k/weston.ini', '--socket=wayland-0'];
  const args = (env: Record<string, string>, gpu: boolean) =>
    westonArgs(readSettings(env), { ...files, gpu });

  it('draws with the GPU where there is one', () => {
    assert.deepEqual(args({}, true), [...common, '--backend=drm']);
    assert.deepEqual(args({}, false), [...common, '--backend=drm', '--renderer=pixman']);
  });

  it('is for a picture of the screen in tests', () => {
    const rest = ['--renderer=pixman', '--debug'];
    assert.deepEqual(args({ WALLEYE_HEADLESS: '1280x720' }, true), [
      ...common,
      '--backend=headless',
      '--width=1280',
      '--height=720',
      ...rest,
    ]);
    assert.deepEqual(args({ WALLEYE_HEADLESS: '640x360', WALLEYE_OUTPUTS: '3' }, true), [
      ...common,
      '--backend=wayland',
      '--output-count=3',
      ...rest,
    ]);
  });
});
