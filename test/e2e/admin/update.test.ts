/** An appliance is brought up to date, as the people at the admin page and at the wall see it. Root is played by the test. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { writeReport } from '../../../daemon/host/report.ts';
import type { UpdateState } from '../../../daemon/schema.ts';
import { startVirtualCameras, type VirtualCameras } from '../../virtual-camera/index.ts';
import { launchBrowser, noBrowser, tilesOf } from '../browser.ts';
import { type Daemon, startDaemon } from '../daemon.ts';
import { until } from '../until.ts';
import { axeViolations, overflows } from './checks.ts';

const STATE: UpdateState = {
  version: '0.1.0',
  state: 'idle',
  available: null,
  checked: null,
  target: null,
  progress: null,
  message: null,
  source: 'https://updates.example/walleye',
  rolled_back: null,
};

describe('an update of an appliance', { skip: noBrowser, timeout: 240_000 }, () => {
  let root: string;
  let cameras: VirtualCameras;
  let daemon: Daemon;
  let browser: Browser;
  let admin: Page;
  let wall: Page;
  let version: string;
  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'walleye-e2e-update-'));
    mkdirSync(join(root, 'update'));
    cameras = await startVirtualCameras({ cameras: [{ id: 'front-door', name: 'Front door' }] });
    daemon = await startDaemon({
      stateDir: join(root, 'state'),
      env: {
        WALLEYE_UPDATE_DIR: join(root, 'update'),
        WALLEYE_PROVISION_REPORT: join(root, 'run', 'report.json'),
      },
    });
    version = (await daemon.api<{ version: string }>('GET', '/api/system/update')).version;
    await daemon.api('PATCH', '/api/settings', { setup_done: true });
    browser = await launchBrowser();
    admin = await browser.newPage({ locale: 'en-GB', viewport: { width: 1280, height: 900 } });
    wall = await browser.newPage({ locale: 'en-GB', viewport: { width: 1280, height: 720 } });
  });
  after(async () => {
    await browser?.close();
    await daemon?.stop();
    await cameras?.close();
    rmSync(root, { recursive: true, force: true });
  });

  const tell = (state: Partial<UpdateState>) => {
    const path = join(root, 'update', 'state.json');
    writeFileSync(`${path}.new`, JSON.stringify({ ...STATE, ...state }));
    renameSync(`${path}.new`, path);
  };
  const orders = () => {
    const folder = join(root, 'state', 'orders');
    return existsSync(folder) ? readdirSync(folder) : [];
  };
  /** Takes an order as root does. */
  const ordered = async (verb: string) => {
    await until(`the order ${verb}`, () => orders().includes(`${verb}.json`));
    rmSync(join(root, 'state', 'orders', `${verb}.json`));
  };
  const card = () =>
    admin.locator('.card', { has: admin.getByRole('heading', { name: 'Version and updates' }) });
  const said = (words: string | RegExp) => card().getByText(words).first().waitFor();
  const band = () => wall.locator('.news:not([data-kind=provisioned])');
  const brought = () => wall.locator('.news[data-kind=provisioned]');
  const fits = async () => {
    assert.deepEqual(await overflows(admin), []);
    assert.deepEqual(await axeViolations(admin), []);
  };

  it('shows on the empty wall and to the administrator what was wrong with a stick, word for word', async () => {
    const fault = 'stick: site.json: line 12, column 5: cameras[0].adress <b>is not known</b>: address?';
    const problems = [
      fault,
      ...Array.from({ length: 17 }, (_, i) => `stick: cameras.csv: line ${i + 2}: no address`),
    ];
    await wall.goto(daemon.url);
    await wall.getByRole('heading', { name: 'No cameras yet' }).waitFor();
    assert.equal(await wall.locator('.report').count(), 0);
    await writeReport(join(root, 'run', 'report.json'), {
      source: 'stick',
      at: new Date().toISOString(),
      applied: [],
      problems,
    });
    await wall.getByText('Nothing was taken from: USB stick').waitFor();
    await wall.getByText(fault, { exact: true }).waitFor();
    await wall.getByText('and 13 more').waitFor();
    await admin.goto(`${daemon.url}/admin/system`);
    await admin.getByRole('heading', { name: 'Set up by file' }).waitFor();
    await admin.getByText(fault, { exact: true }).waitFor();
    await fits();
  });

  it('says over the pictures too what a stick brought, until somebody has read it', async () => {
    const [camera] = cameras.cameras;
    await daemon.api('POST', '/api/cameras', {
      id: 'front-door',
      name: 'Front door',
      address: camera!.onvifUrl,
    });
    await until('the picture', async () => (await tilesOf(wall))[0]?.kind === 'live');
    await brought().getByText('Nothing was taken from: USB stick').waitFor();
    await brought().getByRole('button', { name: 'OK' }).click();
    await brought().waitFor({ state: 'detached' });
    assert.equal((await tilesOf(wall))[0]?.full, false, 'the touch was not the picture’s');
    await writeReport(join(root, 'run', 'report.json'), {
      source: 'stick',
      at: new Date().toISOString(),
      applied: ['Camera “Yard”: added', 'Layout “Day”: added'],
      problems: [],
    });
    await brought().getByText('Settings taken from: USB stick').waitFor();
    await brought().getByText('Changes made: 2').waitFor();
    await wall.keyboard.press('Escape');
    await brought().waitFor({ state: 'detached' });
    await admin.getByText('Everything was taken.').waitFor();
  });

  it('is looked for', async () => {
    await said('Nobody has looked for a newer version yet.');
    await card().getByRole('button', { name: 'Look for updates' }).click();
    await said('Looking for updates…');
    await ordered('update-check');
    tell({ checked: Date.now() / 1000 });
    await said(/No newer version was found/);
    await said(/https:\/\/updates\.example\/walleye, or from a USB stick/);
    await card().getByRole('button', { name: 'Look for updates' }).click();
    await ordered('update-check');
    tell({ checked: Date.now() / 1000, available: '9.0.0' });
    await said('Version 9.0.0 is available.');
    await fits();
  });

  it('is begun after a question, and its progress is shown here and on the wall', async () => {
    await card().getByRole('button', { name: 'Update now' }).click();
    const dialog = admin.getByRole('dialog');
    await dialog.getByText(`the box returns to version ${version} by itself`).waitFor();
    assert.deepEqual(orders(), [], 'nothing is ordered yet');
    await fits();
    await dialog.getByRole('button', { name: 'Update now' }).click();
    await said('Fetching version 9.0.0…');
    await ordered('update-start');
    tell({ state: 'installing', available: '9.0.0', target: '9.0.0', progress: 42 });
    await said('Installing version 9.0.0… 42 %');
    await until(
      'the progress',
      async () => (await card().locator('progress').getAttribute('value')) === '0.42',
    );
    await said('Do not switch the box off. You may leave this page.');
    assert.equal(await card().getByRole('button').count(), 0, 'there is nothing to press meanwhile');
    await band().getByText('Installing version 9.0.0: 42 %').waitFor();
    await band().getByText('Do not switch the box off').waitFor();
    await fits();
    tell({ state: 'restarting', target: '9.0.0' });
    await said('Version 9.0.0 is installed. The box restarts…');
    await band().getByText('the box restarts…').waitFor();
  });

  it('has to prove itself', async () => {
    tell({ state: 'confirming', target: version, message: 'waits for front-door' });
    await said(`Version ${version} runs and is on trial`);
    await said('waits for front-door');
    await band().getByText(`Version ${version} is on trial`).waitFor();
    await band().getByText('waits for front-door').waitFor();
    await fits();
  });

  it('that did not work is told with the reason, until somebody has read it', async () => {
    const reason = 'front-door was not live again within 300 s';
    tell({ available: '9.0.0', rolled_back: { version: '9.0.0', reason, at: Date.now() / 1000 } });
    await said(`The box went back to version ${version}`);
    await said(reason);
    await card().getByRole('button', { name: 'Try version 9.0.0 again' }).waitFor();
    await band().getByText(`Version 9.0.0 did not work here: back on version ${version}`).waitFor();
    await band().getByText(reason).waitFor();
    await fits();
    await wall.reload();
    await band().getByText(reason).waitFor();
    await band().getByRole('button', { name: 'OK' }).click();
    await band().waitFor({ state: 'detached' });
    await ordered('update-dismiss');
    await card().getByRole('button', { name: 'Understood' }).waitFor({ state: 'detached' });
  });

  it('that did not work can be read off the wall by the administrator', async () => {
    tell({ rolled_back: { version: '9.0.0', reason: 'no picture', at: Date.now() / 1000 + 1 } });
    await band().getByText('no picture').waitFor();
    await card().getByRole('button', { name: 'Understood' }).click();
    await ordered('update-dismiss');
    await band().waitFor({ state: 'detached' });
  });

  it('that failed says why, and leaves the wall alone', async () => {
    tell({ state: 'failed', available: '9.0.0', message: 'The signature of SHA256SUMS does not fit.' });
    await said('The signature of SHA256SUMS does not fit.');
    await card().getByRole('button', { name: 'Update now' }).waitFor();
    assert.equal(await band().count(), 0);
    await fits();
  });

  it('the box is restarted after a question, and reset as a whole after a word', async () => {
    await admin.getByRole('button', { name: 'Restart the box' }).click();
    await admin.getByRole('dialog').getByRole('button', { name: 'Restart the box' }).click();
    await ordered('reboot');
    await admin.getByText('The box restarts. This page comes back by itself…').waitFor();
    await admin.reload();
    await admin.getByRole('button', { name: 'Factory reset' }).click();
    await admin.getByText(/its name, network, Wi-Fi and SSH keys/).waitFor();
    await fits();
    await admin.getByLabel('Type RESET to go on').fill('RESET');
    await admin.getByRole('button', { name: 'Delete everything' }).click();
    await ordered('factory-reset');
    await admin.getByText('The box deletes everything and restarts.').waitFor();
    const { cameras: left } = await daemon.api<{ cameras: unknown[] }>('GET', '/api/cameras');
    assert.equal(left.length, 1, 'the daemon plays on until root ends it');
  });
});
