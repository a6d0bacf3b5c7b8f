/** What the box says of itself on the wall: it can be read, it fits, and it does not lie over the pictures for ever. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import jpeg from 'jpeg-js';
import type { Browser, Page } from 'playwright-core';
import type { Language, ProvisionReport, Update } from '../../daemon/schema.ts';
import { launchBrowser, noBrowser, tilesOf } from './browser.ts';
import { until } from './until.ts';
import { STUB_URL, type StubDaemon, stubCamera, stubDaemon } from './wallStub.ts';

const NOW = Date.now() / 1000;
const JPEG = jpeg.encode({ data: Buffer.alloc(64 * 36 * 4, 130), width: 64, height: 36 }, 80).data;
const UPDATE: Update = {
  supported: true,
  version: '1.2.0',
  available: '1.3.0',
  checked: NOW,
  state: 'idle',
  progress: null,
  message: null,
  source: null,
  rolled_back: null,
};
const REASON =
  'Within 300 seconds these tiles were not live again: Front door, Car park of the administration building, north side, Gate 3.';
const ROLLED_BACK: Update = { ...UPDATE, rolled_back: { version: '1.3.0', reason: REASON, at: NOW } };
const INSTALLING: Update = { ...UPDATE, state: 'installing', progress: 42 };
const FAULTY: ProvisionReport = {
  source: 'credential, esp, stick',
  at: new Date().toISOString(),
  applied: Array.from(
    { length: 9 },
    (_, i) => `Network: /etc/systemd/network/50-walleye-eth${i}.network created`,
  ),
  problems: Array.from(
    { length: 16 },
    (_, i) =>
      `stick: cameras.csv: line ${i + 2}: rtsp://192.168.100.${i + 20}:5540/Streaming/Channels/101 is there twice`,
  ),
};

describe('what the box says of itself on the wall', { skip: noBrowser, timeout: 240_000 }, () => {
  let browser: Browser;
  let page: Page;
  let stub: StubDaemon;
  before(async () => {
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
  });

  const open = async (
    prepare: (stub: StubDaemon) => void,
    { language = 'en', width = 1920, height = 1080, clock = false } = {},
  ) => {
    await page?.context().close();
    page = await (await browser.newContext({ viewport: { width, height } })).newPage();
    if (clock) await page.clock.install();
    stub = await stubDaemon(page, [JPEG]);
    stub.settings.language = language as Language;
    stub.cameras = Array.from({ length: 4 }, (_, i) => stubCamera(`c${i}`, `Camera ${i}`));
    prepare(stub);
    await page.goto(STUB_URL);
  };
  const news = () => page.locator('.news');
  /** What sticks out of the screen, or is wider than its place. */
  const overflows = () =>
    page.evaluate<string[]>(`
      [...document.querySelectorAll('.news, .news *, .report, .report *, .pairing *, .empty *')].flatMap((part) => {
        const { left, right, top, bottom, width } = part.getBoundingClientRect();
        if (width === 0) return [];
        const isOut = left < -1 || right > innerWidth + 1 || top < -1;
        // On a screen that nobody scrolls everything has to be seen.
        const isBelow = innerWidth > 1000 && bottom > innerHeight + 1;
        const isWide = part.matches('.news, .report, p, .report li, h1, h2') && part.scrollWidth > part.clientWidth + 1;
        return isOut || isBelow || isWide ? [part.tagName + '.' + part.className + ': ' + part.textContent] : [];
      })
    `);

  for (const language of ['en', 'zh-TW', 'zh-CN']) {
    for (const [width, height] of [
      [1920, 1080],
      [390, 844],
    ] as const) {
      it(`fits in ${language} on ${width} × ${height}`, async () => {
        const size = { language, width, height };
        for (const update of [
          INSTALLING,
          { ...UPDATE, state: 'restarting' as const },
          { ...UPDATE, state: 'confirming' as const, message: 'Waiting for: Front door, Car park (2 of 9)' },
          ROLLED_BACK,
        ]) {
          await open((daemon) => {
            daemon.update = update;
          }, size);
          await news().waitFor();
          assert.match((await news().textContent()) ?? '', /1\.[23]\.0/);
          assert.deepEqual(await overflows(), [], update.state);
          const letter = await page.evaluate<number>(
            `parseFloat(getComputedStyle(document.querySelector('.news')).fontSize)`,
          );
          assert.ok(letter >= height / 60, `letters of ${letter} px`);
        }

        await open((daemon) => {
          daemon.report = FAULTY;
        }, size);
        await news().getByText('cameras.csv: line 2').waitFor();
        assert.deepEqual(await overflows(), [], 'a faulty stick');

        await open((daemon) => {
          daemon.cameras = [];
          daemon.report = FAULTY;
        }, size);
        await page.locator('.empty .problem').first().waitFor();
        assert.equal(await page.locator('.empty .problem').count(), 5);
        assert.equal(await news().count(), 0, 'what the page says already is not said twice');
        assert.match((await page.locator('.report').textContent()) ?? '', /11/);
        assert.deepEqual(await overflows(), [], 'a faulty stick, and no camera');

        await open((daemon) => {
          daemon.cameras = [];
          daemon.report = FAULTY;
          Object.assign(daemon.session, {
            auth_required: true,
            kind: 'screen',
            role: 'viewer',
            paired: false,
          });
          daemon.pairing = {
            code: '000000',
            expires: NOW + 600,
            url: 'https://192.168.100.200:8443/admin#pair=000000',
            urls: ['https://192.168.100.200:8443/admin', 'https://10.100.100.200:8443/admin'],
            fingerprint: Array(32).fill('DD').join(':'),
          };
        }, size);
        await page.locator('.pairing .problem').first().waitFor();
        assert.deepEqual(await overflows(), [], 'a faulty stick, and the first run');
      });
    }
  }

  it('lies over the pictures for a minute, then stands in the line, and comes back to whoever comes', async () => {
    await open(
      (daemon) => {
        daemon.update = ROLLED_BACK;
      },
      { clock: true },
    );
    await news().waitFor();
    const line = page.locator('.problems');
    assert.equal(await line.count(), 0);
    await page.clock.fastForward(61_000);
    await news().waitFor({ state: 'detached' });
    await line.getByText('Version 1.3.0 did not work here: back on version 1.2.0').waitFor();
    await page.mouse.move(300, 300);
    await news().waitFor();
    await line.waitFor({ state: 'detached' });
    await page.clock.fastForward(25_000);
    await news().waitFor({ state: 'detached' });
    stub.update = INSTALLING;
    stub.tell({ type: 'changed', what: 'update' });
    await news().getByText('Installing version 1.3.0: 42 %').waitFor();
    await page.clock.fastForward(61_000);
    await line.getByText('Installing version 1.3.0: 42 % – Do not switch the box off').waitFor();
    stub.update = { ...INSTALLING, progress: 43 };
    stub.tell({ type: 'changed', what: 'update' });
    await line.getByText('43 %').waitFor();
    assert.equal(await news().count(), 0, 'progress is no news');
  });

  it('that was read goes, at the screen for everybody; the tile below is not touched', async () => {
    await open((daemon) => {
      daemon.update = ROLLED_BACK;
      Object.assign(daemon.session, { auth_required: true, kind: 'screen', role: 'viewer' });
    });
    const button = news().getByRole('button');
    await button.dblclick({ timeout: 5_000 }).catch(() => {}); // gone after the first click
    await news().waitFor({ state: 'detached' });
    const sent = { method: 'DELETE', path: '/api/system/update/notice', body: null };
    await until('the request', () => stub.requests.length > 0);
    assert.deepEqual(stub.requests, [sent]);
    assert.ok((await tilesOf(page)).every(({ full }) => !full));
  });

  it('that was read goes off this page alone where a viewer reads it, by the keyboard too', async () => {
    await open((daemon) => {
      daemon.update = ROLLED_BACK;
      Object.assign(daemon.session, { auth_required: true, kind: 'user', user: 'v', role: 'viewer' });
      daemon.report = FAULTY;
    });
    await news().getByText(REASON).waitFor();
    await page.keyboard.press('Escape');
    await news().waitFor({ state: 'detached' });
    assert.deepEqual(stub.requests, []);
    stub.tell({ type: 'changed', what: 'provisioning' });
    await page.waitForTimeout(1_000);
    assert.equal(await news().count(), 0, 'what a stick brought is not for viewers');
  });

  it('that is under way cannot be sent away', async () => {
    await open((daemon) => {
      daemon.update = INSTALLING;
    });
    await news().waitFor();
    assert.equal(await news().getByRole('button').count(), 0);
    await page.keyboard.press('Escape');
    await page.waitForTimeout(600);
    assert.equal(await news().count(), 1);
  });

  it('that a stick brought is told while it is new, and not again by a page that is loaded anew hours later', async () => {
    await open(
      (daemon) => {
        daemon.report = { ...FAULTY, problems: [] };
      },
      { clock: true },
    );
    await news().getByText('Changes made: 9').waitFor();
    await page.clock.fastForward(61_000);
    await news().waitFor({ state: 'detached' });
    await page.route('**/api/system/provisioning', (route) =>
      route.fulfill({ json: { report: FAULTY, age: 7_200 } }),
    );
    const asked = page.waitForResponse('**/api/system/provisioning');
    await page.reload();
    await asked;
    await until('the wall', async () => (await tilesOf(page)).length === 4);
    await page.waitForTimeout(600);
    assert.equal(await news().count(), 0);
  });
});
