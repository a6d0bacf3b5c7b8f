import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import jpeg from 'jpeg-js';
import type { Browser, Page } from 'playwright-core';
import type { Alarm, Language, StreamState } from '../../daemon/schema.ts';
import { launchBrowser, noBrowser, tilesOf } from './browser.ts';
import { until } from './until.ts';
import { STUB_URL, type StubDaemon, stubCamera, stubDaemon } from './wallStub.ts';

const NOW = Date.now() / 1000;
const JPEG = jpeg.encode({ data: Buffer.alloc(64 * 36 * 4, 130), width: 64, height: 36 }, 80).data;

/** Every state that a tile can be in, and how a daemon brings it there. */
const STATES: Record<string, (id: string, stub: StubDaemon) => void> = {
  live: () => {},
  connecting: (id, stub) => never(id, stub, 'connecting'),
  late: (id, stub) => pictures(id, stub, 3_300, null),
  frozen: (id, stub) => pictures(id, stub, 14_000, null),
  unchanged: (id, stub) => pictures(id, stub, 60, 7_000),
  notPainted: (id, stub) => pictures(id, stub, 60, 100),
  gone: (id, stub) => never(id, stub, 'gone'),
  refused: (id, stub) => never(id, stub, 'refused'),
  busy: (id, stub) => never(id, stub, 'busy'),
  unsupported: (id, stub) => never(id, stub, 'unsupported'),
  stopped: (id, stub) => never(id, stub, 'stopped'),
  ended: (id, stub) => never(id, stub, 'ended'),
};
const KINDS = Object.keys(STATES);

function pictures(id: string, stub: StubDaemon, age: number | null, unchanged: number | null): void {
  for (const profile of ['main', 'sub']) stub.pictures.set(`${id}_${profile}`, { age, unchanged });
}
function never(id: string, stub: StubDaemon, state: StreamState): void {
  for (const profile of ['main', 'sub']) {
    stub.streams.set(`${id}_${profile}`, { state, since: NOW - 200, message: null });
    stub.silent.add(`${id}_${profile}`);
  }
  pictures(id, stub, null, null);
}

/** What tells one state from another without colour: shape, pattern, frame, words. */
interface Look {
  kind: string;
  icon: string;
  pattern: string;
  words: string;
  /** Of the title: pixels, and the tile’s height. */
  letter: number;
  height: number;
}

