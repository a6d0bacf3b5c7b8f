/** That the bench notices what is wrong with recordings: files made by ffmpeg from a virtual camera, whole and damaged. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { startVirtualCameras, type VirtualCamera, type VirtualCameras } from '../virtual-camera/index.ts';
import { checkRecordings } from './recording/check.ts';
import { type ProbedVideo, probeSource } from './recording/probe.ts';

const run = promisify(execFile);
const DAY = 'cam1/2026-11-22';

describe('the check of recordings', { timeout: 120_000 }, () => {
  let cameras: VirtualCameras;
  let camera: VirtualCamera;
  let source: ProbedVideo;
  let base: string;
  let folder: string;
  let whole: string;

  const ffmpeg = (...args: string[]) => run('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...args]);
  const fragmented = ['-c', 'copy', '-movflags', '+frag_keyframe+empty_moov', '-f', 'mp4'];
  const check = () => checkRecordings({ folder, source, fps: camera.fps, frames: camera.frames('sub') });
  const file = (time: string) => join(folder, DAY, `cam1_sub_20261122T${time}Z.mp4`);

  before(async () => {
    cameras = await startVirtualCameras({ cameras: [{ name: 'Bench', port: 0, startAtKey: true }] });
    [camera] = cameras.cameras as [VirtualCamera];
    source = await probeSource(camera.rtspUrl('sub'));
    base = await mkdtemp(join(tmpdir(), 'walleye-bench-'));
    folder = join(base, 'recordings');
    whole = join(base, 'whole.mp4');
    const input = ['-rtsp_transport', 'tcp', '-t', '5', '-i', camera.rtspUrl('sub')];
    await ffmpeg(...input, ...fragmented, whole);
  });
  beforeEach(async () => {
    await rm(folder, { recursive: true, force: true });
    await mkdir(join(folder, DAY), { recursive: true });
  });
  after(async () => {
    await cameras?.close();
    await rm(base, { recursive: true, force: true });
  });

  it('finds nothing wrong with a whole one', async () => {
    await writeFile(file('024512.000'), await readFile(whole));
    const { files, pictures, ...faults } = await check();
    assert.equal(files, 1);
    assert.ok(pictures > 60, `${pictures} pictures`);
    assert.deepEqual(faults, { unreadable: 0, repeated: 0, unplayable: [], unlikeSource: [], gaps: [] });
  });

  it('counts pictures that were left out', async () => {
    // The last two of a group: the others can be decoded without them.
    await ffmpeg('-i', whole, '-bsf:v', 'noise=drop=between(n\\,28\\,29)', ...fragmented, file('024512.000'));
    const { gaps, unplayable } = await check();
    assert.deepEqual(unplayable, []);
    assert.deepEqual(
      gaps.map(({ camera: of, pictures }) => [of, pictures]),
      [['cam1', 2]],
    );
  });

  it('counts what is missing between two files, and what is in both', async () => {
    await ffmpeg('-i', whole, '-t', '1', ...fragmented, file('024512.000'));
    await ffmpeg('-ss', '3', '-i', whole, ...fragmented, file('024515.000'));
    const [gap] = (await check()).gaps;
    assert.ok(gap && gap.pictures >= 28 && gap.pictures <= 31, JSON.stringify(gap));
    await writeFile(file('024515.000'), await readFile(whole));
    assert.equal((await check()).repeated, 1);
  });

  it('says that a file cannot be played, and that one is not what the camera sent', async () => {
    const bytes = await readFile(whole);
    const middle = Math.floor(bytes.length / 2);
    bytes.fill(0x55, middle, middle + 4_000);
    await writeFile(file('024512.000'), bytes);
    assert.equal((await check()).unplayable.length, 1);
    await ffmpeg('-i', whole, '-s', '320x180', '-f', 'mp4', file('024512.000'));
    assert.match((await check()).unlikeSource.join(), /of the source/);
    await ffmpeg('-itsscale', '1.1', '-i', whole, ...fragmented, file('024512.000'));
    assert.match((await check()).unlikeSource.join(), /13\.\d+ pictures a second, of the source 15/);
  });
});
