import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, noBrowser } from '../../e2e/browser.ts';
import { until } from '../../e2e/until.ts';
import { type Clip, makeClip } from '../clip.ts';
import { elementModule } from '../elementModule.ts';
import { LiveServer } from '../liveServer.ts';
import { stampOnScreen } from './playerPage.ts';

const TOKEN = 'wly_0123456789abcdef';
const PAGE = `<!doctype html><meta charset="utf-8"><title>Portal</title>
  <script type="module" src="/player/walleye-camera.js"></script>`;

/** What an element says, inside and out. */
interface Seen {
  state: string;
  format?: string;
  reason?: string;
  stream?: string;
  age?: number;
  name: string;
  late: string;
  overlay: string;
}

describe('<walleye-camera>', { skip: noBrowser, timeout: 240_000 }, () => {
  let clip: Clip;
  let box: LiveServer;
  let portal: LiveServer;
  let browser: Browser;
  let page: Page;
  const warnings: string[] = [];

  before(async () => {
    const module = await elementModule();
    clip = await makeClip();
    const stream = (profile: string, width: number, height: number) => ({
      ...{ name: `door_${profile}`, profile, rtsp_url: 'rtsp://192.0.2.1/', state: 'live' as const },
      ...{ codec: 'h264' as const, width, height, fps: 15 },
    });
    box = await new LiveServer({
      streams: { door_main: clip, door_sub: clip, yard: clip },
      cameras: [
        { id: 'door', name: 'Front door', streams: [stream('main', 1280, 720), stream('sub', 640, 360)] },
      ],
      page: PAGE,
      module,
      token: TOKEN,
    }).start();
    portal = await new LiveServer({ streams: {}, page: PAGE, module, foreign: true }).start();
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await box?.close();
    await portal?.close();
  });

  /** A page with that in its body. */
  const open = async (body: string, server = portal) => {
    await page?.close();
    warnings.length = 0;
    page = await browser.newPage({ viewport: { width: 640, height: 360 } });
    page.on('console', (message) => message.type() === 'warning' && warnings.push(message.text()));
    await page.goto(server.url);
    await page.evaluate(`{
      globalThis.states = [];
      globalThis.painted = [];
      document.body.addEventListener('walleye-state', ({ detail }) => states.push(detail.state), true);
      document.body.addEventListener('walleye-painted', ({ detail }) => painted.push(detail), true);
      document.body.style.margin = '0';
      document.body.innerHTML = ${JSON.stringify(body)};
    }`);
  };
  const element = (more: string) =>
    `<walleye-camera src="${box.url}" token="${TOKEN}" ${more}></walleye-camera>`;
  const seen = (index = 0) =>
    page.evaluate<Seen>(`(() => {
      const element = document.querySelectorAll('walleye-camera')[${index}];
      const { innerText: name } = element.shadowRoot.querySelector('[part=name]');
      const { innerText: late } = element.shadowRoot.querySelector('[part=late]');
      const overlay = element.shadowRoot.querySelector('[part=overlay]').innerText;
      return { ...element.state, name, late, overlay };
    })()`);
  const shows = (state: string, index = 0) =>
    until(`the state ${state}`, async () => {
      const one = await seen(index);
      return one.state === state && one;
    });
  const opened = () => box.peer!.heard.filter((request) => request.type === 'open');

  it('shows a stream of the box in a page of another site, by its token', async () => {
    await open(element('stream="yard" label="The yard"'));
    const { format, reason, stream, name, late, overlay } = await shows('live');
    assert.deepEqual({ format, reason, stream }, { format: 'mp4', reason: 'wished', stream: 'yard' });
    assert.deepEqual({ name, late, overlay }, { name: 'The yard', late: '', overlay: '' });
    assert.equal(box.peer!.protocol, 'walleye');
    assert.notEqual(await stampOnScreen(page), undefined, 'no stamp on the screen');
    const painted = await page.evaluate<{ time: number; age: number }[]>('painted');
    assert.ok(painted.length > 0 && painted.every(({ age }) => age < 2_000));
    assert.deepEqual(await page.evaluate('[...new Set(states)]'), ['connecting', 'live']);
  });

  it('asks for JPEGs of its size in device pixels, and for others when that changes', async () => {
    await open(element('stream="yard" format="jpeg" style="width: 320px"'));
    assert.equal((await shows('live')).format, 'jpeg');
    const [first] = opened();
    assert.deepEqual([first?.width, first?.height], [320, 192]);
    await page.evaluate(`document.querySelector('walleye-camera').style.width = '640px'`);
    await until('the larger picture', () => opened().at(-1)?.width === 640);
    assert.equal(opened().length, 2);
    await shows('live');
  });

  it('leaves video alone when its size changes', async () => {
    await open(element('stream="yard" style="width: 320px"'));
    await shows('live');
    await page.evaluate(`document.querySelector('walleye-camera').style.width = '640px'`);
    await sleep(1_000);
    assert.equal(opened().length, 1);
  });

  it('tells the truth about its age', async () => {
    await open(element('stream="yard"'));
    await shows('live');
    const release = box.stall();
    const late = await shows('late');
    assert.match(late.late, /^[23] s$/);
    assert.equal(late.overlay, '');
    const frozen = await shows('frozen');
    assert.match(frozen.overlay, /NO PICTURE\s+[45] s\s+Nothing new/);
    assert.ok(frozen.age! > 4_000 && frozen.age! < 6_000, `${frozen.age}`);
    release();
    await shows('live');
    // What comes at once then may be seen for a moment, and is late.
    assert.match((await page.evaluate<string[]>('states')).join(' '), /live late frozen( late)? live$/);
  });

  it('shares one socket with others of the same box and token', async () => {
    const sockets = box.peers.length;
    await open(element('stream="yard"') + element('stream="door_sub"') + element('stream="door_main"'));
    for (const index of [0, 1, 2]) await shows('live', index);
    assert.equal(box.peers.length, sockets + 1);
    // Moved elements keep it; when all are gone it closes.
    await page.evaluate('document.body.prepend(document.querySelectorAll("walleye-camera")[2])');
    await shows('live', 0);
    assert.equal(box.peers.length, sockets + 1);
    await page.evaluate('document.body.replaceChildren()');
    await until('the end of the socket', () => box.peer!.closed);
  });

  it('sends nothing for what takes no room, and comes back with it', async () => {
    await open(element('stream="yard"'));
    await shows('live');
    const display = (value: string) =>
      page.evaluate(`document.querySelector('walleye-camera').style.display = '${value}'`);
    await display('none');
    await until('the end of the tile', () => box.peer!.heard.some(({ type }) => type === 'close'));
    await display('');
    await until('the tile', () => opened().length === 2);
    await shows('live');
  });

  it('finds a camera’s stream that fits on a page of the box, under its content security policy', async () => {
    await open(
      `<walleye-camera token="${TOKEN}" camera="door" label style="width: 320px"></walleye-camera>`,
      box,
    );
    const small = await shows('live');
    assert.deepEqual([small.stream, small.name], ['door_sub', 'Front door']);
    await page.evaluate(`{
      const element = document.querySelector('walleye-camera');
      element.style.width = '1280px';
    }`);
    await until('the main stream', async () => (await seen()).stream === 'door_main');
    await page.evaluate(`document.querySelector('walleye-camera').setAttribute('camera', 'gate')`);
    assert.match((await shows('problem')).overlay, /no camera “gate”/);
  });

  it('says on a page of another site that `camera` is not for it', async () => {
    await open(element('camera="door"'));
    assert.match((await shows('problem')).overlay, /“stream”/);
    assert.ok(
      warnings.some((text) => /walleye-camera: .*other sites.*“stream”/.test(text)),
      warnings.join('\n'),
    );
  });

  it('says what the box refuses, and what is wrong with it', async () => {
    await open(element('stream="cellar"'));
    assert.match((await shows('error')).overlay, /NOT SHOWN\s+There is no stream cellar/);
    await page.evaluate(`document.querySelector('walleye-camera').setAttribute('stream', 'yard')`);
    await shows('live');
    await page.evaluate(`document.querySelector('walleye-camera').setAttribute('token', 'no such')`);
    assert.match((await shows('problem')).overlay, /The token has characters/);
    await page.evaluate(`document.querySelector('walleye-camera').setAttribute('token', 'wrong')`);
    assert.match((await shows('unreachable')).overlay, /refuses the token/);
    await page.evaluate(`document.querySelector('walleye-camera').removeAttribute('stream')`);
    assert.match((await shows('empty')).overlay, /NO STREAM/);
  });
});