describe('the looks of a tile', { skip: noBrowser, timeout: 240_000 }, () => {
  let browser: Browser;
  let page: Page;
  let stub: StubDaemon;

  const open = async (language: Language, width: number, height: number) => {
    await page?.context().close();
    page = await (await browser.newContext({ viewport: { width, height } })).newPage();
    stub = await stubDaemon(page, [JPEG]);
    stub.settings.language = language;
    stub.cameras = KINDS.map((kind, i) =>
      stubCamera(`c${i}`, `${kind} with a name that is long enough`, { audio: true, recording: true }),
    );
    Object.assign(stub.settings, { wall_recording_mark: true, wall_audio_mark: true });
    for (const [i, kind] of KINDS.entries()) STATES[kind]?.(`c${i}`, stub);
    await page.goto(STUB_URL);
    await until(
      'every state',
      async () => (await tilesOf(page)).map(({ kind }) => kind).join() === KINDS.join(),
    );
  };
  const looks = () =>
    page.evaluate<Look[]>(`
      [...document.querySelectorAll('.tile')]
        .sort((a, b) => a.dataset.position - b.dataset.position)
        .map((tile) => {
          const layer = tile.querySelector('.overlay, .band');
          const text = tile.querySelector('.title, .late');
          const style = layer && getComputedStyle(layer);
          return {
            kind: tile.dataset.kind,
            icon: tile.querySelector('svg path')?.getAttribute('d') ?? '',
            pattern: layer ? style.backgroundImage + style.outlineStyle + style.boxShadow : 'none',
            words: text?.textContent ?? '',
            letter: text ? parseFloat(getComputedStyle(text).fontSize) : 0,
            height: tile.clientHeight,
          };
        })
    `);
  /** Whatever sticks out of its tile or of the screen, by class and text. */
  const overflows = () =>
    page.evaluate<string[]>(`{
      const out = [];
      const name = (element) => element.className + ': ' + element.textContent;
      const within = (element, box, slack) => {
        const rect = element.getBoundingClientRect();
        if (rect.width === 0) return;
        if (rect.left < box.left - slack || rect.right > box.right + slack || rect.top < box.top - slack) {
          out.push(name(element));
        }
      };
      for (const tile of document.querySelectorAll('.tile')) {
        const box = tile.getBoundingClientRect();
        for (const text of tile.querySelectorAll('.label, .late, .alarm, .from, .note, .marks, .digit')) within(text, box, 1);
        for (const text of tile.querySelectorAll('.title, .time, .band p')) {
          const range = document.createRange();
          range.selectNodeContents(text);
          within({ getBoundingClientRect: () => range.getBoundingClientRect(), className: text.className, textContent: text.textContent }, box, 1);
        }
      }
      const screen = { left: 0, top: 0, right: innerWidth };
      const page = '.strip, .held, .dialled, .help > div, .help dt, .help dd, .pairing *, .gate *, .empty *';
      for (const part of document.querySelectorAll(page)) {
        within(part, screen, 1);
        if (part.matches('dt, dd, h1, h2, p') && part.scrollWidth > part.clientWidth + 1) out.push(name(part));
      }
      if (document.documentElement.scrollWidth > innerWidth) out.push('the page');
      out;
    }`);

  before(async () => {
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
  });

  it('differ in shape, pattern and words, so that no colour need be told', async () => {
    await open('en', 1920, 1080);
    const seen = (await looks()).filter(({ kind }) => kind !== 'live');
    assert.equal(seen.length, KINDS.length - 1);
    for (const part of ['icon', 'words'] as const) {
      const different = new Set(seen.map((look) => look[part]));
      assert.equal(different.size, seen.length, `${part}: ${JSON.stringify(seen.map((look) => look[part]))}`);
      assert.ok(!different.has(''), part);
    }
    assert.deepEqual(await overflows(), []);
    await page.evaluate(`{ document.querySelector('.title').style.fontSize = '300px'; }`);
    assert.equal((await overflows()).length, 1, 'the check for overflow finds one');
    // Deliberate states and waiting are plain; each fault has a pattern of its own.
    const faults = seen.filter(({ kind }) => !['connecting', 'late', 'stopped', 'ended'].includes(kind));
    assert.equal(new Set(faults.map(({ pattern }) => pattern)).size, faults.length);
  });

  for (const language of ['en', 'zh-TW', 'zh-CN'] as const) {
    for (const [width, height] of [
      [1920, 1080],
      [390, 844],
    ] as const) {
      it(`can be read from afar and fit, in ${language} on ${width} × ${height}`, async () => {
        await open(language, width, height);
        for (const { kind, letter, height: tile } of await looks()) {
          if (kind === 'live' || kind === 'connecting') continue;
          assert.ok(letter >= tile / 12.5, `${kind}: letters of ${letter} px in a tile of ${tile} px`);
        }
        const alarm: Alarm = {
          id: 'a',
          camera: 'c0',
          topic: 'digital_input',
          message: 'A message that somebody wrote without thinking of small tiles',
          source: 'api',
          action: 'highlight',
          priority: 1,
          sound: false,
          since: NOW,
          until: null,
          events: 1,
          acknowledged: false,
        };
        stub.alarms = [alarm, { ...alarm, id: 'b', camera: 'c2', message: null }];
        stub.refresh();
        await until('the marks', async () => (await page.locator('.marks .rec').count()) === 2);
        await page.keyboard.press('Space');
        await page.keyboard.press('?');
        await until('marks and keys', async () => (await page.locator('.alarm, .held, .help').count()) === 4);
        assert.deepEqual(await overflows(), []);

        stub.session = {
          ...stub.session,
          auth_required: true,
          kind: 'screen',
          role: 'viewer',
          paired: false,
        };
        stub.pairing = {
          code: '000000',
          expires: NOW + 600,
          url: 'https://192.168.100.200:8443/admin#pair=000000',
          urls: ['https://192.168.100.200:8443/admin', 'https://10.100.100.200:8443/admin'],
          fingerprint: Array(32).fill('DD').join(':'),
        };
        stub.tell({ type: 'changed', what: 'session' });
        await until('the first run', async () => (await page.locator('.code').count()) === 1);
        assert.deepEqual(await overflows(), []);

        stub.session = { ...stub.session, paired: true, kind: 'none', role: null };
        stub.pairing = undefined;
        await until('the way in', async () => (await page.locator('.gate a').count()) === 1);
        assert.deepEqual(await overflows(), []);

        stub.session = { ...stub.session, kind: 'screen', role: 'viewer' };
        stub.cameras = [];
        await page.reload();
        await until('the empty wall', async () => (await page.locator('.empty .address').count()) === 1);
        assert.deepEqual(await overflows(), []);
        assert.equal(await page.evaluate('document.documentElement.lang'), language);
      });
    }
  }
});
