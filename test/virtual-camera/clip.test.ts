import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Clip, prepareClips, toClip } from './clip.ts';
import { type ClipParameters, findEncoderTools } from './encode.ts';

const SMALL: ClipParameters = {
  title: 'Joe\'s 50% "door": a,b',
  scene: 'hall',
  hue: 30,
  width: 320,
  height: 180,
  fps: 15,
  frames: 30,
  gopFrames: 15,
  slices: 2,
};

describe('clip', () => {
  let cacheDir: string;
  let encodings = 0;
  const options = () => ({
    cacheDir,
    tools: () => {
      encodings++;
      return findEncoderTools(() => {});
    },
  });
  before(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), 'virtual-camera-test-'));
  });
  after(() => rm(cacheDir, { recursive: true, force: true }));

  it('is encoded once, also when two callers want it at once, and read from the cache afterwards', async () => {
    const [[first], [second]] = await Promise.all([
      prepareClips([SMALL], options()),
      prepareClips([SMALL], options()),
    ]);
    assert.ok(encodings <= 2);
    encodings = 0;
    const [cached, same] = await prepareClips([SMALL, { ...SMALL }], options());
    assert.equal(encodings, 0);
    assert.equal(cached, same);
    assert.deepEqual(cached!.frames.length, 30);
    const bytes = (clip: Clip | undefined) =>
      Buffer.concat(clip!.frames.flatMap(({ packets }) => packets)).length;
    assert.ok(bytes(cached) === bytes(first) || bytes(cached) === bytes(second));
    assert.deepEqual((await readdir(cacheDir)).length, 1);
  });

  it('has a key frame with in-band parameter sets at every GOP and two slices a picture', async () => {
    const [clip] = await prepareClips([SMALL], options());
    clip!.frames.forEach(({ key, packets }, i) => {
      assert.equal(key, i % 15 === 0);
      assert.ok(packets.at(-1)![1]! & 0x80, 'marker');
      assert.equal(
        packets.slice(0, -1).some((packet) => packet[1]! & 0x80),
        false,
      );
      if (key) assert.ok([24, 7].includes(packets[0]![12]! & 0x1f));
    });
    assert.match(clip!.sdp.join('\n'), /^m=video 0 RTP\/AVP 96\na=rtpmap:96 H264\/90000\na=fmtp:96 .*sprop/);
  });

  it('is made again when its cache file is damaged', async () => {
    const [name] = await readdir(cacheDir);
    const whole = await readFile(join(cacheDir, name!));
    await writeFile(join(cacheDir, name!), whole.subarray(0, whole.length - 5));
    encodings = 0;
    await prepareClips([SMALL], options());
    assert.equal(encodings, 1);
  });

  it('refuses packets with one missing', async () => {
    const [clip] = await prepareClips([SMALL], options());
    const packets = clip!.frames.flatMap((frame) => frame.packets);
    const sdp = clip!.sdp.join('\r\n');
    assert.equal(toClip(SMALL, { sdp, packets }).frames.length, 30);
    for (const at of [3, packets.length - 1]) {
      assert.throws(() => toClip(SMALL, { sdp, packets: packets.filter((_, i) => i !== at) }), /lost|marker/);
    }
  });
});
