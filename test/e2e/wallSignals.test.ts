import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import jpeg from 'jpeg-js';
import type { Browser, Page } from 'playwright-core';
import type { Alarm } from '../../daemon/schema.ts';
import { launchBrowser, noBrowser, tilesOf } from './browser.ts';
import { until } from './until.ts';
import { STUB_URL, type StubDaemon, stubCamera, stubDaemon } from './wallStub.ts';

const JPEG = jpeg.encode({ data: Buffer.alloc(64 * 36 * 4, 120), width: 64, height: 36 }, 80).data;
const alarm = (id: string, sound: boolean): Alarm => ({
  id,
  camera: 'c1',
  topic: 'person',
  message: null,
  source: 'api',
  action: 'highlight',
  priority: 5,
  sound,
  since: 1,
  until: null,
  events: 1,
  acknowledged: false,
});

/** What the daemon tells the page to do or to say besides pictures. */
describe('the wall at the daemon’s word', { skip: noBrowser, timeout: 120_000 }, () => {
  let browser: Browser;
  let page: Page;
  let stub: StubDaemon;

  /** @param locale of the browser */
  const open = async (prepare: (stub: StubDaemon) => void, locale = 'en-GB') => {
    await page?.context().close();
    page = await (await browser.newContext({ locale, viewport: { width: 1280, height: 720 } })).newPage();
    // Nobody hears a test: what would sound is counted.
    await page.addInitScript(`{
      globalThis.tones = 0;
      const start = OscillatorNode.prototype.start;
      OscillatorNode.prototype.start = function (...times) {
        tones++;
        return start.apply(this, times);
      };
    }`);
    stub = await stubDaemon(page, [JPEG]);
    stub.cameras = ['c1', 'c2'].map((id) => stubCamera(id, `Camera ${id}`));
    prepare(stub);
    await page.goto(STUB_URL);
    await live();
  };
  const live = () =>
    until('two live tiles', async () => {
      const seen = await tilesOf(page);
      return seen.length === 2 && seen.every(({ kind }) => kind === 'live');
    });
  const tones = () => page.evaluate<number>('tones');
  const raise = async (...alarms: Alarm[]) => {
    stub.alarms = alarms;
    stub.refresh();
    await until('the mark', async () => (await page.locator('.alarm').count()) === 1);
  };

  before(async () => {
    browser = await launchBrowser(['--autoplay-policy=no-user-gesture-required']);
  });
  after(async () => {
    await browser?.close();
  });

  describe('sounds an alarm', () => {
    beforeEach(() =>
      open((stub) => {
        stub.settings.wall_alarm_sound = true;
      }),
    );

    it('once, if its rule says so, however often it is told', async () => {
      await raise(alarm('a', true));
      await until('two notes', async () => (await tones()) === 2);
      stub.refresh();
      await raise(alarm('a', true), alarm('b', false));
      assert.equal(await tones(), 2);
      await raise(alarm('c', true));
      await until('two more', async () => (await tones()) === 4);
    });

    it('not while the box is to be silent', async () => {
      stub.settings.wall_alarm_sound = false;
      stub.tell({ type: 'changed', what: 'settings' });
      stub.settings.wall_clock = false;
      stub.tell({ type: 'changed', what: 'settings' });
      await until('the settings', async () => (await page.locator('.strip').count()) === 0);
      await raise(alarm('a', true));
      assert.equal(await tones(), 0);
    });
  });

  it('opens one picture again, or all of them, or loads the page again, but that not over and over', async () => {
    await open(() => {});
    const sources = () =>
      page.evaluate<string[]>(`[...document.querySelectorAll('.painted')].map(({ src }) => src)`);
    const before = await sources();
    const viewer = new URL(before[0]!).searchParams.get('viewer');
    stub.tell({ type: 'repair', viewer, action: 'reopen' });
    const reopened = await until('another picture', async () => {
      const now = await sources();
      return now.length === 2 && !now.includes(before[0]!) && now;
    });
    assert.ok(reopened.includes(before[1]!), 'the other one stays');
    stub.tell({ type: 'repair', viewer: null, action: 'reopen' });
    await until('two other pictures', async () => {
      const now = await sources();
      return now.length === 2 && now.every((source) => !reopened.includes(source));
    });

    await page.evaluate('globalThis.mark = 1');
    const mark = () => page.evaluate('globalThis.mark ?? null').catch(() => undefined);
    stub.tell({ type: 'repair', viewer: null, action: 'reload' });
    await until('the page anew', async () => (await mark()) === null);
    await live();
    await page.evaluate('globalThis.mark = 2');
    stub.tell({ type: 'repair', viewer: null, action: 'reload' });
    stub.alarms = [alarm('a', false)];
    stub.refresh();
    await until('what was told after it', async () => (await page.locator('.alarm').count()) === 1);
    assert.equal(await mark(), 2);
  });

  it('says at the bottom that the box leaves out pictures, for as long as it does', async () => {
    await open(() => {});
    await live();
    assert.equal(await page.locator('.problems').count(), 0);
    stub.steppedDown = { fps_percent: 67, size_percent: 100, since: Date.now() / 1000 - 60 };
    await until('the line', async () =>
      /^Overloaded: 67 % fps since \d\d:\d\d$/.test(
        (await page
          .locator('.problems')
          .textContent({ timeout: 1000 })
          .catch(() => '')) ?? '',
      ),
    );
    stub.steppedDown = null;
    await until('it to vanish', async () => (await page.locator('.problems').count()) === 0);
  });

  it('speaks the browser’s language until somebody chooses one, and then that, without a reload', async () => {
    const lang = () => page.evaluate<string>('document.documentElement.lang');
    const speaks = (code: string, text: string) =>
      until(`${text} in ${code}`, async () => {
        const title = await page.locator('[data-position="1"] .title').textContent();
        return (await lang()) === code && title === text;
      });
    for (const [locale, code, text] of [
      ['zh-HK', 'zh-TW', '離線'],
      ['zh-CN', 'zh-CN', '离线'],
      ['fr-FR', 'en', 'OFFLINE'],
    ] as const) {
      await open(() => {}, locale);
      for (const name of ['c2_main', 'c2_sub']) {
        stub.streams.set(name, { state: 'gone', since: Date.now() / 1000 - 600, message: null });
        stub.pictures.set(name, { age: 600_000, unchanged: null });
      }
      stub.refresh();
      await speaks(code, text);
    }
    stub.settings.language = 'zh-TW';
    stub.tell({ type: 'changed', what: 'settings' });
    await speaks('zh-TW', '離線');
    await until('the line at the bottom', async () =>
      /^Camera c2：自 \d\d:\d\d 起離線$/.test((await page.locator('.problems').textContent()) ?? ''),
    );
  });
});
