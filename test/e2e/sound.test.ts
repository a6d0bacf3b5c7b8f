/** Listening to a camera in Chromium: from a click to what the loudspeaker is given. The camera is one that we did not write. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { type GstAudioServer, startGstAudioServer } from '../ingest/gstAudioServer.ts';
import { gstServerMissing } from '../peers/gstRtspServer.ts';
import { buildElement } from '../player/elementModule.ts';
import { launchBrowser, noBrowser } from './browser.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import { until } from './until.ts';

const tone = (frequency: number) =>
  `audiotestsrc is-live=true freq=${frequency} volume=0.5 samplesperbuffer=160 ! audio/x-raw,rate=48000,channels=1`;
/** Catches what looks into the sound. */
const SPY = `{
  const create = AudioContext.prototype.createAnalyser;
  globalThis.analysers = [];
  AudioContext.prototype.createAnalyser = function () {
    const analyser = create.call(this);
    analysers.push(analyser);
    return analyser;
  };
}`;
const HTML = `
  <walleye-camera id="a" stream="opus_main" sound style="width:480px"></walleye-camera>
  <walleye-camera id="b" stream="aac_main" sound format="jpeg" style="width:480px"></walleye-camera>
  <walleye-camera id="c" stream="deaf_main" sound format="jpeg" style="width:480px"></walleye-camera>`;

interface Sound {
  state: string;
  level?: number;
  age?: number;
  available: boolean;
}

const missing = noBrowser || (await gstServerMissing()) || false;

describe('listening to a camera in a browser', { skip: missing, timeout: 400_000 }, () => {
  let server: GstAudioServer;
  let daemon: Daemon;
  let browser: Browser;
  let page: Page;
  let folder: string;
  const asked: string[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'walleye-sound-'));
    await buildElement(folder);
    server = await startGstAudioServer({
      opus: `${tone(660)} ! opusenc frame-size=20 ! rtpopuspay name=pay1 pt=97`,
      aac: `${tone(440)} ! voaacenc bitrate=64000 ! rtpmp4gpay name=pay1 pt=97`,
      deaf: '',
    });
    daemon = await startDaemon({});
    for (const id of ['opus', 'aac', 'deaf']) {
      const streams = [{ profile: 'main', rtsp_url: server.url(id) }];
      await daemon.api('POST', '/api/cameras', { id, name: id, streams });
    }
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: { width: 1200, height: 900 }, bypassCSP: true });
    await page.addInitScript(SPY);
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.route('**/player/*.js', async (route) => {
      const name = new URL(route.request().url()).pathname.split('/').at(-1)!;
      await route.fulfill({
        contentType: 'text/javascript',
        body: await readFile(join(folder, name), 'utf8'),
      });
    });
    // A page that really came from there: Chromium lets no other connect to this machine.
    await page.goto(`${daemon.url}/api/health`);
    await page.evaluate(`(() => {
      document.body.innerHTML = ${JSON.stringify(HTML)};
      const script = document.createElement('script');
      Object.assign(script, { type: 'module', src: '/player/walleye-camera.js' });
      document.head.append(script);
    })()`);
  });
  after(async () => {
    await browser?.close();
    await daemon?.stop();
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const sound = (id: string) => page.evaluate<Sound>(`document.getElementById('${id}').sound`);
  const button = (id: string) => page.locator(`#${id} [part="sound"]`);
  const hears = (id: string) =>
    until(
      `sound of ${id}`,
      async () => {
        const { state, level = 0 } = await sound(id);
        return state === 'on' && level > 0.3;
      },
      60_000,
    );
  /** Hz, of the loudest tone that goes to the loudspeaker. */
  const pitch = () =>
    page.evaluate<number>(`(async () => {
      const analyser = analysers.at(-1);
      analyser.fftSize = 16384;
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const bins = new Float32Array(analyser.frequencyBinCount);
      analyser.getFloatFrequencyData(bins);
      analyser.fftSize = 1024;
      return bins.indexOf(Math.max(...bins)) * analyser.context.sampleRate / 16384;
    })()`);

  it('begins in silence, with a button where there is something to hear, and loads nothing for it', async () => {
    await button('a').waitFor({ timeout: 60_000 });
    await button('b').waitFor({ timeout: 60_000 });
    await until('a picture of the camera without sound', () =>
      page.evaluate(`document.getElementById('c').state.state === 'live'`),
    );
    assert.equal(await button('c').isVisible(), false);
    const { state, available } = await sound('a');
    assert.deepEqual([state, available, await page.evaluate('analysers.length')], ['off', true, 0]);
    assert.equal(asked.filter((path) => path.includes('sound')).length, 0);
    assert.equal(await button('a').getAttribute('title'), 'Listen');
  });

  it('is heard after one click: the tone of the camera, near its picture', async (t) => {
    await button('a').click();
    await hears('a');
    assert.ok(Math.abs((await pitch()) - 660) < 15, `${await pitch()} Hz`);
    await sleep(8_000);
    const apart: number[] = [];
    for (let i = 0; i < 20; i++) {
      apart.push(
        await page.evaluate<number>(
          `document.getElementById('a').sound.age - document.getElementById('a').state.age`,
        ),
      );
      await sleep(150);
    }
    apart.sort((a, b) => a - b);
    const { age, level } = await sound('a');
    t.diagnostic(
      `sound is heard ${Math.round(apart[10]!)} ms after its picture is seen (${Math.round(apart[2]!)} to ` +
        `${Math.round(apart[17]!)}); it is ${Math.round(age!)} ms old, level ${level}`,
    );
    // Of one moment, whatever the machine does meanwhile.
    assert.ok(Math.abs(apart[10]!) < 1000, `${apart}`);
  });

  it('of another camera takes its place, whatever the format of its picture', async () => {
    await button('b').click();
    await hears('b');
    assert.ok(Math.abs((await pitch()) - 440) < 15, `${await pitch()} Hz`);
    assert.equal((await sound('a')).state, 'off');
    assert.deepEqual(await page.evaluate('analysers.map(({ context }) => context.state)'), [
      'closed',
      'running',
    ]);
  });

  it('is silent after another click', async () => {
    await button('b').click();
    assert.equal((await sound('b')).state, 'off');
    await until('the way to the loudspeaker closed', () =>
      page.evaluate(`analysers.every(({ context }) => context.state === 'closed')`),
    );
  });

  it('is loud as the page says, and can be asked for by it', async () => {
    await page.evaluate(`(() => {
      const b = document.getElementById('b');
      b.volume = 0.01;
      b.listening = true;
    })()`);
    await until('a quiet sound', async () => {
      const { state, level = 0 } = await sound('b');
      return state === 'on' && level > 0.05 && level < 0.6;
    });
    await page.evaluate(`document.getElementById('b').remove()`);
    await until('silence', () =>
      page.evaluate(`analysers.every(({ context }) => context.state === 'closed')`),
    );
  });
});
