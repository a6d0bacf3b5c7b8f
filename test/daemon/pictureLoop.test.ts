/** Pictures of this machine as a camera: a folder, one picture that changes, a file of M-JPEG. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import jpeg from 'jpeg-js';
import type { StreamStatus } from '../../daemon/schema.ts';
import { type Daemon, startDaemon } from '../e2e/daemon.ts';
import { until } from '../e2e/until.ts';
import { MjpegViewer } from './mjpegViewer.ts';

/** Grey of this level. */
function picture(level: number, width = 160): Buffer {
  const data = Buffer.alloc(width * 120 * 4, level);
  return jpeg.encode({ data, width, height: 120 }, 90).data;
}
const levelOf = (picture: Buffer) => jpeg.decode(picture).data[0]!;

describe('pictures of this machine', { timeout: 120_000 }, () => {
  let folder: string;
  let daemon: Daemon;
  let viewer: MjpegViewer;
  const stream = (id: string) => daemon.api<StreamStatus>('GET', `/api/streams/${id}_main`);
  const add = (id: string, rtsp_url: string) =>
    daemon.api('POST', '/api/cameras', { id, name: id, streams: [{ profile: 'main', rtsp_url }] });
  const view = async (id: string) => {
    viewer = await MjpegViewer.open(`${daemon.url}/api/streams/${id}_main/mjpeg`);
  };
  /** The next so many different pictures. */
  async function seen(count: number): Promise<number[]> {
    const levels: number[] = [];
    await until(`${count} pictures`, () => {
      const level = viewer.last && levelOf(viewer.last);
      if (level !== undefined && level !== levels.at(-1)) levels.push(level);
      return levels.length >= count;
    });
    return levels;
  }

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'walleye-loop-'));
    daemon = await startDaemon();
  });
  after(async () => {
    viewer?.close();
    await daemon?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('three of a folder come round and round in the order of their names; what is no picture is passed over', async () => {
    const names = ['2.jpg', '10.JPEG', '1.jpg'];
    for (const [index, level] of [100, 200, 20].entries())
      writeFileSync(join(folder, names[index]!), picture(level));
    writeFileSync(join(folder, '3.jpg'), 'no picture');
    writeFileSync(join(folder, 'notes.txt'), 'nor this');
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    symlinkSync(join(folder, 'pipe'), join(folder, '4.jpg'));
    await add('loop', `file://${folder}?fps=2`);
    await view('loop');
    const levels = await seen(7);
    const order = levels.map((level) => (level < 60 ? 1 : level < 150 ? 2 : 10));
    const from = order.indexOf(1);
    assert.deepEqual(order.slice(from, from + 4), [1, 2, 10, 1]);
    const { state, codec, transport_in_use, width } = await stream('loop');
    assert.deepEqual([state, codec, transport_in_use, width], ['live', 'mjpeg', 'file', 160]);
    viewer.close();
    await until('nobody reads it any more', async () => (await stream('loop')).state === 'idle');
  });

  it('one picture that another program writes anew is shown a moment later', async () => {
    const file = join(folder, 'state.jpg');
    writeFileSync(file, picture(40));
    await add('state', `file://${file}?fps=5`);
    await view('state');
    await until('the first', () => viewer.last && levelOf(viewer.last) < 60);
    writeFileSync(`${file}.new`, picture(220, 320));
    renameSync(`${file}.new`, file);
    await until('the second', () => viewer.last && levelOf(viewer.last) > 200);
    assert.equal((await stream('state')).width, 320);
    viewer.close();
  });

  it('a file of M-JPEG plays at its pace, again and again', async () => {
    const file = join(folder, 'film.mjpeg');
    const source = ['-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=10:duration=1'];
    execFileSync('ffmpeg', ['-v', 'error', ...source, '-c:v', 'mjpeg', '-f', 'mjpeg', file]);
    await add('film', `file://${file}?fps=10`);
    await view('film');
    await until('more than the file holds', () => viewer.pictures > 25);
    const { fps, state } = await stream('film');
    assert.equal(state, 'live');
    assert.ok(fps !== null && fps > 7 && fps < 11, `${fps}`);
    viewer.close();
  });

  it('what is not there, or holds none, is said; and it comes when it is there', async () => {
    const missing = join(folder, 'later');
    await add('later', `file://${missing}`);
    viewer = await MjpegViewer.open(`${daemon.url}/api/streams/later_main/mjpeg`);
    const said = await until('it is said', async () => (await stream('later')).last_error);
    assert.deepEqual(
      [said.code, /there is no such file or folder/.test(said.message)],
      ['unreachable', true],
    );
    writeFileSync(`${missing}.part`, picture(90));
    renameSync(`${missing}.part`, missing);
    await until('it is live', async () => (await stream('later')).state === 'live');
    viewer.close();
    await add('text', `file://${join(folder, 'notes.txt')}`);
    viewer = await MjpegViewer.open(`${daemon.url}/api/streams/text_main/mjpeg`);
    const none = await until('it is said', async () => (await stream('text')).last_error);
    assert.match(none.message, /no video in it that can be read/);
    viewer.close();
    for (const bad of ['file://host/share', 'file:///a?fps=1000'])
      await assert.rejects(add('bad', bad), /invalid_rtsp_url/);
    assert.deepEqual(await daemon.api('GET', '/api/cameras/loop/loudspeaker'), { supported: false });
  });
});
