/** The playback page in a real browser, on what a real daemon recorded: the numbers painted in the pictures tell which they are. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import jpeg from 'jpeg-js';
import type { Browser, Page } from 'playwright-core';
import type { RecordingSettings, Timeline, WallChanges } from '../../daemon/schema.ts';
import { startVirtualCameras, type VirtualCamera, type VirtualCameras } from '../virtual-camera/index.ts';
import { axeViolations, overflows } from './admin/checks.ts';
import { launchBrowser, noBrowser, stampsOf, type TileSeen } from './browser.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import { until } from './until.ts';

const FPS = 15;
/** Seconds that are recorded before and after the gap. */
const RUN = 14;
const GAP = 5;

describe('playback', { skip: noBrowser, timeout: 900_000 }, () => {
  let cameras: VirtualCameras;
  let pair: VirtualCamera[];
  let daemon: Daemon;
  let browser: Browser;
  let stateDir: string;
  let page: Page;
  const errors: string[] = [];
  const asked: string[] = [];
  /** What both have in common: two runs with a gap between. Unix seconds. */
  let runs: { from: number; to: number }[];

  async function open(path: string, size = { width: 1600, height: 900 }): Promise<void> {
    page = await browser.newPage({ viewport: size, locale: 'en-GB', acceptDownloads: true });
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) errors.push(message.text());
    });
    page.on('response', (answer) => {
      if (answer.url().includes('/api/recordings/'))
        asked.push(`${answer.request().method()} ${new URL(answer.url()).search} ${answer.status()}`);
    });
    await page.goto(daemon.url + path);
  }
  const both = (at: number) => open(`/playback?camera=${pair.map(({ id }) => id).join(',')}&at=${at}`);
  const states = () =>
    page.evaluate<string[]>(`[...document.querySelectorAll('.tile')].map((tile) => tile.dataset.state)`);
  const showing = async () => {
    try {
      await until(
        'pictures in all tiles',
        async () => {
          const all = await states();
          return all.length > 0 && all.every((state) => state === 'showing');
        },
        60_000,
      );
    } catch (error) {
      // Why, or nobody ever knows.
      const videos = await page.evaluate<string[]>(`[...document.querySelectorAll('video')].map((video) =>
        [video.src, video.currentTime, video.readyState, video.networkState, video.seeking, video.error?.message].join(' '))`);
      throw new Error(`${await states()}: ${videos.join('; ')}; ${asked.slice(-30).join('; ')}`, {
        cause: error,
      });
    }
  };
  const tiles = () =>
    page.evaluate<TileSeen[]>(`
      [...document.querySelectorAll('.tile')].map((tile) => {
        const { x, y, width, height } = tile.getBoundingClientRect();
        return { full: true, box: { x, y, width, height } };
      })`);
  const stamps = async (): Promise<number[]> => {
    const seen = await until('a number in every picture', async () => {
      const found = await stampsOf(page, await tiles());
      return found.every((stamp) => stamp !== undefined) && found;
    });
    return seen as number[];
  };
  /** Seconds from when the picture left the camera to that time, by the clip's length, which comes round again and again. */
  const behind = (camera: VirtualCamera, stamp: number, at: number): number => {
    const length = camera.frames('sub') / FPS;
    const sent = camera.sentAt('sub', stamp);
    assert.ok(sent !== undefined, `${camera.id} never sent ${stamp}`);
    const rest = (((at - sent / 1000) % length) + length) % length;
    return rest > length / 2 ? rest - length : rest;
  };
  const shownTime = async () => Number(new URL(page.url()).searchParams.get('at'));

  before(async () => {
    cameras = await startVirtualCameras({
      cameras: [
        { name: 'Door', port: 0, fps: FPS },
        { name: 'Yard', port: 0, fps: FPS },
      ],
    });
    pair = [...cameras.cameras];
    stateDir = await mkdtemp(join(tmpdir(), 'walleye-playback-'));
    daemon = await startDaemon({ stateDir });
    await daemon.api('PATCH', '/api/settings', { setup_done: true, time_zone: 'Asia/Taipei' });
    for (const { id, name, username, password, rtspUrl } of pair) {
      const streams = (['main', 'sub'] as const).map((profile) => ({ profile, rtsp_url: rtspUrl(profile) }));
      await daemon.api('POST', '/api/cameras', { id, name, username, password, streams });
    }
    const record = (mode: 'always' | 'off') =>
      daemon.api<RecordingSettings>('PUT', '/api/recordings/settings', {
        cameras: Object.fromEntries(pair.map(({ id }) => [id, { mode, stream: 'sub' }])),
      });
    const timeline = () => {
      const now = Date.now() / 1000;
      return daemon.api<Timeline>('GET', `/api/recordings/timeline?from=${now - 600}&to=${now}`);
    };
    const recorded = (run: number, seconds = RUN) =>
      until(
        `run ${run}`,
        async () => {
          const rows = (await timeline()).cameras;
          const spans = rows.map((row) => row.spans[run]);
          return rows.length === 2 && spans.every((span) => span && span.to - span.from > seconds) && spans;
        },
        120_000,
      );
    // What the box's own screen shows meanwhile: first one camera, then both.
    const wall = (layout: string) =>
      daemon.api('PUT', '/api/wall', { sequence: [{ layout, dwell_seconds: 3600 }] });
    const tile = (id: string, x: number) => ({ x, y: 0, width: 0.5, height: 1, cameras: [id] });
    await daemon.api('PUT', '/api/layouts/door', { tiles: [{ ...tile('door', 0), width: 1 }] });
    await daemon.api('PUT', '/api/layouts/both', { tiles: [tile('door', 0), tile('yard', 0.5)] });
    await wall('door');
    browser = await launchBrowser();
    const screen = await browser.newPage();
    const token = (await readFile(join(stateDir, 'tokens', 'screen'), 'utf8')).trim();
    await screen.goto(`${daemon.url}/screen/${token}`);
    await screen.locator('.tile[data-kind="live"]').waitFor();
    await record('always');
    await recorded(0, RUN / 2);
    await wall('both');
    await recorded(0);
    await screen.close();
    await daemon.api('POST', '/api/alarms', { camera: 'door', topic: 'person', message: 'At the gate' });
    await record('off');
    await new Promise((resolve) => setTimeout(resolve, GAP * 1000));
    await record('always');
    await recorded(1);
    await record('off');
    const { cameras: rows } = await timeline();
    runs = [0, 1].map((run) => ({
      from: Math.max(...rows.map(({ spans }) => spans[run]!.from)),
      to: Math.min(...rows.map(({ spans }) => spans[run]!.to)),
    }));
  });
  afterEach(async () => {
    await page?.close();
    assert.deepEqual(errors.splice(0), []);
  });
  after(async () => {
    await browser?.close();
    await daemon?.stop();
    await cameras?.close();
    await rm(stateDir, { recursive: true, force: true });
  });

  it('shows at a time what was sent at that time, of every camera, with the clock of the box’s zone', async () => {
    for (const at of [runs[0]!.from + 3.2, runs[0]!.from + 9.7, runs[1]!.from + 6.4]) {
      await both(at);
      await showing();
      const seen = await stamps();
      for (const [i, camera] of pair.entries()) {
        const late = behind(camera, seen[i]!, at);
        assert.ok(Math.abs(late) < 0.35, `${camera.id} at ${at}: number ${seen[i]}, ${late} s off`);
      }
      const clock = await page.textContent('.clock-time');
      const expected = new Date((at + 8 * 3600) * 1000).toISOString().slice(11, 19);
      assert.equal(clock?.slice(0, 8), expected);
      assert.match((await page.textContent('.controls-zone')) ?? '', /Asia\/Taipei \(UTC\+8\)/);
      await page.close();
    }
  });

  it('plays both at the same moment, and the address tells which', async () => {
    await both(runs[0]!.from + 1);
    await showing();
    await page.keyboard.press('Space');
    const moved: number[] = [];
    for (let look = 0; look < 5; look++) {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      const [door, yard] = await stamps();
      const apart = behind(pair[0]!, door!, runs[0]!.from) - behind(pair[1]!, yard!, runs[0]!.from);
      assert.ok(Math.abs(apart) < 0.3, `look ${look}: ${apart} s apart`);
      moved.push(door!);
    }
    assert.ok(new Set(moved).size >= 4, `it stood still: ${moved}`);
    await page.keyboard.press('Space');
    await until('the address', async () => (await shownTime()) > runs[0]!.from + 2);
  });

  it('goes one picture on and one back', async () => {
    await both(runs[0]!.from + 5);
    await showing();
    let [before] = await stamps();
    const count = pair[0]!.frames('sub');
    for (const [key, step] of [
      ...Array.from({ length: 4 }, () => ['.', 1] as const),
      ...Array.from({ length: 3 }, () => [',', -1] as const),
    ]) {
      await page.keyboard.press(key);
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      await showing();
      const [now] = await stamps();
      assert.equal(now, (before! + step + count) % count, `${key} after ${before}`);
      before = now;
    }
  });

  it('passes over a gap, and says so', async () => {
    await both(runs[0]!.to - 2);
    await showing();
    await page.keyboard.press('Space');
    const note = await until('the note', async () => {
      const text = await page.locator('.stage-note').allTextContents();
      return text[0];
    });
    assert.match(note, /Nothing recorded for \d+ s: skipped/);
    await until('the second run', async () => (await shownTime()) >= runs[1]!.from);
    await showing();
  });

  it('says where nothing is recorded, and leads to where it goes on', async () => {
    await both((runs[0]!.to + runs[1]!.from) / 2);
    await until('the sentence', async () => (await states()).join() === 'none,none');
    await page.locator('.tile-none button').first().click();
    await showing();
    assert.ok((await until('the address', shownTime)) > 0);
  });

  it('goes to the event by a key and in the list', async () => {
    await both(runs[0]!.from + 2);
    await showing();
    await page.locator('.events button').getByText('Person').waitFor();
    const before = await shownTime();
    await page.keyboard.press('n');
    await until('the event', async () => (await shownTime()) > before + 3);
    await page.locator('.events button').first().click();
  });

  it('is scrubbed by the mouse, zoomed by the wheel, and used with keys', async () => {
    await both(runs[0]!.from + 2);
    await showing();
    const tape = await page.locator('.timeline-tape').boundingBox();
    assert.ok(tape);
    const range = async () => {
      const slider = page.locator('.timeline-tape');
      const of = async (name: string) => Number(await slider.getAttribute(name));
      return { from: await of('aria-valuemin'), to: await of('aria-valuemax') };
    };
    await page.mouse.move(tape.x + tape.width / 2, tape.y + 50);
    const wide = await range();
    for (let turn = 0; turn < 6; turn++) await page.mouse.wheel(0, -400);
    await until('a closer look', async () => {
      const { from, to } = await range();
      return to - from < (wide.to - wide.from) / 2;
    });
    for (let turn = 0; turn < 60; turn++) await page.mouse.wheel(0, 400);
    await until('the whole day', async () => {
      const { from, to } = await range();
      return Math.abs(to - from - 86_400) <= 2;
    });
    await page.keyboard.press('Home');
    const begin = await until('the first picture', async () => {
      const at = await shownTime();
      // One of the two began a little earlier.
      return Math.abs(at - runs[0]!.from) < 4 && at < runs[0]!.from + 0.5 && at;
    });
    await page.keyboard.press('ArrowRight');
    await until('five seconds on', async () => Math.abs((await shownTime()) - begin - 5) < 0.6);
    await page.keyboard.press('End');
    await until('the end', async () => Math.abs((await shownTime()) - runs[1]!.to) < 4);
  });

  it('saves the very picture, as large as it was recorded', async () => {
    await both(runs[0]!.from + 6);
    await showing();
    const [shown] = await stamps();
    const download = page.waitForEvent('download', { timeout: 60_000 });
    await page.getByRole('button', { name: 'Save this picture' }).click();
    const file = await download;
    assert.match(file.suggestedFilename(), /^Door_\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d\.jpg$/);
    const picture = jpeg.decode(await readFile(await file.path()), { useTArray: true });
    assert.deepEqual([picture.width, picture.height], [640, 360]);
    const { lumaFromRgba, readFrameStamp } = await import('../virtual-camera/index.ts');
    const luma = lumaFromRgba(picture.data, picture.width, picture.height);
    assert.equal(readFrameStamp(luma, picture.width, picture.height, picture.width), shown);
  });

  it('keeps what is in view, and lets it go again', async () => {
    await both(runs[0]!.from + 6);
    await showing();
    const kept = async () => {
      const query = `from=${runs[0]!.from}&to=${runs[0]!.to}&cameras=door`;
      const { cameras: rows } = await daemon.api<Timeline>('GET', `/api/recordings/timeline?${query}`);
      return rows[0]!.spans.every((span) => span.protected);
    };
    await page.getByRole('button', { name: 'Keep what is in view' }).click();
    await until('it is kept', kept);
    await page.getByRole('button', { name: 'Do not keep what is in view any more' }).click();
    await until('it is not', async () => !(await kept()));
  });

  it('exports a range as a file whose hash is the one shown', async () => {
    await both(runs[0]!.from + 3);
    await showing();
    await page.keyboard.press('i');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('o');
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    const link = page.getByRole('link', { name: 'Video (MP4)' }).first();
    await link.waitFor({ timeout: 120_000 });
    const hash = await page.locator('.exports-hash code').first().textContent();
    const download = page.waitForEvent('download');
    await link.click();
    const file = await download;
    assert.match(file.suggestedFilename(), /\.mp4$/);
    const bytes = await readFile(await file.path());
    assert.equal(createHash('sha256').update(bytes).digest('hex'), hash);
    const sheet = await page
      .getByRole('link', { name: 'Proof of origin (JSON)' })
      .first()
      .getAttribute('href');
    const proof = (await daemon.api<{ media: { sha256: string } }>('GET', sheet!)).media;
    assert.equal(proof.sha256, hash);
  });

  it('shows the wall as it was, and another arrangement when the layout changed', async () => {
    const { changes } = await daemon.api<WallChanges>(
      'GET',
      `/api/wall/replay/changes?from=${runs[0]!.from - 60}&to=${runs[0]!.to}`,
    );
    const change = changes.find(({ layout }) => layout === 'both')?.at;
    assert.ok(change !== undefined, JSON.stringify(changes));
    await open(`/playback?wall&at=${change - 2}`);
    const names = () => page.locator('.tile-name').allTextContents();
    await until('the one camera', async () => (await names()).join() === 'Door');
    assert.match((await page.textContent('.stage-layout')) ?? '', /Layout: door/);
    await showing();
    const [stamp] = await stamps();
    assert.ok(Math.abs(behind(pair[0]!, stamp!, change - 2)) < 0.35);
    await page.keyboard.press('Space');
    const said = () => page.locator('.clock-time, .stage-layout, .tile-name').allTextContents();
    await until('both', async () => (await names()).join() === 'Door,Yard').catch(async (error) => {
      throw new Error(`${await said()}, ${page.url()}, change at ${change}`, { cause: error });
    });
    assert.match((await page.textContent('.stage-layout')) ?? '', /Layout: both/);
    const [left, right] = await tiles();
    assert.ok(Math.abs(left!.box.width - right!.box.width) < 2 && right!.box.x > left!.box.x);
  });

  it('plays on a phone, where a finger draws the tape', async () => {
    const context = await browser.newContext({
      ...{ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, locale: 'en-GB' },
    });
    page = await context.newPage();
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(`${daemon.url}/playback?camera=door&at=${runs[0]!.from + 8}`);
    await showing();
    assert.deepEqual(await overflows(page), []);
    assert.deepEqual(await axeViolations(page), []);
    const before = await shownTime();
    const tape = await page.locator('.timeline-tape').boundingBox();
    assert.ok(tape);
    const touch = await context.newCDPSession(page);
    const at = (x: number) => [{ x, y: tape.y + 50 }];
    await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(200) });
    for (let x = 202; x <= 214; x++)
      await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: at(x) });
    await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    // To the right is back: what was before comes under the playhead.
    await until('an earlier time', async () => (await shownTime()) < before - 2);
    for (const name of ['Cameras', 'Day', 'Events', 'Export']) {
      await page.getByRole('button', { name, exact: true }).click();
      await page.locator('dialog[open]').waitFor();
      assert.deepEqual(await overflows(page), [], name);
      assert.deepEqual(await axeViolations(page), [], name);
      await page.locator('dialog[open] header button').click();
    }
    await context.close();
  });

  it('on a desktop: nothing is cut off, no serious accessibility fault, in any language', async () => {
    for (const locale of ['en-GB', 'zh-TW', 'zh-CN']) {
      const context = await browser.newContext({ viewport: { width: 1920, height: 1080 }, locale });
      page = await context.newPage();
      await page.goto(`${daemon.url}/playback?camera=door,yard&at=${runs[0]!.from + 8}`);
      await showing();
      assert.deepEqual(await overflows(page), [], locale);
      assert.deepEqual(await axeViolations(page), [], locale);
      await context.close();
    }
  });
});
