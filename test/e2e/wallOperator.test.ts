import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import jpeg from 'jpeg-js';
import type { Browser, Page } from 'playwright-core';
import type { Alarm, Layout } from '../../daemon/schema.ts';
import { evenGrid } from '../../kiosk-ui/wall/grid.ts';
import { launchBrowser, noBrowser, tilesOf } from './browser.ts';
import { until } from './until.ts';
import { STUB_URL, type StubDaemon, stubCamera, stubDaemon } from './wallStub.ts';

const grey = (level: number) =>
  jpeg.encode({ data: Buffer.alloc(64 * 36 * 4, level), width: 64, height: 36 }, 80).data;
const JPEGS = [grey(60), grey(120), grey(180)];

const layout = (name: string, numbers: readonly number[]): Layout => ({
  name,
  tiles: evenGrid(numbers.length, 16 / 9).map((rect, i) => ({ ...rect, cameras: [`c${numbers[i]}`] })),
});
const alarm = (id: string, camera: string, changes: Partial<Alarm> = {}): Alarm => ({
  id,
  camera,
  topic: 'person',
  message: null,
  source: 'onvif',
  action: 'full_screen',
  priority: 5,
  sound: false,
  since: 1,
  until: null,
  events: 1,
  acknowledged: false,
  ...changes,
});

