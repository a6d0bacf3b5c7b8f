/** Command lines of the programs that the kiosk starts, and what it reads of theirs. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { cageEnvironment, powerArgs, rotateArgs } from '../../../image/kiosk/cage.ts';
import { adaptersOf, readAdapter, standbyArgs, wakeArgs } from '../../../image/kiosk/cec.ts';
import { chromiumArgs } from '../../../image/kiosk/chromium.ts';
import { memoryBound, readProcess, treeBytes } from '../../../image/kiosk/memory.ts';
import { readDoor, readTold } from '../../../image/kiosk/told.ts';

describe('chromium', () => {
  const args = (gpu: boolean, hidden = false) =>
    chromiumArgs({
      ...{ screen: 2, connector: 'DP-1', folder: '/run/k/browser-2', page: '/x/start.html' },
      ...{ gpu, hidden },
    });

  it('opens its screen’s page in a window that the compositor knows', () => {
    for (const flag of [
      '--kiosk',
      '--app=file:///x/start.html#2',
      '--class=walleye-DP-1',
      '--profile-directory=DP-1',
      '--user-data-dir=/run/k/browser-2',
    ])
      assert.ok(args(true).includes(flag), flag);
  });

  it('keeps its sandbox, and repeats no switch: it would heed the last only', () => {
    assert.ok(!args(false).some((flag) => flag.includes('sandbox') || flag.startsWith('--single-process')));
    const names = args(false).map((flag) => flag.split('=')[0]);
    assert.equal(new Set(names).size, names.length);
  });

  it('opens the same page on no output, for a screen that is off', () => {
    const hidden = args(true, true);
    assert.ok(hidden.includes('--headless') && hidden.includes('--app=file:///x/start.html#2'));
    assert.ok(!hidden.some((flag) => flag.startsWith('--ozone') || flag === '--kiosk'));
  });

  it('draws in software where there is no GPU', () => {
    assert.ok(args(false).includes('--disable-gpu'));
    assert.ok(!args(true).includes('--disable-gpu'));
  });
});

describe('cage', () => {
  it('is told of outputs by wlr-randr, whose angles go the other way round', () => {
    assert.deepEqual(powerArgs('HDMI-A-1', false), ['--output', 'HDMI-A-1', '--off']);
    assert.deepEqual(powerArgs('HDMI-A-1', true), ['--output', 'HDMI-A-1', '--on']);
    const turned = ([0, 90, 180, 270] as const).map((angle) => rotateArgs('DP-1', angle).at(-1));
    assert.deepEqual(turned, ['normal', '270', '180', '90']);
  });

  it('spares i915 what it stands still under, and draws in software where it must', () => {
    assert.equal(cageEnvironment(true, false).WLR_DRM_NO_ATOMIC, '1');
    assert.equal(cageEnvironment(true, false).WLR_RENDERER, undefined);
    assert.equal(cageEnvironment(false, false).WLR_RENDERER, 'pixman');
    assert.equal(cageEnvironment(true, true).WLR_BACKENDS, 'headless');
  });
});

describe('TV sets', () => {
  const info = `Driver Info:
	Driver Name                : i915
	Adapter Name               : HDMI-A-1
	Capabilities               : 0x0000011e
		Logical Addresses
		Transmit
	DRM Connector Info         : card 0, connector 236
	Available Logical Addresses: 4
	Physical Address           : 2.0.0.0
	Logical Address Mask       : 0x0000
`;
  const adapter = readAdapter('/dev/cec0', info);

  it('have an adapter at the connector that it names', () => {
    assert.deepEqual(adapter, { device: '/dev/cec0', connector: 236, address: '2.0.0.0' });
    const stray = readAdapter('/dev/cec1', info.replace(/.*DRM.*\n/, '').replace('2.0.0.0', 'f.f.f.f'));
    assert.deepEqual(stray, { device: '/dev/cec1', connector: undefined, address: undefined });
    assert.deepEqual(adaptersOf([adapter, stray], 236), [adapter, stray]);
    assert.deepEqual(adaptersOf([adapter, stray], 99), [stray]);
    fc.assert(fc.property(fc.string(), (text) => typeof readAdapter('/dev/cec0', text) === 'object'));
  });

  it('are put to sleep, woken, and made to show this input', () => {
    const to = ['--device', '/dev/cec0', '--playback', '--osd-name', 'Walleye', '--to', '0'];
    assert.deepEqual(standbyArgs(adapter), [[...to, '--standby']]);
    assert.deepEqual(wakeArgs(adapter), [
      [...to, '--image-view-on'],
      ['--device', '/dev/cec0', '--playback', '--active-source', 'phys-addr=2.0.0.0'],
    ]);
    assert.deepEqual(wakeArgs({ ...adapter, address: undefined }), [[...to, '--image-view-on']]);
  });
});

describe('memory', () => {
  const status = (parent: number, anon: number, shared: number) =>
    `Name:\tchromium\nPPid:\t${parent}\nVmRSS:\t  999999 kB\nRssAnon:\t${anon} kB\nRssFile:\t 99999 kB\nRssShmem:\t   ${shared} kB\n`;

  it('of a browser is that of all its processes, without the program’s file', () => {
    const processes = [
      readProcess(30, status(20, 100, 24))!,
      readProcess(20, status(10, 50, 0))!,
      readProcess(10, status(1, 10, 0))!,
      readProcess(99, status(1, 5000, 0))!,
    ];
    assert.equal(treeBytes(10, processes), 184 * 1024);
    assert.equal(treeBytes(20, processes), 174 * 1024);
    assert.equal(treeBytes(7, processes), 0);
    assert.equal(readProcess(1, ''), undefined);
  });

  it('is bounded for each browser and for all of them', () => {
    assert.equal(memoryBound(16e9, 1), 1.2e9);
    assert.equal(memoryBound(2e9, 1), 0.8e9);
    assert.equal(memoryBound(4e9, 2), 0.8e9);
    assert.equal(memoryBound(4e9, 0), 1.2e9);
  });
});

describe('the daemon’s word', () => {
  it('is how long each page has been silent, and what is to be dark', () => {
    const system = {
      time: 1000,
      screens: [
        { screen: 1, heartbeat: 998.5, tiles: 4, painting: 4, dark: false, turned: 900 },
        { screen: 2, heartbeat: null, tiles: 0, painting: 0, dark: true, turned: null },
      ],
    };
    assert.deepEqual(readTold(JSON.stringify(system)), [
      { screen: 1, silent: 1.5, dark: false, turned: 900 },
      { screen: 2, silent: undefined, dark: true, turned: null },
    ]);
  });

  it('of another kind is none', () => {
    for (const text of ['', 'null', '{}', '{"time":1}', '{"time":1,"screens":3}', '<html>'])
      assert.equal(readTold(text), undefined, text);
    assert.deepEqual(readTold('{"time":1,"screens":[null,{},{"screen":"1"}]}'), []);
    fc.assert(fc.property(fc.json(), (text) => Array.isArray(readTold(text) ?? [])));
  });

  it('is asked for where root says, with the token that it hands over', () => {
    assert.deepEqual(readDoor("openWall('aB-9_', 8080);\n"), { token: 'aB-9_', port: 8080 });
    for (const text of ['', "openWall('', 80);", "openWall('x');", "openWall('a\\'b', 80);"])
      assert.equal(readDoor(text), undefined, text);
  });
});
