/**
 * The image in a machine of its own, from its first power-on to its factory reset, with an update that works and one that does not.
 * Without KVM it takes an hour: `./scripts/test --image-full`.
 */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Session } from '../../../daemon/schema.ts';
import { until } from '../../e2e/until.ts';
import { brightness, type Picture } from '../picture.ts';
import { Box } from './box.ts';
import { Machine } from './machine.ts';
import { plainDebianBoot } from './plainDebian.ts';
import { type Around, around, ownersKey, siteCredential, smbios, type Versions, versions } from './setUp.ts';
import { wallIsAlive } from './wall.ts';

const FOLDER = join(import.meta.dirname, '../../../.state/test/image/machine');
const MINUTE = 60_000;
/** From power-on to an answer, emulated. */
const BOOT = 15 * MINUTE;

let made: Versions;
let world: Around;
let machine: Machine;
let box: Box;
let machineId = '';
const picture = (name: string) => join(FOLDER, `${name}.ppm`);
const seenAlive = (name: string, note?: (picture: Picture) => void) =>
  wallIsAlive(machine, { save: picture(name), limit: BOOT, note });

describe('the image in a machine', { timeout: 300 * MINUTE }, () => {
  before(async () => {
    made = await versions();
    world = await around();
    rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(FOLDER, { recursive: true });
    machine = new Machine({ folder: FOLDER, forwards: { ssh: 22, https: 443 } });
    machine.smbios = [...smbios(), siteCredential(FOLDER, world.site)];
    machine.writeDisk(made.first.disk, '8G');
    box = new Box(machine, ownersKey());
  });
  after(async () => {
    await machine?.cut();
    await world?.close();
  });

  it('shows its own mark before the kernel has anything to show', async () => {
    await machine.powerOn();
    await until(
      'our mark is on the screen',
      async () => isMark(await machine.screen(picture('splash'))),
      3 * MINUTE,
    );
  });

  it('has its mark on the screen again when the graphics driver has taken it over and cleared it', async () => {
    const { height } = await machine.screen();
    await until(
      'our mark is on a screen of another size',
      async () => {
        const now = await machine.screen(picture('driver'));
        return now.height !== height && isMark(now);
      },
      10 * MINUTE,
    );
  });

  it('grows its root over the disk at the first boot, and has no failed unit', async () => {
    await box.up(BOOT);
    const size = Number(await box.sh('findmnt --noheadings --bytes --output SIZE /'));
    assert.ok(size > 2.5e9, `root has ${size} bytes`);
    assert.equal((await box.run('systemctl is-system-running --wait', BOOT / 1000)).out.trim(), 'running');
    assert.equal(await box.sh('systemctl list-units --failed --plain --no-legend'), '');
    // /usr cannot be written, and is the one that the kernel was told to trust.
    assert.match(
      await box.sh('findmnt --noheadings --output SOURCE,FSTYPE,OPTIONS /usr'),
      /usr.* erofs .*\bro\b/,
    );
    assert.match(await box.sh('cat /proc/cmdline'), /usrhash=[0-9a-f]{64}/);
  });

  it('is on the screen, each tile alive', async () => {
    await seenAlive('wall');
  });

  it('keeps what it is and what was saved when it is switched off', async () => {
    machineId = await box.sh('cat /etc/machine-id');
    const tiles = [{ x: 0, y: 0, width: 1, height: 1, cameras: ['cam1', 'cam2'] }];
    assert.ok(await box.api('PUT', '/api/layouts/kept', { tiles }));
    await switchOff();
    // From now on nobody tells it.
    machine.smbios = smbios();
    await machine.powerOn();
    await box.up(BOOT);
    await remembers();
  });

  it('tells how long it takes from the kernel to the wall, beside a plain Debian with the same kernel', async (t) => {
    const kernel = await box.sh('uname -r');
    await switchOff();
    const plain = await plainDebianBoot(kernel);
    assert.equal(plain.kernel, kernel);
    await machine.powerOn();
    await until('our mark is on the screen', async () => isMark(await machine.screen()), 3 * MINUTE);
    const shown = new Course();
    const live = await seenAlive('second boot', (now) => shown.note(kindOf(now)));
    await box.up(BOOT);
    const asked = performance.now();
    const uptime = Number((await box.sh('cat /proc/uptime')).split(' ')[0]);
    // When the kernel began, by this machine's clock; off by half of what asking took.
    const kernelAt = (asked + performance.now()) / 2 - uptime * 1000;
    const since = async (unit: string) =>
      Number(await box.sh(`systemctl show --value -p ActiveEnterTimestampMonotonic ${unit}`)) / 1e6;
    const times = {
      'compositor and browser started': await since('walleye-kiosk'),
      'daemon READY': await since('walleye'),
      'first live tiles': (live - kernelAt) / 1000,
    };
    t.diagnostic(
      `plain Debian, ${plain.kernel}: ${plain.seconds.toFixed(1)} s from the kernel to its login prompt`,
    );
    t.diagnostic('kernel → first own picture: 0, the kernel finds it on the screen');
    t.diagnostic(`on the screen: ${shown}`);
    for (const [what, seconds] of Object.entries(times))
      t.diagnostic(
        `kernel → ${what}: ${(seconds / plain.seconds).toFixed(2)} × plain Debian (${seconds.toFixed(1)} s)`,
      );
  });

  it('updates to the next version, and is on the wall again from the other slot', async () => {
    const slot = await box.sh(SLOT);
    world.offer(made.second);
    assert.equal(JSON.parse(await box.sh('walleye update --check --json', 300)).available, '0.0.2');
    await box.sh('walleye update --start', 300);
    await settled('0.0.2');
    assert.notEqual(await box.sh(SLOT), slot);
    assert.equal((await box.update())?.rolled_back, null);
    await remembers();
    await seenAlive('updated');
    assert.match(
      await box.sh('ls "$(bootctl -p)/EFI/Linux"'),
      /^walleye_0\.0\.2\.efi$/m,
      'the entry is blessed: it has no counter',
    );
  });

  it('goes back by itself from a version whose wall does not come, and says so', async () => {
    const slot = await box.sh(SLOT);
    world.offer(made.broken);
    await box.sh('walleye update --start', 300);
    await until(
      'the broken version has run',
      async () => machine.serial.includes('walleye_0.0.3') || (await box.update())?.rolled_back,
      2 * BOOT,
    );
    await settled('0.0.2');
    assert.equal(await box.sh(SLOT), slot);
    const { rolled_back } = (await box.update()) ?? {};
    assert.equal(rolled_back?.version, '0.0.3');
    assert.notEqual(rolled_back?.reason, '');
    await remembers();
    await seenAlive('back');
    await box.sh('walleye update --dismiss', 300);
    await until('the notice is gone', async () => (await box.update())?.rolled_back === null, 2 * MINUTE);
  });

  it('is a new box after a factory reset', async () => {
    // The box may be gone before it has said so.
    const { code, err } = await box.run('walleye factory-reset --yes', 300);
    assert.ok([0, 255].includes(code), err);
    await until('the box wants to be paired with', firstRun, 2 * BOOT);
    // Nobody is let in any more.
    assert.equal((await box.run('true', 60)).code, 255);
    await until(
      'the first run is on the screen',
      async () => brightness(await machine.screen(picture('reset'))).deviation > 10,
      BOOT,
    );
  });

  it('is one, too, after the factory reset of the boot menu', async () => {
    await machine.cut();
    machine.smbios = [...smbios(), siteCredential(FOLDER, world.site)];
    await machine.powerOn();
    await box.up(2 * BOOT);
    await until('the box is what its site file says', async () => (await firstRun()) === false, BOOT);
    await machine.cut();
    machine.smbios = smbios();
    await machine.powerOn();
    // A key that is held while the box starts brings up the menu; the entry below the usual one is the reset.
    await until(
      'the menu is on the screen',
      async () => {
        await machine.press('spc');
        const screen = await machine.screen(picture('menu'));
        const { mean, deviation } = brightness(screen);
        // Words on black; neither the firmware's picture nor ours is so wide. QEMU itself writes some, at 640 by 480, until
        // there is a picture.
        return (
          screen.width > 640 &&
          deviation > 5 &&
          mean < 40 &&
          brightness(await machine.screen(), { x: 0.2, y: 0.4, width: 0.2, height: 0.2 }).deviation > 5
        );
      },
      3 * MINUTE,
    );
    await machine.press('down');
    await sleep(1000);
    await machine.screen(picture('menu reset'));
    await machine.press('ret');
    await until('the box wants to be paired with', firstRun, 2 * BOOT);
  });
});

