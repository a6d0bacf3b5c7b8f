/** Sources that ffmpeg takes apart, with real ffmpegs on both sides: as servers that send FLV and MPEG-TS, and as the remuxer. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { sandboxedRemuxer } from '../../../daemon/camera/sandboxedRemuxer.ts';
import { findFfmpeg } from '../../../daemon/decode/ffmpegChoice.ts';
import { framed, PIPE_FORMAT, pipeHead } from '../../../daemon/decode/pipeFormat.ts';
import { probeSandbox } from '../../../daemon/decode/sandbox.ts';
import type { AccessUnit, AudioFrame } from '../../../daemon/frame.ts';
import { IngestError } from '../../../daemon/ingest/ingestError.ts';
import { openSource } from '../../../daemon/ingest/openSource.ts';
import type { Remuxer } from '../../../daemon/ingest/remux/remuxer.ts';
import type { SourceSession } from '../../../daemon/ingest/sourceSession.ts';
import { freePort } from '../../network/freePort.ts';
import { until } from '../until.ts';

const log = pino({ level: 'silent' });
const FPS = 10;
const PICTURES = ['-f', 'lavfi', '-i', `testsrc2=size=320x240:rate=${FPS}`];
const SOUND = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=44100'];
// As they come: nothing is left out, nothing doubled to keep a rate.
const H264 = [
  '-vsync',
  'passthrough',
  '-c:v',
  'libx264',
  '-preset',
  'ultrafast',
  '-pix_fmt',
  'yuv420p',
  '-g',
  String(FPS),
];

let folder: string;
let remuxer: Promise<Remuxer>;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'walleye-remux-'));
  const ffmpeg = await findFfmpeg({});
  remuxer = sandboxedRemuxer(probeSandbox({ program: ffmpeg.path }).then((sandbox) => ({ ffmpeg, sandbox })));
});
after(() => rmSync(folder, { recursive: true, force: true }));

interface Running {
  session: SourceSession;
  units: AccessUnit[];
  frames: AudioFrame[];
  ended: Promise<'ended' | 'aborted' | IngestError>;
  stop: () => Promise<unknown>;
}

function start(t: TestContext, url: string, login: { username?: string; password?: string } = {}): Running {
  const units: AccessUnit[] = [];
  const frames: AudioFrame[] = [];
  const controller = new AbortController();
  const session = openSource(
    { url, transport: 'auto', log, remuxer, ...login },
    { playing: () => {}, accessUnit: (unit) => units.push(unit), audioFrame: (frame) => frames.push(frame) },
  );
  const ended = session.run(controller.signal).catch((error: unknown) => {
    assert.ok(error instanceof IngestError, String(error));
    return error;
  });
  const stop = () => {
    controller.abort();
    return ended;
  };
  t.after(stop);
  return { session, units, frames, ended, stop };
}

/** A server of live video over HTTP, of as many viewers as come: each has an ffmpeg of its own. */
async function server(
  t: TestContext,
  args: readonly string[],
): Promise<{ url: string; cut: () => void; asked: () => number }> {
  const children = new Set<ChildProcess>();
  let asked = 0;
  const http = createServer((_, response) => {
    asked++;
    const child = spawn('ffmpeg', ['-v', 'error', '-re', ...args, 'pipe:1'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.add(child);
    response.on('close', () => child.kill('SIGKILL'));
    child.stdout?.pipe(response);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const cut = () => http.closeAllConnections();
  t.after(() => {
    cut();
    http.close();
    for (const child of children) child.kill('SIGKILL');
  });
  return {
    url: `http://127.0.0.1:${(http.address() as { port: number }).port}/live`,
    cut,
    asked: () => asked,
  };
}

async function failure({ ended }: Running): Promise<IngestError> {
  const end = await ended;
  assert.ok(end instanceof IngestError, `it ended: ${end}`);
  return end;
}

/** What ffprobe counts when these access units are decoded. */
function decoded(units: readonly AccessUnit[]): { frames: number; codec: string } {
  const [first] = units;
  assert.ok(first);
  const { codec } = first.video;
  const format = codec === 'mjpeg' ? 'mjpeg' : codec === 'hevc' ? 'hevc' : 'h264';
  const out = execFileSync(
    'ffprobe',
    [...['-v', 'error', '-count_frames', '-f', format, '-i', 'pipe:0'], ...['-of', 'json', '-show_streams']],
    { input: Buffer.concat(units.map(({ data }) => data)), encoding: 'utf8' },
  );
  const [stream] = JSON.parse(out).streams;
  return { frames: Number(stream.nb_read_frames), codec: stream.codec_name };
}

function isInStep(units: readonly AccessUnit[], fps: number): void {
  const times = units.map(({ mediaTime }) => mediaTime).sort((a, b) => a - b);
  for (const [i, time] of times.entries())
    if (i > 0) assert.ok(Math.abs(time - times[i - 1]! - 1000 / fps) < 2, `${times[i - 1]} → ${time}`);
}

describe('video over HTTP in a container without end', { timeout: 120_000 }, () => {
  it('FLV with AAC (Reolink’s /flv): every picture, in step, decodable, with its sound', async (t) => {
    const { url } = await server(t, [...PICTURES, ...SOUND, ...H264, '-c:a', 'aac', '-f', 'flv']);
    const running = start(t, url);
    const { units, frames, session } = running;
    await until(() => units.length >= 3 * FPS && frames.length > 60, 'three seconds');
    const { video } = units[0]!;
    assert.deepEqual([video.codec, video.width, video.height], ['h264', 320, 240]);
    assert.equal(units[0]!.key, true);
    assert.equal(units[0]!.mediaTime, 0);
    assert.ok(units.every((unit) => unit.video === video));
    assert.equal(units.filter(({ key }) => key).length, Math.ceil(units.length / FPS));
    isInStep(units, FPS);
    assert.deepEqual(decoded(units), { frames: units.length, codec: 'h264' });
    const { audio } = frames[0]!;
    assert.deepEqual([audio.codec, audio.sampleRate, audio.codecString], ['aac', 44_100, 'mp4a.40.2']);
    assert.ok(frames.every((frame, i) => i === 0 || frame.mediaTime > frames[i - 1]!.mediaTime));
    assert.ok(Math.abs(frames.at(-1)!.mediaTime - units.at(-1)!.mediaTime) < 500);
    assert.deepEqual([session.hasAudio, session.audio, session.canPause], [true, audio, false]);
    assert.ok(session.counters.bytes_received > 10_000);
    assert.equal(await running.stop(), 'aborted');
  });

  it('FLV with B pictures: shown in their own order', async (t) => {
    const { url } = await server(t, [...PICTURES, ...H264, '-preset', 'medium', '-bf', '2', '-f', 'flv']);
    const { units } = start(t, url);
    await until(() => units.length >= 3 * FPS, 'three seconds');
    assert.ok(
      units.some(({ mediaTime }, i) => i > 0 && mediaTime < units[i - 1]!.mediaTime),
      'none is one',
    );
    isInStep(units.slice(0, 2 * FPS + 1), FPS);
  });

  it('MPEG-TS of H.265 with Opus is taken as it is', async (t) => {
    const { url } = await server(t, [
      ...[
        ...PICTURES,
        ...SOUND,
        '-c:v',
        'libx265',
        '-preset',
        'ultrafast',
        '-x265-params',
        `keyint=${FPS}:log-level=none`,
      ],
      ...['-pix_fmt', 'yuv420p', '-c:a', 'libopus', '-f', 'mpegts'],
    ]);
    const { units, frames } = start(t, url);
    await until(() => units.length >= 2 * FPS && frames.length > 60, 'two seconds', 30_000);
    assert.deepEqual(decoded(units), { frames: units.length, codec: 'hevc' });
    assert.equal(frames[0]!.audio.codec, 'opus');
  });

  it('MPEG-TS of H.264 with AAC: the sound comes as it is, without its headers', async (t) => {
    const { url, asked } = await server(t, [...PICTURES, ...SOUND, ...H264, '-c:a', 'aac', '-f', 'mpegts']);
    const { units, frames } = start(t, url);
    await until(() => units.length >= 2 * FPS && frames.length > 60, 'two seconds');
    const { audio } = frames[0]!;
    assert.deepEqual([audio.codec, audio.channels, audio.config?.toString('hex')], ['aac', 1, '1208']);
    assert.ok(frames.every(({ data }) => data.readUInt16BE(0) >> 4 !== 0xfff));
    assert.equal(asked(), 1);
    isInStep(units, FPS);
  });

  it('sound that MP4 cannot hold is coded anew: G.711 in FLV', async (t) => {
    const { url, asked } = await server(t, [
      ...[...PICTURES, ...SOUND, ...H264, '-c:a', 'pcm_alaw', '-ar', '8000', '-ac', '1', '-f', 'flv'],
    ]);
    const { units, frames } = start(t, url);
    await until(() => units.length >= FPS && frames.length > 5, 'pictures and sound');
    assert.equal(frames[0]!.audio.codec, 'aac');
    assert.equal(asked(), 2);
  });

  it('ends with an error when the server ends it', async (t) => {
    const { url, cut } = await server(t, [...PICTURES, ...H264, '-f', 'flv']);
    const running = start(t, url);
    await until(() => running.units.length > 2, 'pictures');
    cut();
    assert.equal((await failure(running)).code, 'closed');
  });

  it('what is none of what is taken: MPEG-2', async (t) => {
    const { url } = await server(t, [...PICTURES, '-c:v', 'mpeg2video', '-f', 'mpegts']);
    const error = await failure(start(t, url));
    assert.equal(error.code, 'unsupported');
    assert.match(
      error.message,
      /its pictures are mp4v: H\.264, H\.265, JPEG, MPEG-4 part 2, VP9 and AV1 are taken/,
    );
  });
});

describe('HLS', { timeout: 120_000 }, () => {
  const login = `Basic ${Buffer.from('admin:secret').toString('base64')}`;
  for (const [name, args] of [
    ['of MPEG-TS', []],
    ['of MP4', ['-hls_segment_type', 'fmp4', '-hls_fmp4_init_filename', 'head.mp4']],
  ] as const)
    it(`${name}, live, behind a login: every picture, in step, at its own pace, with its sound`, async (t) => {
      const live = mkdtempSync(join(folder, 'hls-'));
      const coder = spawn(
        'ffmpeg',
        [
          ...[
            '-v',
            'error',
            '-re',
            ...PICTURES,
            ...SOUND,
            ...H264,
            '-c:a',
            'aac',
            '-f',
            'hls',
            '-hls_time',
            '1',
          ],
          ...['-hls_list_size', '4', '-hls_flags', 'delete_segments', '-master_pl_name', 'all.m3u8', ...args],
          join(live, 'live.m3u8'),
        ],
        { stdio: 'ignore' },
      );
      t.after(() => coder.kill('SIGKILL'));
      const http = createServer(({ url = '', headers }, response) => {
        if (headers.authorization !== login)
          return response.writeHead(401, { 'www-authenticate': 'Basic realm="camera"' }).end();
        const file = join(live, url.slice(1));
        if (!existsSync(file)) return response.writeHead(404).end();
        return createReadStream(file).pipe(response);
      });
      http.listen(0, '127.0.0.1');
      await once(http, 'listening');
      t.after(() => {
        http.closeAllConnections();
        http.close();
      });
      await until(
        () => existsSync(join(live, 'live.m3u8')) && existsSync(join(live, 'all.m3u8')),
        'it is live',
      );
      const { port } = http.address() as { port: number };
      const { units, frames, session } = start(t, `http://admin:secret@127.0.0.1:${port}/all.m3u8`);
      await until(() => units.length > FPS, 'a second');
      const from = { pictures: units.length, at: performance.now() };
      await until(() => units.length > 6 * FPS && frames.length > 150, 'six seconds', 40_000);
      const pace = (units.length - from.pictures) / ((performance.now() - from.at) / 1000);
      assert.ok(pace < 1.5 * FPS, `${pace} pictures a second`);
      isInStep(units, FPS);
      assert.equal(decoded(units).frames, units.length);
      assert.deepEqual([session.hasAudio, session.loginWorked], [true, true]);
    });

  it('that is encrypted, or a web page: an error that says so', async (t) => {
    const http = createServer((_, response) =>
      response.end('#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-KEY:METHOD=AES-128,URI="k"\n#EXTINF:4,\na.ts\n'),
    );
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    t.after(() => http.close());
    const error = await failure(
      start(t, `http://127.0.0.1:${(http.address() as { port: number }).port}/x.m3u8`),
    );
    assert.equal(error.code, 'unsupported');
    assert.match(error.message, /it is encrypted/);
  });
});

describe('a video file of this machine', { timeout: 120_000 }, () => {
  it('plays again and again at its own speed, with its sound', async (t) => {
    const file = join(folder, 'Söhne & Töchter #1.mp4');
    execFileSync('ffmpeg', [
      '-v',
      'error',
      '-y',
      ...PICTURES,
      ...SOUND,
      ...H264,
      '-c:a',
      'aac',
      '-t',
      '1',
      file,
    ]);
    const { units, frames, session } = start(
      t,
      `file://${file.split('/').map(encodeURIComponent).join('/')}`,
    );
    const began = performance.now();
    await until(() => units.length >= 4 * FPS, 'four rounds');
    assert.ok(performance.now() - began > 2_500, 'at its own speed');
    // Between two rounds: what the sound is longer than the pictures.
    for (let round = 0; round < 4; round++) isInStep(units.slice(round * FPS, (round + 1) * FPS), FPS);
    assert.ok(units.every((unit, i) => i === 0 || unit.mediaTime - units[i - 1]!.mediaTime < 150));
    assert.equal(decoded(units.slice(0, 4 * FPS)).frames, 4 * FPS);
    assert.ok(frames.length > 100);
    assert.equal(session.hasAudio, true);
  });

  for (const [codec, name, coder] of [
    ['mpeg4', 'old.avi', ['-c:v', 'mpeg4', '-b:v', '300k']],
    ['vp9', 'web.mkv', ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-b:v', '300k']],
    ['av1', 'new.mp4', ['-c:v', 'libaom-av1', '-usage', 'realtime', '-cpu-used', '8', '-lag-in-frames', '0']],
  ] as const)
    it(`of ${codec} (${name})`, async (t) => {
      const file = join(folder, name);
      execFileSync('ffmpeg', [
        '-v',
        'error',
        '-y',
        ...PICTURES,
        '-pix_fmt',
        'yuv420p',
        ...coder,
        '-g',
        String(FPS),
        '-t',
        '1',
        file,
      ]);
      const { units } = start(t, `file://${file}`);
      await until(() => units.length >= FPS + 2, 'more than a round');
      isInStep(units.slice(0, FPS), FPS);
      const { video } = units[0]!;
      assert.deepEqual([video.codec, units[0]?.key], [codec, true]);
      const piped = units.slice(0, FPS).map(({ data }, i) => framed(data, codec, i));
      const decoded = execFileSync(
        'ffmpeg',
        [
          '-v',
          'error',
          '-f',
          PIPE_FORMAT[codec],
          '-i',
          'pipe:0',
          '-f',
          'framecrc',
          '-fps_mode',
          'passthrough',
          '-',
        ],
        {
          input: Buffer.concat([pipeHead(codec, video), ...piped]),
          encoding: 'utf8',
          stdio: ['pipe', 'pipe', 'ignore'],
        },
      );
      assert.equal(decoded.split('\n').filter((line) => /^\d/.test(line)).length, FPS);
    });

  it('of VP8: ffmpeg does not put it into MP4', async (t) => {
    const file = join(folder, 'web.webm');
    execFileSync('ffmpeg', ['-v', 'error', '-y', ...PICTURES, '-c:v', 'libvpx', '-t', '1', file]);
    const { code, message } = await failure(start(t, `file://${file}`));
    assert.equal(code, 'unsupported');
    assert.match(message, /^its pictures are of a coding that is not taken/);
  });

  it('that is none, or gone, or has a speed given', async (t) => {
    const text = join(folder, 'notes.txt');
    execFileSync('sh', ['-c', 'yes nothing to see | head -1000 > "$0"', text]);
    const none = await failure(start(t, `file://${text}`));
    assert.deepEqual([none.code, none.place], ['unsupported', text]);
    assert.equal((await failure(start(t, `file://${folder}/gone.mp4`))).code, 'unreachable');
    const fast = await failure(start(t, `file://${text}?fps=3`));
    assert.match(fast.message, /\?fps= is for pictures/);
  });
});

describe('what ffmpeg speaks for us', { timeout: 120_000 }, () => {
  /** One ffmpeg that waits for one viewer. */
  const listener = (t: TestContext, args: readonly string[]) => {
    const child = spawn('ffmpeg', ['-v', 'error', '-re', ...args], { stdio: 'ignore' });
    t.after(() => child.kill('SIGKILL'));
    return child;
  };
  /** It listens a while after it was started: a session that comes too early ends, and the next is begun. */
  const reached = async (
    t: TestContext,
    url: string,
    ready: (running: Running) => boolean,
  ): Promise<Running> => {
    for (let tries = 0; tries < 40; tries++) {
      const running = start(t, url);
      let over = false;
      void running.ended.then(() => {
        over = true;
      });
      await until(() => over || ready(running), 'pictures', 30_000);
      if (!over) return running;
      await sleep(250);
    }
    throw new Error('it was never reached');
  };

  it('RTMP, with sound; and its end', async (t) => {
    const url = `rtmp://127.0.0.1:${await freePort()}/bcs/channel0_main.bcs`;
    const server = listener(t, [
      ...PICTURES,
      ...SOUND,
      ...H264,
      '-c:a',
      'aac',
      '-f',
      'flv',
      '-listen',
      '1',
      url,
    ]);
    const running = await reached(
      t,
      url,
      ({ units, frames }) => units.length > 2 * FPS && frames.length > 40,
    );
    isInStep(running.units, FPS);
    assert.deepEqual(decoded(running.units).codec, 'h264');
    assert.equal(running.session.hasAudio, true);
    server.kill('SIGKILL');
    assert.equal((await failure(running)).code, 'closed');
  });

  it('SRT, encrypted: the passphrase is in nothing that others can read', async (t) => {
    const port = await freePort();
    const secret = 'correct-horse';
    listener(t, [
      ...PICTURES,
      ...H264,
      '-f',
      'mpegts',
      `srt://127.0.0.1:${port}?mode=listener&passphrase=${secret}`,
    ]);
    const url = `srt://127.0.0.1:${port}?passphrase=${secret}`;
    const running = await reached(t, url, ({ units }) => units.length > 2 * FPS);
    isInStep(running.units, FPS);
    const mine = execFileSync('ps', ['-eo', 'ppid,args', '--no-headers'], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes('ffconcat') || / pipe:0 /.test(line));
    assert.ok(mine.length > 0, 'the remuxer is seen');
    assert.ok(mine.every((line) => !line.includes(secret)));
  });

  it('a login with a line break is refused: it would be another line of what ffmpeg reads', async (t) => {
    const login = { username: 'admin', password: "x'\nfile 'rtmp://127.0.0.1:1/other" };
    const error = await failure(start(t, 'rtmp://127.0.0.1:1/live', login));
    assert.equal(error.code, 'invalid_url');
    assert.doesNotMatch(error.message, /other/);
  });

  it('a wrong passphrase, nobody there: an error, without the secret', async (t) => {
    const port = await freePort();
    const rtmp = await failure(start(t, `rtmp://admin:geheim@127.0.0.1:${port}/live`));
    assert.equal(rtmp.code, 'unreachable');
    assert.doesNotMatch(rtmp.message, /geheim/);
    const srt = await failure(start(t, `srt://127.0.0.1:${port}?passphrase=geheimgeheim`));
    assert.ok(['closed', 'unreachable', 'timeout'].includes(srt.code), srt.code);
    assert.doesNotMatch(srt.message, /geheim/);
  });
});

describe('a source that stands still', { timeout: 60_000 }, () => {
  it('is stalled, whether there was a picture before or not', async (t) => {
    const film = execFileSync('ffmpeg', [
      '-v',
      'error',
      ...PICTURES,
      ...H264,
      '-t',
      '1',
      '-f',
      'flv',
      'pipe:1',
    ]);
    const http = createServer(({ url }, response) =>
      response.write(url === '/begun' ? film : film.subarray(0, 200)),
    );
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    t.after(() => {
      http.closeAllConnections();
      http.close();
    });
    const at = `http://127.0.0.1:${(http.address() as { port: number }).port}`;
    const [begun, late] = await Promise.all([start(t, `${at}/begun`), start(t, `${at}/late`)].map(failure));
    assert.equal(begun?.code, 'stalled');
    assert.equal(late?.code, 'stalled');
    assert.match(late?.message ?? '', /sent nothing for 5 s/);
  });
});