/** The page with a daemon that is not there, whose word can be chosen: what somebody at the wall does with it. */
describe('the wall under somebody’s hands', { skip: noBrowser, timeout: 240_000 }, () => {
  let browser: Browser;
  let page: Page;
  let stub: StubDaemon;

  const tiles = () => tilesOf(page);
  const full = async () => (await tiles()).find((tile) => tile.full)?.name ?? '';
  const chosen = () =>
    page.evaluate<string>(`document.querySelector('.chosen .label span')?.textContent ?? ''`);
  const fullIs = (name: string) => until(`“${name}” in full screen`, async () => (await full()) === name);
  const chosenIs = (name: string) => until(`“${name}” chosen`, async () => (await chosen()) === name);
  const namesAre = (...names: string[]) =>
    until(names.join(), async () => (await tiles()).map(({ name }) => name).join() === names.join());
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  /** Keys of remote controls, which Playwright’s keyboard does not have. */
  const remote = (key: string) =>
    page.evaluate(
      `dispatchEvent(new KeyboardEvent('keydown', { key: ${JSON.stringify(key)}, bubbles: true }))`,
    );
  const raise = (...alarms: Alarm[]) => {
    stub.alarms = alarms;
    stub.refresh();
  };
  const open = async (prepare: (stub: StubDaemon) => void, options: { clock?: string } = {}) => {
    await page?.context().close();
    page = await (await browser.newContext({ viewport: { width: 1280, height: 720 } })).newPage();
    if (options.clock !== undefined) await page.clock.install({ time: new Date(options.clock) });
    stub = await stubDaemon(page, JPEGS);
    stub.cameras = Array.from({ length: 12 }, (_, i) => stubCamera(`c${i + 1}`, `Camera ${i + 1}`));
    stub.layouts = [
      layout('nine', [1, 2, 3, 4, 5, 6, 7, 8, 9]),
      layout('two', [10, 11]),
      layout('one', [12]),
    ];
    stub.wall = { sequence: [{ layout: 'nine', dwell_seconds: 3600 }] };
    prepare(stub);
    await page.goto(STUB_URL);
  };
  const nine = async () => {
    await open(() => {});
    await until('nine live tiles', async () => {
      const seen = await tiles();
      return seen.length === 9 && seen.every(({ kind }) => kind === 'live');
    });
  };

  before(async () => {
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
  });

  describe('by keys', () => {
    beforeEach(nine);

    it('chooses with arrows as the eye goes, opens with Enter, goes on with arrows, back with Escape', async () => {
      await press('ArrowDown');
      await chosenIs('Camera 1');
      await press('ArrowDown', 'ArrowRight');
      await chosenIs('Camera 5');
      await press('Enter');
      await fullIs('Camera 5');
      await press('ArrowRight');
      await fullIs('Camera 6');
      await press('Enter');
      await fullIs('');
      await chosenIs('Camera 6');
      await press('Escape');
      await chosenIs('');
    });

    it('obeys a remote control', async () => {
      await press('ArrowDown');
      await remote('Select');
      await fullIs('Camera 1');
      await remote('BrowserBack');
      await fullIs('');
      await remote('MediaPlayPause');
      await until('the mark', async () => (await page.locator('.held').count()) === 1);
    });

    it('shows which keys there are, and takes that away at the next key', async () => {
      await press('?');
      await until('the keys', async () => (await page.locator('.help dt').count()) >= 8);
      await press('Escape');
      await until('the wall', async () => (await page.locator('.help').count()) === 0);
    });

    it('swaps layouts by page and colour keys, and holds them by Space', async () => {
      stub.wall = {
        sequence: ['nine', 'two', 'one'].map((name) => ({ layout: name, dwell_seconds: 3600 })),
      };
      stub.tell({ type: 'changed', what: 'wall' });
      await until('three layouts', async () => {
        await press('PageDown');
        return (await tiles()).length !== 9;
      });
      await remote('ColorF1Green');
      await namesAre('Camera 10', 'Camera 11');
      await press('PageDown');
      await namesAre('Camera 12');
      await press('PageUp');
      await namesAre('Camera 10', 'Camera 11');
      await remote('ColorF3Blue');
      await namesAre('Camera 10', 'Camera 11');
    });
  });

  it('dials tiles beyond the tenth by two digits, shown large as they are typed', async () => {
    await open((stub) => {
      stub.layouts = [
        layout(
          'nine',
          Array.from({ length: 12 }, (_, i) => i + 1),
        ),
      ];
    });
    await until('twelve tiles', async () => (await tiles()).length === 12);
    await press('1');
    await until('the digit', async () => (await page.locator('.dialled').textContent()) === '1');
    await press('2');
    await fullIs('Camera 12');
    await press('Escape', '1');
    await fullIs('Camera 1');
  });

  it('takes taps and swipes: twice for full screen, to the side for the next', async () => {
    await nine();
    const touch = (type: string, x: number, y: number) =>
      page.evaluate(`{
        const target = document.elementFromPoint(${x}, ${y});
        target.dispatchEvent(new PointerEvent('${type}', {
          bubbles: true, pointerType: 'touch', pointerId: 7, button: 0, clientX: ${x}, clientY: ${y},
        }));
      }`);
    const tap = async (x: number, y: number) => {
      await touch('pointerdown', x, y);
      await touch('pointerup', x, y);
    };
    await tap(640, 360);
    await chosenIs('Camera 5');
    await tap(640, 360);
    await fullIs('Camera 5');
    await touch('pointerdown', 900, 300);
    await touch('pointerup', 500, 310);
    await fullIs('Camera 6');
    await touch('pointerdown', 300, 300);
    await touch('pointerup', 900, 310);
    await fullIs('Camera 5');
  });

  describe('alarms', () => {
    beforeEach(nine);

    it('mark the tile and are acknowledged by a click on the mark', async () => {
      raise(alarm('a', 'c4', { action: 'highlight' }));
      await until(
        'the mark',
        async () => (await page.locator('[data-position="3"] .alarm').textContent()) === 'Person',
      );
      assert.equal(await full(), '');
      await page.locator('.alarm').click();
      await until('the word to the daemon', () =>
        stub.requests.some(({ method, path }) => method === 'DELETE' && path === '/api/alarms/a'),
      );
      assert.equal(await page.locator('.alarm').count(), 0);
    });

    it('put a camera over the whole screen, even one that is not on the layout, and the wall returns', async () => {
      raise(alarm('a', 'c11'));
      await fullIs('Camera 11');
      assert.equal((await tiles()).length, 10);
      raise();
      await fullIs('');
      assert.equal((await tiles()).length, 9);
      raise(alarm('b', 'c2'));
      await fullIs('Camera 2');
      raise();
      await fullIs('');
    });

    it('promote a camera to the largest tile, and the wall returns to what it showed', async () => {
      stub.layouts[0]!.tiles[0] = {
        x: 0,
        y: 0,
        width: 0.6,
        height: 0.6,
        cameras: ['c1', 'c12'],
        dwell_seconds: 3600,
      };
      stub.tell({ type: 'changed', what: 'layouts' });
      await until('the large tile', async () => (await tiles())[0]!.box.width > 700);
      raise(alarm('a', 'c8', { action: 'promote' }));
      await until('the promoted camera', async () => (await tiles())[0]?.name === 'Camera 8');
      raise();
      await until('the camera of before', async () => (await tiles())[0]?.name === 'Camera 1');
    });

    it('move nothing while somebody is at the wall, though they are marked; by hand always wins', async () => {
      stub.rules.quiet_seconds = 600;
      stub.refresh();
      await press('ArrowDown');
      raise(alarm('a', 'c3'));
      await until('the mark', async () => (await page.locator('.alarm').count()) === 1);
      assert.equal(await full(), '');
      stub.rules.quiet_seconds = 0;
      await press('7');
      await fullIs('Camera 7');
      raise(alarm('a', 'c3'), alarm('b', 'c4', { priority: 10 }));
      await until('both marks', async () => (await page.locator('.alarm').count()) === 2);
      assert.equal(await full(), 'Camera 7');
      await press('Escape');
      await fullIs('Camera 4');
      // Escape sends it away; the alarm itself lasts, and is marked.
      await press('Escape');
      await fullIs('Camera 3');
      assert.equal(await page.locator('.alarm').count(), 2);
    });
  });

  describe('moving a camera', () => {
    const sent = () => stub.requests.filter(({ path }) => path.endsWith('/ptz')).map(({ body }) => body);
    beforeEach(async () => {
      await open((stub) => {
        stub.cameras[0]!.ptz = true;
        stub.ptz = { ...stub.ptz, supported: true, home: true, presets: [{ preset: 'p7', name: 'Gate' }] };
      });
      await until('the tiles', async () => (await tiles()).length === 9);
      await press('1');
      await fullIs('Camera 1');
      await until('the buttons', async () => (await page.locator('.ptz button').count()) === 3);
    });

    it('by dragging: where to, the farther the faster, again while held, and stops on release', async () => {
      await page.mouse.move(640, 360);
      await page.mouse.down();
      await page.mouse.move(840, 360, { steps: 3 });
      await until('three moves', () => sent().length >= 3);
      await page.mouse.up();
      const { action, pan, tilt } = sent()[2] as { action: string; pan: number; tilt: number };
      assert.deepEqual([action, pan > 0.3, tilt], ['move', true, 0]);
      await until('the stop', () => JSON.stringify(sent().at(-1)) === '{"action":"stop"}');
      assert.equal(await full(), 'Camera 1');
    });

    it('stops when the window loses the focus', async () => {
      await page.mouse.move(640, 360);
      await page.mouse.down();
      await page.mouse.move(640, 160);
      await until('a move', () => sent().length > 0);
      await page.evaluate(`dispatchEvent(new Event('blur'))`);
      await until('the stop', () => JSON.stringify(sent().at(-1)) === '{"action":"stop"}');
      await page.mouse.up();
    });

    it('by keys in its own mode: arrows move, digits are presets, P ends it', async () => {
      await press('p');
      await page.keyboard.down('ArrowLeft');
      await until('a move', () => sent().length > 0);
      await page.keyboard.up('ArrowLeft');
      assert.deepEqual(sent()[0], { action: 'move', pan: -0.5, tilt: 0, zoom: 0, seconds: 1 });
      await until('the stop', () => JSON.stringify(sent().at(-1)) === '{"action":"stop"}');
      await press('1');
      await until('the preset', () => JSON.stringify(sent().at(-1)) === '{"action":"preset","preset":"p7"}');
      await press('p', 'ArrowRight');
      await fullIs('Camera 2');
    });

    it('by the wheel: closer and, when it rests, no further', async () => {
      await page.mouse.move(640, 360);
      await page.mouse.wheel(0, -100);
      await until('the zoom', () => sent().some((body) => (body as { zoom?: number }).zoom === 0.5));
      await until('the stop', () => JSON.stringify(sent().at(-1)) === '{"action":"stop"}');
    });
  });

  describe('by the clock', () => {
    it('shows the sequence of the hour and switches at its end, in the box’s time zone', async () => {
      await open(
        (stub) => {
          stub.wall.schedule = [
            { days: [7], from: '22:00', to: '06:00', sequence: [{ layout: 'two', dwell_seconds: 60 }] },
          ];
        },
        // Sunday evening in Taipei.
        { clock: '2026-11-22T13:59:30Z' },
      );
      await until('the day', async () => (await tiles()).length === 9);
      await page.clock.fastForward(40_000);
      await namesAre('Camera 10', 'Camera 11');
      await page.clock.fastForward(8 * 3_600_000);
      await until('the day', async () => (await tiles()).length === 9);
    });

    it('is dark in its hours with nothing open, is lit by an alarm and by a touch, for a minute', async () => {
      await open(
        (stub) => {
          stub.wall.screen_off = [{ days: [7], from: '22:00', to: '06:00' }];
        },
        { clock: '2026-11-22T15:00:00Z' },
      );
      const dark = () =>
        until(
          'the dark',
          async () => (await page.locator('.dark').count()) === 1 && (await tiles()).length === 0,
        );
      await dark();
      assert.equal(await page.evaluate('document.images.length'), 0);
      raise(alarm('a', 'c3'));
      await fullIs('Camera 3');
      raise();
      await dark();
      // The key that lights it does nothing else.
      await press('5');
      await until('the wall', async () => (await tiles()).length === 9);
      assert.equal(await full(), '');
      await page.clock.fastForward(61_000);
      await dark();
    });

    it('turns through the sequence by dwell times, but not while it is held', async () => {
      await open(
        (stub) => {
          stub.wall = { sequence: ['nine', 'two'].map((name) => ({ layout: name, dwell_seconds: 30 })) };
        },
        { clock: '2026-11-22T03:00:00Z' },
      );
      await until(
        'the first',
        async () => (await tiles()).filter(({ kind }) => kind === 'live').length === 9,
      );
      await press(' ');
      await page.clock.fastForward(45_000);
      await page.clock.runFor(2_000);
      assert.equal((await tiles()).length, 9);
      await press(' ');
      await page.clock.runFor(40_000);
      await namesAre('Camera 10', 'Camera 11');
    });
  });

  describe('before the wall', () => {
    it('shows code, addresses and fingerprint on the first run in three languages, and the wall when paired', async () => {
      const screen = {
        auth_required: true,
        kind: 'screen',
        user: null,
        role: 'viewer',
        ticket: 'T1',
      } as const;
      await open((stub) => {
        stub.session = { ...screen, paired: false };
        stub.pairing = {
          code: '482913',
          expires: 4e9,
          url: 'https://192.0.2.4/admin#pair=482913',
          urls: ['https://192.0.2.4/admin'],
          fingerprint: 'AB:CD',
        };
      });
      await until('the code', async () => (await page.locator('.code').textContent()) === '482913');
      const text = (await page.textContent('.pairing')) ?? '';
      for (const part of [
        'Set up this screen',
        '設定此螢幕',
        '设置此屏幕',
        'https://192.0.2.4/admin',
        'AB:CD',
        'Front desk',
      ]) {
        assert.ok(text.includes(part), part);
      }
      assert.equal(await page.evaluate(`document.querySelector('.pairing img').naturalWidth > 0`), true);
      stub.session = { ...screen, paired: true };
      stub.pairing = undefined;
      await until('the wall', async () => (await tiles()).length === 9);
      const sources = await page.evaluate<string[]>('[...document.images].map(({ src }) => src)');
      assert.ok(sources.length > 0 && sources.every((source) => source.includes('&ticket=T1')));
    });

    it('asks a browser that is not signed in to do so, and opens nothing', async () => {
      await open((stub) => {
        stub.session = {
          auth_required: true,
          paired: true,
          kind: 'none',
          user: null,
          role: null,
          ticket: null,
        };
      });
      await until('the way in', async () => (await page.getAttribute('.gate a', 'href')) === '/admin');
      assert.equal(await page.locator('.banner').count(), 0);
      assert.equal(await page.evaluate('document.images.length'), 0);
    });
  });

  it('shows the kept picture of a camera that is off, grey and with its age, and takes it away for a live one', async () => {
    await open((stub) => {
      stub.cameras[0]!.last_picture = 1;
      stub.stills.set('c1', Date.parse('2026-03-03T06:02:00Z') / 1000);
      for (const name of ['c1_main', 'c1_sub']) {
        stub.streams.set(name, { state: 'gone', since: 1_772_520_000, message: null });
        stub.silent.add(name);
      }
    });
    await until('its age', async () =>
      /^Picture from .*14:02$/.test((await page.locator('.from').textContent()) ?? ''),
    );
    assert.equal(await page.evaluate(`document.querySelector('.still').naturalWidth`), 64);
    for (const name of ['c1_main', 'c1_sub']) stub.streams.delete(name);
    stub.silent.clear();
    stub.tell({ type: 'hello', instance: 'another', version: '0' });
    stub.refresh();
    await until('the live picture', async () => (await tiles())[0]?.kind === 'live');
    await until('the kept one to leave', async () => (await page.locator('.still, .from').count()) === 0);
  });
});
