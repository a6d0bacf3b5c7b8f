/** The wall’s programme: what takes turns, at which hours, when the screen is dark. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import type { Settings, Wall } from '../../../daemon/schema.ts';
import { noBrowser, tilesOf } from '../browser.ts';
import { until } from '../until.ts';
import { axeViolations, overflows } from './checks.ts';
import { DESKTOP, drag, PHONE, type Rig, startRig, swipe } from './editorRig.ts';

describe('the wall page', { skip: noBrowser, timeout: 300_000 }, () => {
  let rig: Rig;
  let page: Page;
  const wall = () => rig.daemon.api<Wall>('GET', '/api/wall');
  const order = async () => (await wall()).sequence.map(({ layout }) => layout).join();
  const saveButton = (on = page) => on.getByRole('button', { name: 'Save', exact: true });
  /** The bar with the button is there only while something is not saved. */
  const save = async (on = page) => {
    await saveButton(on).click();
    await saveButton(on).waitFor({ state: 'detached' });
  };
  const open = async (on = page) => {
    await on.goto(`${rig.daemon.url}/admin/wall`);
    await on.locator('.wall-week').waitFor();
  };
  const handleOf = async (name: string, on = page) => {
    const handle = on.getByRole('button', { name: `Move ${name}: drag` }).first();
    await handle.scrollIntoViewIfNeeded();
    const box = (await handle.boundingBox())!;
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  };

  before(async () => {
    rig = await startRig();
    for (const [n, name] of ['one', 'two', 'three'].entries()) await rig.put(name, n + 1);
    page = await rig.open(DESKTOP);
  });
  after(async () => {
    await rig?.close();
    assert.deepEqual(rig?.errors, []);
  });

  it('keeps sequence, weekly schedule and dark hours', async () => {
    await open();
    const add = page.getByLabel('Add a layout').first();
    for (const name of ['one', 'two', 'three']) await add.selectOption(name);
    await page.getByRole('button', { name: 'Move three up' }).click();
    await page.getByRole('button', { name: 'Take one out' }).click();
    await page.getByLabel('Seconds that three stays').fill('12');
    await page.getByRole('button', { name: 'Add hours' }).click();
    await page.getByRole('button', { name: 'Fri', exact: true }).click();
    await page.getByLabel('From').fill('07:30');
    await page.getByRole('button', { name: 'Add dark hours' }).click();
    await page
      .getByRole('img', { name: /^Monday: 00:00–06:00 Screen off, .*07:30–18:00 Schedule 1/ })
      .waitFor();
    await save();
    const sequence = [
      { layout: 'three', dwell_seconds: 12 },
      { layout: 'two', dwell_seconds: 30 },
    ];
    const saved = {
      sequence,
      schedule: [{ days: [1, 2, 3, 4], from: '07:30', to: '18:00', sequence }],
      screen_off: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '22:00', to: '06:00' }],
    };
    assert.deepEqual(await wall(), saved);

    await page.reload();
    await page.getByText('Mon–Thu, 07:30–18:00').waitFor();
    assert.equal(await page.getByLabel('Seconds that three stays').first().inputValue(), '12');
    assert.equal(await page.getByLabel('From').last().inputValue(), '22:00');
    assert.equal(await page.getByLabel('To', { exact: true }).last().inputValue(), '06:00');
    assert.equal(await saveButton().count(), 0, 'nothing is unsaved after reading');
  });

  it('says what is missing, where, and saves nothing until it is there', async () => {
    await open();
    const before = await wall();
    await page.getByRole('button', { name: 'Add hours' }).click();
    const hours = page.locator('.wall-entry').nth(1);
    for (const day of ['Mon', 'Tue', 'Wed', 'Thu', 'Fri'])
      await hours.getByRole('button', { name: day, exact: true }).click();
    await hours.getByText('Choose at least one day.').waitFor();
    await page.getByText('Something is missing: see the marked fields.').waitFor();
    assert.ok(await saveButton().isDisabled());
    await hours.locator('summary').click();
    await hours.getByText('Something is missing here').waitFor();
    await hours.locator('summary').click();
    await hours.getByRole('button', { name: 'Sat', exact: true }).click();
    await hours.getByLabel('To', { exact: true }).fill('');
    await hours.getByText('Enter a time.').waitFor();
    await hours.getByLabel('To', { exact: true }).fill('07:00');
    await hours.getByText('on the next day').waitFor();

    const seconds = page.getByLabel('Seconds that three stays').first();
    await seconds.fill('0');
    await page.getByText('From 1 to 86,400 seconds.').waitFor();
    assert.ok(await saveButton().isDisabled());
    await seconds.fill('15');
    assert.deepEqual(await wall(), before);
    await save();
    const { sequence, schedule } = await wall();
    assert.equal(sequence[0]?.dwell_seconds, 15);
    assert.deepEqual(schedule?.[1]?.days, [6]);
    assert.deepEqual([schedule?.[1]?.from, schedule?.[1]?.to], ['08:00', '07:00']);

    await page.getByRole('button', { name: 'Remove schedule 2' }).click();
    await page.getByText('There are changes that are not saved.').waitFor();
    await page.getByRole('button', { name: 'Discard changes' }).click();
    await until('both entries', async () => (await page.locator('.wall-entry').count()) === 2);
  });

  it('orders the sequence by mouse, by finger and by keys', async () => {
    await open();
    const two = await handleOf('two');
    const three = await handleOf('three');
    await drag(page, two, { x: three.x, y: three.y - 16 });
    await save();
    assert.equal(await order(), 'two,three');

    const phone = await rig.open(PHONE);
    await open(phone);
    const from = await handleOf('three', phone);
    const to = await handleOf('two', phone);
    await swipe(phone, from, { x: to.x, y: to.y - 16 });
    await save(phone);
    assert.equal(await order(), 'three,two');
    await phone.context().close();

    await page.getByRole('button', { name: 'Move three: drag' }).first().focus();
    await until('theirs to be followed', async () =>
      (await page.locator('.wall-turn a').first().textContent())?.includes('three'),
    );
    await page.getByRole('button', { name: 'Move three: drag' }).first().press('ArrowDown');
    await save();
    assert.equal(await order(), 'two,three');
  });

  it('is what the wall then does', async () => {
    const screen = await rig.open({ viewport: { width: 1280, height: 720 } });
    await screen.goto(rig.daemon.url);
    await rig.daemon.api('PUT', '/api/wall', { sequence: [{ layout: 'one', dwell_seconds: 3600 }] });
    await until('one tile', async () => (await tilesOf(screen)).length === 1);
    await open();
    await page.getByLabel('Add a layout').first().selectOption('two');
    await page.getByRole('button', { name: 'Take one out' }).click();
    await save();
    await until('two tiles', async () => (await tilesOf(screen)).length === 2);
    await screen.context().close();
  });

  it('tells of somebody else’s change and of changes that would be lost', async () => {
    await open();
    await page.getByLabel('Add a layout').first().selectOption('three');
    await rig.daemon.api('PUT', '/api/wall', { sequence: [{ layout: 'one', dwell_seconds: 40 }] });
    await page.getByText('Somebody else has changed the programme meanwhile.').waitFor();
    await page.getByRole('button', { name: 'Keep mine' }).click();
    await page.getByRole('link', { name: 'Cameras' }).click();
    await page.getByRole('heading', { name: 'Leave without saving?' }).waitFor();
    await page.getByRole('button', { name: 'Stay here' }).click();
    await save();
    assert.equal(await order(), 'two,three');
  });

  it('switches what the screen shows besides pictures', async () => {
    await open();
    await page.getByLabel('Camera names').uncheck();
    await until('the setting', async () => {
      const settings = await rig.daemon.api<Settings>('GET', '/api/settings');
      return !settings.wall_names;
    });
    const unchanged = page.getByLabel('Call a picture unchanged after (seconds)');
    await unchanged.fill('9999');
    await page.getByText('From 0 to 3600 seconds.').waitFor();
    await unchanged.fill('30');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await until('the seconds', async () => {
      const settings = await rig.daemon.api<Settings>('GET', '/api/settings');
      return settings.unchanged_seconds === 30;
    });
  });

  it('a second screen follows the first, gets a programme of its own, and follows again', async () => {
    const second = () => rig.daemon.api<Wall>('GET', '/api/walls/2');
    const choice = (screen: number) => page.getByRole('button', { name: `Screen ${screen}`, exact: true });
    const sequence = [{ layout: 'one', dwell_seconds: 20 }];
    await rig.daemon.api('PUT', '/api/wall', { sequence });
    await open();
    assert.equal(await choice(1).count(), 0, 'nothing is said of screens while there is one');
    const screen = await rig.open(DESKTOP);
    await screen.goto(`${rig.daemon.url}/?screen=2`);
    await until('the second screen', async () => {
      await open();
      return (await choice(2).count()) === 1;
    });
    await screen.context().close();
    await choice(2).click();
    await page.getByText('Screen 2 shows what screen 1 shows.').waitFor();
    await page.getByRole('button', { name: 'Give it a programme of its own' }).click();
    await page.getByLabel('Add a layout').first().selectOption('two');
    await until('nothing unsaved can be lost by looking at the other one', () => choice(1).isDisabled());
    await save();
    assert.deepEqual(
      (await second()).sequence.map(({ layout }) => layout),
      ['one', 'two'],
    );
    assert.equal(await order(), 'one');
    await choice(1).click();
    await page.getByRole('button', { name: 'Take one out' }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Take two out' }).count(), 0);
    await choice(2).click();
    await page.getByRole('button', { name: 'Show what screen 1 shows' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Show what screen 1 shows' }).click();
    await page.getByText('Screen 2 shows what screen 1 shows.').waitFor();
    assert.deepEqual(await second(), await wall());
    await rig.daemon.api('PUT', '/api/walls/2', { sequence });
  });

  for (const [device, options] of Object.entries({ desktop: DESKTOP, phone: PHONE }))
    for (const locale of ['en-GB', 'zh-TW', 'zh-CN'])
      it(`on a ${device}, ${locale}: nothing is cut off, everybody can use it`, async () => {
        const sequence = [{ layout: 'one', dwell_seconds: 20 }];
        const hours = { from: '20:00', to: '06:00' };
        await rig.daemon.api('PUT', '/api/wall', {
          sequence,
          schedule: [{ ...hours, days: [1, 2, 3, 5, 7], sequence }],
          screen_off: [{ ...hours, days: [1, 2, 3, 4, 5, 6, 7] }],
        });
        const colorScheme = locale === 'zh-CN' ? 'dark' : 'light';
        const other = await rig.open({ ...options, locale, colorScheme });
        await open(other);
        for (const time of await other.locator('input[type="time"]').all()) await time.fill('');
        assert.deepEqual(await overflows(other), []);
        assert.deepEqual(await axeViolations(other), []);
        await other.context().close();
      });
});
