import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { before, describe, it, type TestContext } from 'node:test';
import pino from 'pino';
import { type FfmpegBinary, findFfmpeg } from '../../daemon/decode/ffmpegChoice.ts';
import { RenditionDecoder, type RenditionDecoderOptions } from '../../daemon/decode/renditionDecoder.ts';
import { probeSandbox, type Sandbox } from '../../daemon/decode/sandbox.ts';
import type { AccessUnit, JpegFrame } from '../../daemon/frame.ts';
import { bare, binaryAt, makeScript, software } from './fakes.ts';
import { makeCountingStream, makeH265, makeStream, readCount, until } from './streams.ts';

const log = pino({ level: 'silent' });

let ffmpeg: FfmpegBinary;
let sandbox: Sandbox;
let units: AccessUnit[];

before(async () => {
  ffmpeg = await findFfmpeg({});
  sandbox = await probeSandbox({ program: ffmpeg.path });
  units = await makeCountingStream({ frames: 100, gop: 25 });
});

interface Running {
  decoder: RenditionDecoder;
  pictures: JpegFrame[];
  /** What `gop()` answers. */
  gop: AccessUnit[];
  stop: () => Promise<void>;
}

/** A decoder that runs until the test ends. */
function start(
  t: TestContext,
  changes: Partial<RenditionDecoderOptions> = {},
  gop: AccessUnit[] = [],
): Running {
  const pictures: JpegFrame[] = [];
  const running = { gop } as Running;
  const decoder = new RenditionDecoder({
    rendition: { quality: 75 },
    ffmpeg,
    decoder: software,
    sandbox,
    gop: () => running.gop,
    sourceFps: () => 15,
    picture: (frame) => pictures.push(frame),
    log,
    ...changes,
  });
  const controller = new AbortController();
  const ended = decoder.run(controller.signal);
  const stop = () => {
    controller.abort();
    return ended;
  };
  t.after(stop);
  return Object.assign(running, { decoder, pictures, stop });
}

/** Feeds units one by one, each after the picture of the one before has come. */
async function feedSlowly({ decoder, pictures }: Running, some: readonly AccessUnit[]): Promise<void> {
  for (const unit of some) {
    const before = pictures.length;
    decoder.feed(unit);
    await until(() => pictures.length > before, `the picture of unit ${unit.receivedAt}`);
  }
}

/** Each JPEG shows the very unit whose time it carries. */
function assertInOrder(pictures: readonly JpegFrame[]): void {
  for (const { data, receivedAt } of pictures) assert.equal(readCount(data).count, receivedAt);
}

