/** A new box, as an installer meets it: code on the screen, phone or laptop at hand, nine cameras that want a password. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import type { Discovery, Session, Settings } from '../../../daemon/schema.ts';
import { namespacesUnavailable } from '../../network/namespaces.ts';
import { noBrowser, tilesOf } from '../browser.ts';
import { until } from '../until.ts';
import { CAMERA_LOGIN, type Site, startSite } from './site.ts';

const NINE = 9;
const PASSWORD = 'three green bottles';

const DEVICES = [
  ['a phone', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
  ['a desktop', { viewport: { width: 1920, height: 1080 } }],
] as const;
const skip = noBrowser || namespacesUnavailable();

for (const [device, shape] of DEVICES)
  describe(`the first run on ${device}`, { skip, timeout: 300_000 }, () => firstRun(shape));

function firstRun(shape: BrowserContextOptions): void {
  let site: Site;
  let screen: Page;
  let phone: Page;
  before(async () => {
    site = await startSite({ cameras: NINE });
    screen = await site.screen.newPage({ viewport: { width: 1920, height: 1080 }, locale: 'en-GB' });
    const context = await site.phone.newContext({
      ...shape,
      locale: 'en-GB',
      timezoneId: 'Asia/Taipei',
      // The box's own certificate.
      ignoreHTTPSErrors: true,
    });
    phone = await context.newPage();
  });
  after(() => site?.close());

  const get = <T>(path: string) =>
    phone.evaluate<T, string>(async (url) => (await fetch(url)).json() as Promise<T>, path);

  it('shows name, addresses, QR code and a six-digit code on the box’s own screen, and to nobody else', async () => {
    await screen.goto(site.screenUrl);
    const said = await until('the code', async () => {
      const words = await screen.evaluate<string>('document.body.innerText');
      return /\b\d{3}\s?\d{3}\b/.test(words) && words;
    });
    assert.match(said, /10\.77\.1\.1/);
    await until('the QR code', () =>
      screen.evaluate<boolean>(
        `[...document.images].some((image) => image.src.includes('/api/pairing/qr.svg') && image.naturalWidth > 0)`,
      ),
    );
    await phone.goto(`${site.url}/admin`);
    const refused = await phone.evaluate<number>(`fetch('/api/pairing').then((answer) => answer.status)`);
    assert.ok(refused === 401 || refused === 403, String(refused));
  });

  it('is walked through, from the code to nine cameras on the screen', async (t) => {
    const begun = performance.now();
    const code = await codeOn(screen);
    await phone.goto('about:blank');
    await phone.goto(`${site.url}/admin#pair=${code}`);
    await phone.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await phone.getByLabel('Password once more').fill(PASSWORD);
    await phone.getByRole('button', { name: 'Set the password' }).click();
    assert.doesNotMatch(phone.url(), /pair=/, 'the code does not stay in the address');

    await phone.getByLabel('Name of this wall').fill('Gatehouse');
    assert.equal(await phone.getByLabel('Time zone').inputValue(), 'Asia/Taipei');
    await phone.getByRole('button', { name: 'Continue' }).click();

    // Those of one make are asked for together; one that told its make late may stand by itself.
    await phone.locator('.finder-locked').first().waitFor();
    await until('the end of the search', async () => !(await get<Discovery>('/api/discovery')).running);
    const locked = phone.locator('.finder-locked');
    for (let left = await locked.count(); left > 0; left = await locked.count()) {
      const group = locked.first();
      await group.getByLabel('Camera’s user name').fill(CAMERA_LOGIN.username);
      await group.getByLabel('Camera’s password').fill(CAMERA_LOGIN.password);
      await group.getByRole('button', { name: /^Try / }).click();
      await until('the password to be taken', async () => (await locked.count()) < left, 90_000);
    }
    await until(
      'nine cameras in the list',
      async () => (await phone.locator('.finder-camera').count()) === NINE,
    );
    await until('their pictures', async () => {
      await phone.locator('.finder-camera').last().scrollIntoViewIfNeeded();
      return phone.evaluate<boolean>(
        `[...document.querySelectorAll('.finder-camera:nth-last-child(-n+4) img')].filter((image) => image.naturalWidth > 0).length === 4`,
      );
    });
    await phone.getByRole('button', { name: 'Continue' }).click();

    await phone.getByRole('radio', { name: 'All of the same size' }).check();
    await phone.getByRole('button', { name: 'Show this' }).click();
    await phone.getByRole('heading', { name: 'Gatehouse is ready' }).waitFor();
    await until('nine live tiles on the screen', async () => {
      const tiles = await tilesOf(screen);
      return tiles.length === NINE && tiles.every(({ kind }) => kind === 'live');
    });
    t.diagnostic(`from the code to nine live tiles: ${((performance.now() - begun) / 1000).toFixed(1)} s`);

    await phone.getByRole('button', { name: 'Go to the cameras' }).click();
    await phone.getByRole('heading', { name: 'Cameras', level: 1 }).waitFor();
    const settings = await get<Settings>('/api/settings');
    assert.equal(settings.name, 'Gatehouse');
    assert.equal(settings.time_zone, 'Asia/Taipei');
  });

  it('is over for good: another phone meets the sign-in page, and its cookie is no key', async () => {
    const context = await site.phone.newContext({ ignoreHTTPSErrors: true, locale: 'en-GB' });
    const stranger = await context.newPage();
    await stranger.goto(`${site.url}/admin`);
    await stranger.getByRole('heading', { name: 'Sign in' }).waitFor();
    const status = (path: string) =>
      stranger.evaluate<number, string>(async (url) => (await fetch(url)).status, path);
    assert.equal(await status('/api/cameras'), 401);
    await stranger.getByLabel('Password', { exact: true }).fill('wrong password');
    await stranger.getByRole('button', { name: 'Sign in' }).click();
    await stranger.getByRole('alert').waitFor();
    await stranger.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await stranger.getByRole('button', { name: 'Sign in' }).click();
    await stranger.getByRole('heading', { name: 'Cameras', level: 1 }).waitFor();
    const session = await stranger.evaluate<Session>(`fetch('/api/session').then((answer) => answer.json())`);
    assert.equal(session.role, 'admin');
    await context.close();
  });

  it('leaves the pairing code and the cameras’ password nowhere in the log', () => {
    assert.doesNotMatch(site.log.join('\n'), new RegExp(CAMERA_LOGIN.password));
    assert.doesNotMatch(site.log.join('\n'), new RegExp(PASSWORD));
  });
}

/** The six digits, however they are grouped. */
async function codeOn(screen: Page): Promise<string> {
  const said = await screen.evaluate<string>('document.body.innerText');
  const code = /\b(\d{3})\s?(\d{3})\b/.exec(said);
  assert.ok(code, said);
  return `${code[1]}${code[2]}`;
}