/** Whether the mark of image/splash.ts is in the middle of the screen: dot, gap, ring, nothing. */
function isMark({ width, height, rgb }: Picture): boolean {
  const bright = (distance: number) =>
    [0, 1, 2, 3].every((turn) => {
      const [dx, dy] = [Math.cos((turn * Math.PI) / 2) * distance, Math.sin((turn * Math.PI) / 2) * distance];
      const at = (Math.round(height / 2 + dy) * width + Math.round(width / 2 + dx)) * 3;
      return rgb[at]! > 0xd0 && rgb[at + 1]! > 0xd0 && rgb[at + 2]! > 0xd0;
    });
  return bright(0) && !bright(37) && bright(67) && !bright(100);
}

async function switchOff(): Promise<void> {
  await box.run('systemctl poweroff');
  await until('the machine is off', () => !machine.on, BOOT);
}

/** Fails when the box is not the one that it was: its root was made anew. */
async function remembers(): Promise<void> {
  assert.equal(await box.sh('cat /etc/machine-id'), machineId);
  assert.deepEqual((await box.layouts()).sort(), ['kept', 'site']);
}

/** The partitions that /usr is read from. */
const SLOT = 'lsblk --noheadings --inverse --list --output NAME /dev/mapper/usr';

/** Waits until the update has come to its end with this version running. */
async function settled(version: string): Promise<void> {
  await until(
    `${version} runs and has nothing more to do`,
    async () => {
      if (await firstRun()) throw new Error('the box has forgotten everything');
      const [system, update] = [await box.system(), await box.update()];
      return system?.version === version && update?.state === 'idle' && update.version === version;
    },
    4 * BOOT,
  );
}

/** What there was one after the other, and for how long. */
class Course {
  readonly #parts: { what: string; from: number; to: number }[] = [];

  note(what: string): void {
    const now = performance.now();
    const last = this.#parts.at(-1);
    if (last) last.to = now;
    if (last?.what !== what) this.#parts.push({ what, from: now, to: now });
  }

  toString(): string {
    return this.#parts.map(({ what, from, to }) => `${what} ${((to - from) / 1000).toFixed(0)} s`).join(', ');
  }
}

function kindOf(picture: Picture): 'the mark' | 'nothing' | 'a page' {
  if (isMark(picture)) return 'the mark';
  return brightness(picture).deviation < 3 ? 'nothing' : 'a page';
}

/** Whether it is a box that nobody has set up; undefined: it does not say. */
async function firstRun(): Promise<boolean | undefined> {
  const session = await box.api<Session>('GET', '/api/session');
  return session && !session.paired;
}