describe('RenditionDecoder', () => {
  it('gives a picture for each unit, and each comes before the next unit is written', async (t) => {
    const running = start(t);
    await feedSlowly(running, units.slice(0, 60));
    assert.equal(running.pictures.length, 60);
    assert.deepEqual(
      running.pictures.map(({ sequence }) => sequence),
      Array.from({ length: 60 }, (_, index) => index + 1),
    );
    assertInOrder(running.pictures);
    const { fed, frames, restarts, droppedUnits } = running.decoder.status;
    assert.deepEqual(
      { fed, frames, restarts, droppedUnits },
      { fed: 60, frames: 60, restarts: 0, droppedUnits: 0 },
    );
  });

  it('shows of the group of pictures at start exactly the first and the last, then every unit', async (t) => {
    const running = start(t, {}, units.slice(0, 20));
    await until(() => running.pictures.length === 2, 'first and last of the burst');
    // The newest unit again, as the stream's owner may do.
    running.decoder.feed(units[19]!);
    await feedSlowly(running, units.slice(20, 24));
    assert.deepEqual(
      running.pictures.map(({ receivedAt }) => receivedAt),
      [0, 19, 20, 21, 22, 23],
    );
    assertInOrder(running.pictures);
  });

  it('lets exactly the share of the frame-rate limit through', async (t) => {
    const running = start(t, { rendition: { quality: 75, fps: 3 } }, units.slice(0, 5));
    await until(() => running.pictures.length === 2, 'first and last of the burst');
    for (const unit of units.slice(5, 80)) running.decoder.feed(unit);
    // 75 units at 3 of 15: 15 pictures, the last of the last five.
    await until(() => running.pictures.length >= 17, 'the pictures of 75 units');
    assert.deepEqual(
      running.pictures.map(({ receivedAt }) => receivedAt),
      [0, 4, ...Array.from({ length: 15 }, (_, index) => 9 + index * 5)],
    );
    assertInOrder(running.pictures);
  });

  it('leaves out what the box leaves out, of rate and size, and gives it back', async (t) => {
    let step = { fps: 1, size: 1 };
    const running = start(t, { step: () => step }, units.slice(0, 5));
    const widths = () => running.pictures.map(({ data }) => readCount(data).width);
    await until(() => running.pictures.length === 2, 'first and last of the burst');
    const [width = 0] = widths();
    step = { fps: 1 / 3, size: 1 / 2 };
    running.gop = units.slice(25, 30);
    running.decoder.stepped();
    await until(() => running.pictures.length === 4, 'those of the next child');
    for (const unit of units.slice(30, 50)) running.decoder.feed(unit);
    // 20 units at 5 of 15.
    await until(() => running.pictures.length >= 10, 'the pictures of 20 units');
    assert.deepEqual(widths(), [width, width, ...Array(8).fill(width / 2)]);
    assert.deepEqual(
      running.pictures.slice(2).map(({ receivedAt }) => receivedAt),
      [25, 29, 33, 36, 39, 42, 45, 48],
    );
    step = { fps: 1, size: 1 };
    running.gop = units.slice(50, 52);
    running.decoder.stepped();
    await until(() => running.pictures.length === 12, 'those of the last child');
    assert.equal(widths().at(-1), width);
    assert.equal(running.decoder.status.lastError, null);
  });

  it('fits the picture inside the asked size and never enlarges it', async (t) => {
    const smaller = start(t, { rendition: { width: 80, height: 80, quality: 75 } });
    const same = start(t, { rendition: { width: 1000, height: 1000, quality: 75 } });
    await Promise.all([feedSlowly(smaller, units.slice(0, 1)), feedSlowly(same, units.slice(0, 1))]);
    assert.deepEqual(readCount(smaller.pictures[0]!.data), { count: 0, width: 80, height: 48 });
    assert.deepEqual(readCount(same.pictures[0]!.data), { count: 0, width: 160, height: 96 });
  });

  it('waits for a key unit when it joins in the middle of a group of pictures', async (t) => {
    const running = start(t);
    for (const unit of units.slice(3, 25)) running.decoder.feed(unit);
    assert.equal(running.decoder.status.pid, null);
    await feedSlowly(running, units.slice(25, 30));
    assert.deepEqual(
      running.pictures.map(({ receivedAt }) => receivedAt),
      [25, 26, 27, 28, 29],
    );
  });

  it('starts anew when the parameter sets change, and the output size follows', async (t) => {
    const larger = await makeCountingStream({ frames: 5, gop: 5, width: 320, height: 160 });
    const running = start(t);
    await feedSlowly(running, units.slice(0, 3));
    const pid = running.decoder.status.pid;
    running.gop = [larger[0]!];
    await feedSlowly(running, larger);
    assert.equal(readCount(running.pictures[2]!.data).width, 160);
    assert.deepEqual(readCount(running.pictures[3]!.data), { count: 0, width: 320, height: 160 });
    assert.notEqual(running.decoder.status.pid, pid);
    assert.equal(running.decoder.status.restarts, 1);
    assert.equal(running.decoder.status.lastError, null);
    assert.deepEqual(
      running.pictures.map(({ sequence }) => sequence),
      [1, 2, 3, 4, 5, 6, 7, 8],
    );
  });

  it('gives pictures again after its child was killed, beginning with the group of pictures', async (t) => {
    const running = start(t);
    await feedSlowly(running, units.slice(0, 5));
    const { pid } = running.decoder.status;
    running.gop = units.slice(0, 5);
    process.kill(pid!, 'SIGKILL');
    await until(() => running.pictures.length >= 7, 'first and last picture of the new child');
    await feedSlowly(running, units.slice(5, 8));
    assert.deepEqual(
      running.pictures.map(({ receivedAt }) => receivedAt),
      [0, 1, 2, 3, 4, 0, 4, 5, 6, 7],
    );
    assert.equal(running.decoder.status.restarts, 1);
    assert.equal(running.decoder.status.lastError?.code, 'crashed');
    assert.equal(existsSync(`/proc/${pid}`), false);
  });

  it('leaves no process after abort', async (t) => {
    const running = start(t);
    await feedSlowly(running, units.slice(0, 2));
    const pid = running.decoder.status.pid;
    await running.stop();
    assert.equal(existsSync(`/proc/${pid}`), false);
    assert.equal(running.decoder.status.pid, null);
  });

  it('kills a child that is fed but stays silent for 3 s, and says so', async (t) => {
    const swallows = await makeScript(t, 'exec cat > /dev/null');
    const running = start(t, { ffmpeg: binaryAt(swallows), sandbox: bare }, units.slice(0, 3));
    await until(() => running.decoder.status.pid !== null, 'the child');
    const { pid } = running.decoder.status;
    for (const unit of units.slice(3, 12)) running.decoder.feed(unit);
    await until(() => running.decoder.status.restarts > 0, 'a restart');
    assert.equal(running.decoder.status.lastError?.code, 'hung');
    assert.equal(existsSync(`/proc/${pid}`), false);
  });

  it('gives a decoder that starts slowly the time that it needs, in the end', async (t) => {
    const slow = await makeScript(t, `sleep 4.5; exec ${ffmpeg.path} "$@"`);
    const running = start(t, { ffmpeg: { ...ffmpeg, path: slow }, sandbox: bare }, units.slice(0, 3));
    await until(() => running.decoder.status.pid !== null, 'the child');
    let next = 3;
    const feeding = setInterval(() => running.decoder.feed(units[next++ % units.length]!), 100);
    t.after(() => clearInterval(feeding));
    await until(() => running.pictures.length > 0, 'a picture');
    assert.equal(running.decoder.status.restarts, 1);
  });

  it('leaves a silent child alone while the camera sends nothing', async (t) => {
    const swallows = await makeScript(t, 'exec cat > /dev/null');
    const running = start(t, { ffmpeg: binaryAt(swallows), sandbox: bare }, units.slice(0, 3));
    await until(() => running.decoder.status.pid !== null, 'the child');
    running.decoder.feed(units[3]!);
    await new Promise((resolve) => setTimeout(resolve, 4000));
    assert.equal(running.decoder.status.restarts, 0);
  });

  it('slows down when each child crashes, and tells what the child said', async (t) => {
    const crashes = await makeScript(t, 'echo "no such thing as a decoder" >&2; exit 3');
    const running = start(t, { ffmpeg: binaryAt(crashes), sandbox: bare }, units.slice(0, 3));
    await until(() => running.decoder.status.restarts >= 3, 'three restarts');
    await new Promise((resolve) => setTimeout(resolve, 1000));
    // At 0, 0.2, 0.6, 1.4 s after the first; a loop without back-off would be at hundreds.
    assert.ok(running.decoder.status.restarts <= 5);
    assert.deepEqual(running.decoder.status.lastError, {
      code: 'crashed',
      message: 'The decoder ended with status 3: no such thing as a decoder',
    });
  });

  it('reports a program that cannot be started', async (t) => {
    const running = start(t, { ffmpeg: binaryAt('/nonexistent/ffmpeg'), sandbox: bare }, units.slice(0, 3));
    await until(() => running.decoder.status.lastError !== null, 'an error');
    assert.equal(running.decoder.status.lastError?.code, 'spawn_failed');
    assert.equal(running.decoder.status.pid, null);
  });

  it('falls back to software after three hardware failures in a row, and reports it', async (t) => {
    // Hardware arguments fail as without the device; software arguments run the real ffmpeg.
    const script = await makeScript(
      t,
      `case "$*" in *vaapi*) echo "Failed setup for format vaapi: hwaccel initialisation returned error." >&2; exit 1;; esac; exec ${ffmpeg.path} "$@"`,
    );
    const running = start(
      t,
      {
        ffmpeg: { ...ffmpeg, path: script },
        sandbox: bare,
        decoder: { ...software, chosen: 'vaapi', device: '/dev/dri/renderD128' },
      },
      units.slice(0, 3),
    );
    assert.equal(running.decoder.status.hwaccel, 'vaapi');
    await until(() => running.pictures.length >= 2, 'pictures from software');
    const { hwaccel, fallback, restarts } = running.decoder.status;
    assert.deepEqual({ hwaccel, fallback, restarts }, { hwaccel: 'software', fallback: true, restarts: 3 });
  });

  it('decodes in software at once what the hardware that was chosen does not decode', async (t) => {
    const decoder = {
      ...software,
      chosen: 'vaapi',
      device: '/dev/dri/renderD128',
      codecs: ['h264'],
    } as const;
    const running = start(t, { decoder });
    const h265 = await makeH265(10);
    await feedSlowly(running, h265);
    const { hwaccel, restarts, fallback, lastError } = running.decoder.status;
    assert.deepEqual([hwaccel, restarts, fallback, lastError], ['software', 0, false, null]);
  });

  it('reports a child that decodes in software silently although hardware was asked for', async (t) => {
    const script = await makeScript(
      t,
      'echo "Format yuv420p chosen by get_format()." >&2; exec cat > /dev/null',
    );
    const running = start(
      t,
      { ffmpeg: binaryAt(script), sandbox: bare, decoder: { ...software, chosen: 'vaapi' } },
      units.slice(0, 3),
    );
    await until(() => running.decoder.status.fallback, 'the fallback');
    assert.equal(running.decoder.status.hwaccel, 'vaapi');
  });

  it('drops to the next key unit while its child is behind, and then shows the right units again', async (t) => {
    const plain = await probeSandbox({ only: 'plain' });
    const running = start(t, { sandbox: plain });
    await feedSlowly(running, units.slice(0, 5));
    const pid = running.decoder.status.pid!;
    process.kill(pid, 'SIGSTOP');
    for (const unit of units.slice(5, 10)) running.decoder.feed(unit);
    await new Promise((resolve) => setTimeout(resolve, 1300));
    for (const unit of units.slice(10, 28)) running.decoder.feed(unit);
    assert.equal(running.decoder.status.droppedUnits, 18);
    process.kill(pid, 'SIGCONT');
    await until(() => running.pictures.length === 10, 'what had been written');
    for (const unit of units.slice(28, 50)) running.decoder.feed(unit);
    assert.equal(running.decoder.status.droppedUnits, 40);
    await feedSlowly(running, units.slice(50, 60));
    assert.equal(running.decoder.status.restarts, 0);
    assertInOrder(running.pictures);
    assert.equal(running.pictures.at(-1)?.receivedAt, 59);
  });

  it('finds back to the right times after the decoder swallowed a unit', async (t) => {
    const running = start(t);
    await feedSlowly(running, units.slice(0, 5));
    // A slice that nobody can decode: ffmpeg gives no picture for it.
    const broken = { ...units[5]!, data: Buffer.from('00000001410000', 'hex'), receivedAt: 99 };
    running.decoder.feed(broken);
    const end = performance.now() + 20_000;
    let next = 5;
    let right = false;
    // Pictures keep coming all the while; only their times are those of the unit before.
    while (!right && performance.now() < end) {
      const unit = units[25 + (next++ % 50)]!;
      const before = running.pictures.length;
      running.decoder.feed(unit);
      await until(() => running.pictures.length > before, 'a picture');
      const picture = running.pictures.at(-1)!;
      right = picture.receivedAt === unit.receivedAt && readCount(picture.data).count === unit.receivedAt;
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    assert.ok(right);
    assert.ok(next > 6, 'the swallowed unit must have shifted the times at first');
  });

  it('runs its child with lowered priority and bounds, in the sandbox', async (t) => {
    const running = start(t);
    await feedSlowly(running, units.slice(0, 1));
    const { pid } = running.decoder.status;
    assert.equal((await readFile(`/proc/${pid}/oom_score_adj`, 'utf8')).trim(), '500');
    assert.match(await readFile(`/proc/${pid}/limits`, 'utf8'), /Max open files\s+64\s+64/);
    assert.match(await readFile(`/proc/${pid}/limits`, 'utf8'), /Max core file size\s+0\s+0/);
    // Field 19 of stat, counted behind the command's closing bracket: the nice value.
    const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]!.split(' ');
    assert.equal(fields[16], '5');
  });

  it('takes no frame longer when the picture moves and the sequence parameter set says nothing of reordering', async (t) => {
    const moving = await makeStream({ width: 320, height: 192, fps: 15, frames: 20, gop: 10, x264: 'ref=4' });
    const silent = moving.map((unit) => (unit.key ? withoutVui(unit) : unit));
    const running = start(t);
    await feedSlowly(running, silent);
    assert.equal(running.pictures.length, 20);
  });
});

