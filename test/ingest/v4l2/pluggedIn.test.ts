/** Folders as Linux has them with a Logitech C920, an HDMI stick, a television card and the decoder of a board. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { type DeviceFolders, pluggedIn } from '../../../daemon/ingest/v4l2/pluggedIn.ts';

const USB = 'devices/pci0000:00/0000:00:14.0/usb1/1-3';

class Box {
  readonly folders: DeviceFolders;
  readonly #root: string;

  constructor(t: TestContext) {
    this.#root = mkdtempSync(join(tmpdir(), 'walleye-usb-'));
    t.after(() => rmSync(this.#root, { recursive: true }));
    this.folders = { kernel: this.#folder('class'), udev: this.#folder('udev'), byId: this.#folder('by-id') };
  }

  #folder(path: string): string {
    const folder = join(this.#root, path);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  /** @param at where it hangs @param can udev's word for what it can; undefined: there is no udev */
  add(number: number, name: string, at: string, { index = 0, can }: { index?: number; can?: string } = {}) {
    const folder = this.#folder(`class/video${number}`);
    symlinkSync(this.#folder(at), join(folder, 'device'));
    const files = { name: `${name}\n`, dev: `81:${number}\n`, index: `${index}\n` };
    for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
    if (can !== undefined)
      writeFileSync(
        join(this.folders.udev, `c81:${number}`),
        `S:v4l/by-path/pci\nE:ID_V4L_VERSION=2\nE:ID_V4L_CAPABILITIES=${can}\nG:uaccess\n`,
      );
    return this;
  }

  link(name: string, number: number) {
    const device = join(this.#folder('dev'), `video${number}`);
    writeFileSync(device, '');
    symlinkSync(device, join(this.folders.byId, name));
    return join(this.folders.byId, name);
  }
}

describe('what is plugged in', () => {
  it('is each camera once, by the name that stays its own', async (t) => {
    const box = new Box(t)
      .add(0, 'HD Pro Webcam C920', `${USB}/1-3:1.0`, { can: ':capture:' })
      .add(1, 'HD Pro Webcam C920', `${USB}/1-3:1.0`, { index: 1, can: ':' })
      .add(2, 'Cam Link 4K', 'devices/pci0000:00/0000:00:14.0/usb2/2-1/2-1:1.0', { can: ':capture:' });
    const path = box.link('usb-046d_HD_Pro_Webcam_C920_1234ABCD-video-index0', 0);
    assert.deepEqual(await pluggedIn(box.folders), [
      { name: 'Cam Link 4K', device: '/dev/video2', path: '/dev/video2' },
      { name: 'HD Pro Webcam C920', device: '/dev/video0', path },
    ]);
  });

  it('goes by its device where the name that stays its own cannot stand in an address', async (t) => {
    const box = new Box(t).add(0, 'Odd', `${USB}/1-3:1.0`, { can: ':capture:' });
    box.link('usb-Odd_Cam#1=@-video-index0', 0);
    assert.deepEqual(await pluggedIn(box.folders), [
      { name: 'Odd', device: '/dev/video0', path: '/dev/video0' },
    ]);
  });

  it('has no television cards, and no decoders of the board', async (t) => {
    const box = new Box(t)
      .add(0, 'Hauppauge', 'devices/pci0000:00/0000:03:00.0', { can: ':capture:tuner:' })
      .add(10, 'bcm2835-codec-decode', 'devices/platform/soc/bcm2835-codec', { can: ':video_output:' });
    assert.deepEqual(await pluggedIn(box.folders), []);
  });

  it('is known without udev, as in a container', async (t) => {
    const box = new Box(t)
      .add(4, 'USB 2.0 Camera', `${USB}/1-3:1.0`)
      .add(5, 'USB 2.0 Camera', `${USB}/1-3:1.0`, { index: 1 });
    assert.deepEqual(await pluggedIn(box.folders), [
      { name: 'USB 2.0 Camera', device: '/dev/video4', path: '/dev/video4' },
    ]);
  });

  it('a camera that sends H.264 from a device of its own is there with both', async (t) => {
    const box = new Box(t)
      .add(0, 'HD USB Camera', `${USB}/1-3:1.0`, { can: ':capture:' })
      .add(1, 'HD USB Camera', `${USB}/1-3:1.0`, { index: 1, can: ':' })
      .add(2, 'HD USB Camera', `${USB}/1-3:1.0`, { index: 2, can: ':capture:' });
    const paths = (await pluggedIn(box.folders)).map(({ path }) => path);
    assert.deepEqual(paths, ['/dev/video0', '/dev/video2']);
  });

  it('is nothing where there are no such folders, or when it is pulled out meanwhile', async (t) => {
    const box = new Box(t).add(0, 'Gone', `${USB}/1-3:1.0`);
    assert.deepEqual(await pluggedIn({ kernel: '/nowhere', udev: '/nowhere', byId: '/nowhere' }), []);
    rmSync(join(box.folders.kernel, 'video0', 'device'));
    assert.deepEqual(await pluggedIn(box.folders), []);
  });
});
