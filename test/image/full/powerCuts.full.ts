/**
 * Twenty times the plug of a machine with the image is pulled at a random moment, of booting, of updating, of writing. Without KVM
 * it takes an hour: `./scripts/test --image-full`.
 */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../e2e/until.ts';
import { Box } from './box.ts';
import { Machine } from './machine.ts';
import { type Around, around, ownersKey, siteCredential, smbios, versions } from './setUp.ts';
import { wallIsAlive } from './wall.ts';

const FOLDER = join(import.meta.dirname, '../../../.state/test/image/cuts');
const MINUTE = 60_000;
/** From power-on to an answer, emulated. */
const BOOT = 20 * MINUTE;
const KINDS = ['boot', 'write', 'update', 'boot', 'write'] as const;
const CUTS = 20;
/** One in so many is the reset button, not the plug. */
const RESETS = 4;

let world: Around;
let machine: Machine;
let box: Box;
/** Number of the last layout that the box has said is saved. */
let saved = 0;

describe('a machine with the image', { timeout: 300 * MINUTE }, () => {
  before(async () => {
    const { first, second } = await versions();
    world = await around();
    world.offer(second);
    rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(FOLDER, { recursive: true });
    machine = new Machine({ folder: FOLDER, forwards: { ssh: 22, https: 443 } });
    machine.smbios = [...smbios(), siteCredential(FOLDER, world.site)];
    machine.writeDisk(first.disk, '8G');
    box = new Box(machine, ownersKey());
    await machine.powerOn();
    await box.up(BOOT);
    // It answers before it has taken its site file.
    await until('it is set up', async () => (await box.layouts()).includes('site'), BOOT);
    // From now on it has to remember.
    machine.smbios = smbios();
  });
  after(async () => {
    await machine?.cut();
    await world?.close();
  });

  for (let cut = 1; cut <= CUTS; cut++) {
    const kind = KINDS[cut % KINDS.length] ?? 'boot';
    it(`${cut}: comes back with its layouts when it loses its power at ${kind}`, async (t) => {
      const moment = Math.random();
      t.diagnostic(`at ${(moment * 100).toFixed(0)} %`);
      await during[kind](moment);
      const written = saved;
      if (cut % RESETS === 0) await machine.reset();
      else {
        await machine.cut();
        await machine.powerOn();
      }
      const begun = performance.now();
      await box.up(BOOT);
      const seconds = ((performance.now() - begun) / 1000).toFixed(0);
      const version = (await box.system())?.version;
      const layouts = await box.layouts();
      t.diagnostic(
        `back after ${seconds} s as ${version}; n${written} was saved; there are ${layouts.join(', ')}`,
      );
      assert.ok(layouts.includes('site'), 'the layout of the site');
      for (let number = 1; number <= written; number++)
        assert.ok(layouts.includes(`n${number}`), `n${number}`);
      // That of which there was no word may be there or not.
      if (layouts.includes(`n${written + 1}`)) saved = written + 1;
    });
  }

  it('has not lost its wall by that', async () => {
    await wallIsAlive(machine, { save: join(FOLDER, 'wall.ppm'), limit: BOOT });
  });
});

/** What is going on while the plug is pulled; `moment`: 0 to 1. */
const during: Record<(typeof KINDS)[number], (moment: number) => Promise<void>> = {
  /** From the firmware to some time after the daemon is ready. */
  boot: async (moment) => {
    await machine.cut();
    await machine.powerOn();
    await sleep(moment * 150_000);
  },
  write: async (moment) => {
    const end = performance.now() + 2_000 + moment * 10_000;
    while (performance.now() < end) if (await save(saved + 1)) saved++;
    // In the middle of the next one.
    void save(saved + 1);
    await sleep(moment * 300);
  },
  /** Fetching, unpacking, writing the other slot and the ESP takes minutes. */
  update: async (moment) => {
    await box.api('POST', '/api/system/update/check');
    await box.api('POST', '/api/system/update');
    await sleep(moment * 180_000);
  },
};

async function save(number: number): Promise<boolean> {
  const tiles = [{ x: 0, y: 0, width: 1, height: 1, cameras: ['cam1', 'cam2'] }];
  return (await box.api('PUT', `/api/layouts/n${number}`, { tiles })) !== undefined;
}
