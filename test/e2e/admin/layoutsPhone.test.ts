/** The layout editor under one finger, on a phone beside the wall. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { noBrowser, tilesOf } from '../browser.ts';
import { until } from '../until.ts';
import {
  middle,
  NAMES,
  PHONE,
  type Rig,
  save,
  stage,
  stageIs,
  startRig,
  swipe,
  tile,
  wallChangedTo,
  watchWall,
} from './editorRig.ts';

describe('the layout editor on a phone', { skip: noBrowser, timeout: 300_000 }, () => {
  let rig: Rig;
  let phone: Page;
  before(async () => {
    rig = await startRig();
    phone = await rig.open(PHONE);
  });
  after(async () => {
    await rig?.close();
    assert.deepEqual(rig?.errors, []);
  });

  it('puts a camera into a tile by two taps, and by one finger’s drag', async () => {
    await rig.daemon.api('PUT', '/api/layouts/phone', {
      tiles: [0, 1].map((n) => ({ x: n / 2, y: 0, width: 0.5, height: 1, cameras: [] })),
    });
    await rig.edit('phone', phone);
    await phone.locator('[data-camera="cam1"]').tap();
    await phone.getByText('Now choose a tile for Front door.').waitFor();
    await tile(phone, 0).tap();
    await stageIs(phone, ['Front door', 'empty']);
    await swipe(phone, await middle(phone, '[data-camera="cam2"]'), await middle(phone, '[data-tile="1"]'));
    await stageIs(phone, ['Front door', 'Loading dock']);
    await save(phone);
    assert.deepEqual(await rig.shown('phone'), ['cam1', 'cam2']);
  });

  it('builds a layout by dragging, which the wall shows within a second of saving', async () => {
    await rig.put('built', 9);
    await rig.daemon.api('PUT', '/api/wall', { sequence: [{ layout: 'built', dwell_seconds: 3600 }] });
    const wall = await rig.open({ viewport: { width: 1280, height: 720 } });
    await wall.goto(rig.daemon.url);
    await until('the wall', async () => (await tilesOf(wall)).length === 9);
    await watchWall(wall);
    await rig.edit('built', phone);
    // What is read besides may move the stage as it comes.
    await phone.getByText('On the wall', { exact: true }).waitFor();
    await phone.locator('.layouts-load').waitFor();
    const delays: number[] = [];
    const saved = async () => {
      const names = (await stage(phone)).join();
      const tapped = Date.now();
      await save(phone);
      delays.push((await wallChangedTo(wall, names, tapped)) - tapped);
    };

    await swipe(phone, await middle(phone, '[data-tile="0"]'), await middle(phone, '[data-tile="8"]'));
    await stageIs(phone, ['Back gate', ...NAMES.slice(1, 8), 'Front door']);
    await saved();

    await tile(phone, 0).tap();
    // The corner is there once the tap has been drawn.
    const corner = '[data-tile="0"] > .ui-resizable-se';
    await phone.locator(corner).waitFor();
    const from = await middle(phone, corner);
    const box = (await tile(phone, 0).boundingBox())!;
    await swipe(phone, from, { x: from.x + box.width, y: from.y + box.height });
    const six = ['Back gate', 'Car park', 'Warehouse 2', 'Corridor', 'Roof', 'Front door'];
    await stageIs(phone, six);
    await saved();
    const [first] = (await rig.layout('built')).tiles;
    assert.deepEqual([first!.width, first!.height], [2 / 3, 2 / 3]);

    // Not by a tap: under load Chromium now and then makes no click of the touch, although the page gets its end.
    await phone.getByRole('button', { name: 'Undo' }).click();
    await stageIs(phone, ['Back gate', ...NAMES.slice(1, 8), 'Front door']);
    await saved();
    // Of three, the quickest: other tests share this machine.
    assert.ok(Math.min(...delays) < 1_000, `${delays.join(', ')} ms`);
    await wall.context().close();
  });

  it('joins tiles that are tapped one after the other', async () => {
    await rig.put('joined', 4);
    await rig.edit('joined', phone);
    await phone.getByRole('button', { name: 'Select several' }).tap();
    await tile(phone, 1).tap();
    await tile(phone, 3).tap();
    await phone.getByRole('button', { name: 'Join into one tile' }).tap();
    await stageIs(phone, ['Front door', 'Loading dock, Reception', 'Car park']);
    await save(phone);
    assert.deepEqual(await rig.shown('joined'), ['cam1', 'cam2+cam4', 'cam3']);
  });
});
