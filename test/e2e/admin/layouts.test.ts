/** The layout editor by mouse and keys, beside a wall that is watched. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import type { Layout, Load, Wall } from '../../../daemon/schema.ts';
import { noBrowser, tilesOf } from '../browser.ts';
import { until } from '../until.ts';
import { axeViolations, overflows } from './checks.ts';
import {
  DESKTOP,
  drag,
  dragTile,
  middle,
  NAMES,
  PHONE,
  type Rig,
  save,
  stage,
  stageIs,
  startRig,
  tile,
  wallChangedTo,
  watchWall,
} from './editorRig.ts';

describe('the layout editor', { skip: noBrowser, timeout: 300_000 }, () => {
  let rig: Rig;
  let page: Page;
  before(async () => {
    rig = await startRig();
    page = await rig.open(DESKTOP);
  });
  after(async () => {
    await rig?.close();
    assert.deepEqual(rig?.errors, []);
  });

  it('makes a layout from an arrangement, with the cameras in it', async () => {
    await page.goto(`${rig.daemon.url}/admin/layouts`);
    await page.getByRole('button', { name: 'New layout' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('hall 1');
    await page.locator('[data-preset="4"]').click();
    await page.getByRole('button', { name: 'Make it' }).click();
    await stageIs(page, NAMES.slice(0, 4));
    assert.equal(new URL(page.url()).pathname, '/admin/layouts/hall-1');
    assert.deepEqual(await rig.shown('hall-1'), ['cam1', 'cam2', 'cam3', 'cam4']);
  });

  it('is built by mouse: exchanged, enlarged, filled from the palette, and taken back step by step', async () => {
    await rig.put('mouse', 9);
    await rig.edit('mouse', page);
    await dragTile(page, 0, 8);
    await stageIs(page, ['Back gate', ...NAMES.slice(1, 8), 'Front door']);

    await tile(page, 0).click();
    const box = (await tile(page, 0).boundingBox())!;
    const corner = { x: box.x + box.width - 6, y: box.y + box.height - 6 };
    await drag(page, corner, { x: corner.x + box.width, y: corner.y + box.height });
    const six = ['Back gate', 'Car park', 'Warehouse 2', 'Corridor', 'Roof', 'Front door'];
    await stageIs(page, six);

    await drag(page, await middle(page, '[data-camera="cam4"]'), await middle(page, '[data-tile="2"]'));
    await page.getByRole('button', { name: 'Take turns' }).click();
    await stageIs(page, ['Back gate', 'Car park, Reception', ...six.slice(2)]);
    await drag(page, await middle(page, '[data-camera="cam5"]'), await middle(page, '[data-tile="5"]'));
    await page.getByRole('button', { name: 'Replace' }).click();
    const done = ['Back gate', 'Car park, Reception', 'Warehouse 1', ...six.slice(3)];
    await stageIs(page, done);

    for (let n = 0; n < 4; n++) await page.getByRole('button', { name: 'Undo' }).click();
    await stageIs(page, NAMES);
    for (let n = 0; n < 4; n++) await page.keyboard.press('Control+Shift+z');
    await stageIs(page, done);
    await save(page);
    const { tiles } = await rig.layout('mouse');
    assert.deepEqual(
      tiles.map(({ cameras: ids }) => ids.join('+')),
      ['cam9', 'cam3+cam4', 'cam5', 'cam7', 'cam8', 'cam1'],
    );
    const { x, y, width, height } = tiles[0]!;
    assert.deepEqual([x, y, width, height], [0, 0, 2 / 3, 2 / 3]);
  });

  it('is built by keys alone', async () => {
    await rig.daemon.api('PUT', '/api/layouts/keys', {
      tiles: [
        { x: 0, y: 0, width: 0.25, height: 0.25, cameras: [] },
        { x: 0.5, y: 0.5, width: 0.5, height: 0.5, cameras: ['cam2'] },
      ],
    });
    await rig.edit('keys', page);
    await page.locator('[data-camera="cam1"]').focus();
    await page.keyboard.press('Enter');
    await tile(page, 0).focus();
    await page.keyboard.press('Enter');
    await stageIs(page, ['Front door', 'Loading dock']);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Control+s');
    await until('it to be saved', async () => (await rig.shown('keys'))[0] === 'cam1');
    const [first] = (await rig.layout('keys')).tiles;
    assert.deepEqual([first!.x, first!.y, first!.width, first!.height], [1 / 12, 1 / 12, 4 / 12, 5 / 12]);
    await page.keyboard.press('Delete');
    await stageIs(page, ['Loading dock']);
    await page.keyboard.press('Control+z');
    await stageIs(page, ['Front door', 'Loading dock']);
  });

  it('joins, divides and fills tiles', async () => {
    await rig.put('parts', 4);
    await rig.edit('parts', page);
    await tile(page, 0).click();
    await tile(page, 1).click({ modifiers: ['Shift'] });
    await page.getByRole('button', { name: 'Join into one tile' }).click();
    await stageIs(page, ['Front door, Loading dock', 'Car park', 'Reception']);
    await page.getByRole('button', { name: 'In four' }).click();
    await stageIs(page, ['Front door', 'Loading dock', 'empty', 'empty', 'Car park', 'Reception']);
    await page.getByRole('button', { name: 'Fill the rest' }).click();
    await until('no camera to be left', async () =>
      page.getByText('Every camera is in this layout.').isVisible(),
    );
    await save(page);
    assert.equal(new Set((await rig.layout('parts')).tiles.flatMap(({ cameras: ids }) => ids)).size, 9);
  });

  it('lets the joined tile’s cameras take turns, for as long as is said', async () => {
    await rig.put('turns', 4);
    await rig.edit('turns', page);
    await tile(page, 2).click();
    await tile(page, 3).click({ modifiers: ['Shift'] });
    await page.getByRole('button', { name: 'Join into one tile' }).click();
    const dwell = page.getByLabel('Seconds per camera');
    await dwell.fill('0');
    await page.getByText('Enter 1 to 86,400 seconds.').waitFor();
    await dwell.fill('2');
    await page.getByText('Enter 1 to 86,400 seconds.').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Move Reception up' }).click();
    await stageIs(page, ['Front door', 'Loading dock', 'Reception, Car park']);
    await save(page);
    const { x, y, width, height, cameras, dwell_seconds } = (await rig.layout('turns')).tiles[2]!;
    assert.deepEqual([x, y, width, height], [0, 0.5, 1, 0.5]);
    assert.deepEqual([cameras, dwell_seconds], [['cam4', 'cam3'], 2]);

    await rig.daemon.api('PUT', '/api/wall', { sequence: [{ layout: 'turns', dwell_seconds: 3600 }] });
    const wall = await rig.open({ viewport: { width: 1280, height: 720 } });
    await wall.goto(rig.daemon.url);
    for (const name of ['Reception', 'Car park', 'Reception'])
      await until(`the wall’s third tile to show ${name}`, async () => {
        const seen = (await tilesOf(wall))[2];
        return seen?.name === name && seen.kind === 'live';
      });
    await wall.context().close();
  });

  it('takes another arrangement, and goes back from it', async () => {
    await rig.put('other', 4);
    await rig.edit('other', page);
    await page.getByRole('button', { name: 'Arrangement' }).click();
    const offered = await page
      .locator('[data-preset]')
      .evaluateAll((choices) => choices.map((choice) => choice.getAttribute('data-preset')));
    assert.deepEqual(offered, ['1', '4', '6', '8', '9', '10', '13', '16', '25', 'free']);
    await page.locator('.dialog [data-preset="6"]').click();
    await stageIs(page, [...NAMES.slice(0, 4), 'empty', 'empty']);
    await save(page);
    const { tiles } = await rig.layout('other');
    assert.deepEqual([tiles.length, tiles[0]!.width, tiles[0]!.height], [6, 2 / 3, 2 / 3]);
    await page.getByRole('button', { name: 'Undo' }).click();
    await stageIs(page, NAMES.slice(0, 4));
    await page.getByText('There are changes that are not saved.').waitFor();
  });

  it('shows the layout as the screen will, cameras in turn', async () => {
    await rig.daemon.api('PUT', '/api/layouts/seen', {
      tiles: [
        { x: 0, y: 0, width: 0.5, height: 1, cameras: ['cam1', 'cam2'], dwell_seconds: 1 },
        { x: 0.5, y: 0, width: 0.5, height: 1, cameras: ['cam3'] },
      ],
    });
    await rig.edit('seen', page);
    await page.getByRole('button', { name: 'Preview' }).click();
    const preview = page.getByRole('dialog', { name: 'Preview' });
    for (const name of ['Front door', 'Loading dock', 'Front door'])
      await preview.getByText(name, { exact: true }).waitFor();
    await until('its pictures', () =>
      page.evaluate<boolean>(
        `[...document.querySelectorAll('.layouts-preview img')].filter((image) => image.naturalWidth > 0).length === 2`,
      ),
    );
    await page.keyboard.press('Escape');
    await preview.waitFor({ state: 'detached' });
  });

  it('turns the screen: an arrangement becomes that of an upright screen', async () => {
    await rig.put('upright', 9);
    await rig.edit('upright', page);
    await page.getByRole('button', { name: 'Turn the screen upright' }).click();
    await page.locator('.layouts-stage[data-orientation="portrait"]').waitFor();
    await stageIs(page, NAMES);
    const box = (await page.locator('.layouts-stage').boundingBox())!;
    assert.ok(Math.abs(box.width / box.height - 9 / 16) < 0.01);
    await save(page);
    const saved = await rig.layout('upright');
    assert.equal(saved.orientation, 'portrait');
    assert.equal(saved.tiles[0]!.width, 1);
  });

  it('appears on the wall within a second of saving', async () => {
    await rig.put('watched', 4);
    await rig.daemon.api('PUT', '/api/wall', { sequence: [{ layout: 'watched', dwell_seconds: 3600 }] });
    const wall = await rig.open({ viewport: { width: 1280, height: 720 } });
    await wall.goto(rig.daemon.url);
    await until('the wall', async () => (await tilesOf(wall)).length === 4);
    await rig.edit('watched', page);
    await watchWall(wall);
    const delays: number[] = [];
    // Of three, the quickest: other tests share this machine.
    for (const [from, to] of [
      [0, 3],
      [1, 2],
      [0, 1],
    ] as const) {
      await dragTile(page, from, to);
      const names = (await stage(page)).join();
      const clicked = Date.now();
      await save(page);
      delays.push((await wallChangedTo(wall, names, clicked)) - clicked);
    }
    assert.ok(Math.min(...delays) < 1_000, `${delays.join(', ')} ms`);
    await wall.context().close();
  });

  it('is put on the wall from the editor, alone or in turn', async () => {
    await rig.edit('mouse', page);
    await page.getByRole('button', { name: 'Show on the wall' }).click();
    await page.getByRole('button', { name: 'In turn with the others' }).click();
    const sequence = async () =>
      (await rig.daemon.api<Wall>('GET', '/api/wall')).sequence.map((item) => item.layout).join();
    await until('both on the wall', async () => (await sequence()) === 'watched,mouse');
    await page.getByText('On the wall', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Show on the wall' }).click();
    await page.getByRole('button', { name: 'Only this one' }).click();
    await until('one on the wall', async () => (await sequence()) === 'mouse');
  });

  it('says before saving what the box cannot do', async () => {
    const tight: Load = {
      percent: 118,
      tiles: [3, 7].map((n) => ({
        index: n - 1,
        camera: `cam${n}`,
        stream: `cam${n}_sub`,
        percent: 20,
        fps: 25,
        limited_fps: 8,
        assumed: false,
      })),
    };
    await rig.put('heavy', 9);
    // What a real box answers depends on the box.
    await page.route('**/api/load', (route) => route.fulfill({ json: tight }));
    await rig.edit('heavy', page);
    await page.getByText('Tiles 3 and 7 will run at 8 fps. For full speed show fewer cameras').waitFor();
    assert.match((await page.locator('.layouts-load').textContent()) ?? '', /118 %/);
    await page.unroute('**/api/load');
    const asked = page.waitForResponse('**/api/load');
    await dragTile(page, 0, 1);
    assert.equal((await asked).status(), 200);
    await page.getByRole('button', { name: 'Undo' }).click();
  });

  it('measures the box, and then says before saving what each change costs', async () => {
    await rig.put('weighed', 9);
    await rig.edit('weighed', page);
    // The cameras' frame rates count as measured, so two answers differ by a little.
    const answers: Load[] = [];
    page.on('response', (response) => {
      if (response.url().endsWith('/api/load'))
        response.json().then(
          (load) => answers.push(load),
          () => {},
        );
    });
    await page.getByRole('button', { name: 'Measure' }).click();
    await page.locator('.layouts-load meter').waitFor({ timeout: 120_000 });
    const shown = async (tiles: number) => {
      const last = answers.at(-1);
      const text = await page.locator('.layouts-load p').textContent();
      return last?.tiles.length === tiles && text?.includes(`${Math.round(last.percent!)} %`);
    };
    await until('the load of nine', () => shown(9));
    const nine = answers.at(-1)!.percent!;
    assert.ok(nine > 0 && nine < 1000, String(nine));

    await tile(page, 8).click();
    await page.keyboard.press('Delete');
    await stageIs(page, NAMES.slice(0, 8));
    await until('the load of eight', () => shown(8));
    assert.ok(answers.at(-1)!.percent! < nine, `${answers.at(-1)!.percent} < ${nine}`);
    assert.equal((await rig.layout('weighed')).tiles.length, 9, 'nothing was saved');
    await page.getByRole('button', { name: 'Undo' }).click();
    await until('the load of nine again', () => shown(9));
  });

  it('tells of somebody else’s change and loses neither', async () => {
    await rig.put('shared', 4);
    await rig.edit('shared', page);
    await dragTile(page, 0, 1);
    await rig.put('shared', 9);
    await page.getByText('Somebody else has changed this layout meanwhile.').waitFor();
    const mine = ['Loading dock', 'Front door', 'Car park', 'Reception'];
    await stageIs(page, mine);
    await page.getByRole('button', { name: 'Use theirs' }).click();
    await stageIs(page, NAMES);
    await dragTile(page, 0, 1);
    await rig.put('shared', 4);
    await page.getByRole('button', { name: 'Keep mine' }).click();
    await save(page);
    assert.equal((await rig.layout('shared')).tiles.length, 9);
    await rig.put('shared', 4);
    await stageIs(page, NAMES.slice(0, 4));
  });

  it('asks before changes are lost', async () => {
    await rig.edit('shared', page);
    await dragTile(page, 0, 1);
    await page.getByRole('link', { name: 'Cameras' }).click();
    await page.getByRole('heading', { name: 'Leave without saving?' }).waitFor();
    await page.getByRole('button', { name: 'Stay here' }).click();
    await stageIs(page, ['Loading dock', 'Front door', 'Car park', 'Reception']);
    await page.getByRole('link', { name: 'Cameras' }).click();
    await page.getByRole('button', { name: 'Discard changes' }).click();
    await page.locator('.cameras-list').waitFor();
    assert.deepEqual((await rig.shown('shared'))[0], 'cam1');
  });

  it('is renamed everywhere, and deleted only after it is off the wall', async () => {
    await page.goto(`${rig.daemon.url}/admin/layouts`);
    await page.getByRole('button', { name: 'Rename mouse' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('entrance');
    await page.getByRole('button', { name: 'Rename', exact: true }).click();
    await page.getByRole('button', { name: 'Delete entrance' }).waitFor();
    // The new name is there before the wall knows it, so that the wall never shows one that is not.
    await until('the wall to use the new name', async () => {
      const { sequence } = await rig.daemon.api<Wall>('GET', '/api/wall');
      return sequence.map(({ layout }) => layout).join() === 'entrance';
    });
    await until('the old name to be gone', async () => {
      const { layouts } = await rig.daemon.api<{ layouts: Layout[] }>('GET', '/api/layouts');
      return !layouts.some(({ name }) => name === 'mouse');
    });
    await page.getByRole('button', { name: 'Delete entrance' }).click();
    await page.getByText('in the usual programme').waitFor();
    await page.getByRole('button', { name: 'Take it off the wall and delete it' }).click();
    await until('it to be gone', async () => {
      const { layouts } = await rig.daemon.api<{ layouts: Layout[] }>('GET', '/api/layouts');
      return !layouts.some(({ name }) => name === 'entrance' || name === 'mouse');
    });
    assert.deepEqual((await rig.daemon.api<Wall>('GET', '/api/wall')).sequence, []);
  });

  for (const [screen, options] of Object.entries({ desktop: DESKTOP, phone: PHONE }))
    for (const locale of ['en-GB', 'zh-TW', 'zh-CN'])
      it(`on a ${screen}, ${locale}: nothing is cut off, everybody can use it`, async () => {
        const other = await rig.open({
          ...options,
          locale,
          colorScheme: locale === 'zh-CN' ? 'dark' : 'light',
        });
        const faults: unknown[] = [];
        const check = async (what: string) => {
          const found = { overflows: await overflows(other), axe: await axeViolations(other) };
          if (found.overflows.length + found.axe.length > 0) faults.push([what, found]);
        };
        await other.goto(`${rig.daemon.url}/admin/layouts`);
        await other.locator('.layouts-card').first().waitFor();
        await check('list');
        await other.locator('.page-head button').click();
        await other.locator('.dialog').waitFor();
        await check('new');
        await rig.edit('heavy', other);
        await tile(other, 0).click();
        await check('tile');
        await rig.edit('upright', other);
        await check('upright');
        assert.deepEqual(faults, []);
        await other.context().close();
      });
});