/** Cuts the VUI off a baseline or main SPS: many cameras send none, so the decoder must guess how many pictures to keep back. */
function withoutVui(unit: AccessUnit): AccessUnit {
  const sps = unit.video.parameterSets[0]!;
  const bits = [...sps.subarray(1)]
    .filter((byte, i, all) => !(byte === 3 && all[i - 1] === 0 && all[i - 2] === 0))
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
  let at = 24;
  const skip = (count: number) => {
    at += count;
    return bits.slice(at - count, at);
  };
  const golomb = () => {
    const zeros = bits.indexOf('1', at) - at;
    skip(zeros);
    return Number.parseInt(skip(zeros + 1), 2) - 1;
  };
  golomb(); // seq_parameter_set_id
  golomb(); // log2_max_frame_num_minus4
  if (golomb() === 0) golomb(); // pic_order_cnt_type
  golomb(); // max_num_ref_frames
  skip(1);
  golomb();
  golomb();
  assert.equal(skip(1), '1', 'progressive');
  skip(1);
  assert.equal(skip(1), '0', 'not cropped');
  assert.equal(skip(1), '1', 'there must be a VUI to cut off');
  const cut = `${bits.slice(0, at - 1)}01`;
  const bytes = cut.padEnd(Math.ceil(cut.length / 8) * 8, '0').match(/.{8}/g)!;
  const short = Buffer.from([sps[0]!, ...bytes.map((byte) => Number.parseInt(byte, 2))]);
  assert.ok(!short.includes(Buffer.of(0, 0)), 'no emulation prevention needed');
  return { ...unit, data: Buffer.concat([Buffer.of(0, 0, 0, 1), short, unit.data.subarray(4 + sps.length)]) };
}
