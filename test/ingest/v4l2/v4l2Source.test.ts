/** A USB camera. There is none here: what ffmpeg would write of one is written by an ffmpeg that makes up its pictures. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { FfmpegProcess } from '../../../daemon/decode/ffmpegProcess.ts';
import type { AccessUnit } from '../../../daemon/frame.ts';
import { IngestError } from '../../../daemon/ingest/ingestError.ts';
import { remuxArgs } from '../../../daemon/ingest/remux/remuxArgs.ts';
import type { Remuxer } from '../../../daemon/ingest/remux/remuxer.ts';
import type { SourceTransport } from '../../../daemon/ingest/sourceSession.ts';
import { V4l2Source } from '../../../daemon/ingest/v4l2/v4l2Source.ts';
import { until } from '../until.ts';

const LIST = ['[video4linux2,v4l2 @ 0x1] Compressed:       mjpeg :          Motion-JPEG : 320x240 640x480'];

interface Stood {
  list?: readonly string[];
  /** What ffmpeg says when it is to open the camera; undefined: there are pictures. */
  failure?: string;
}

function start(t: TestContext, url: string, { list = LIST, failure }: Stood = {}) {
  const units: AccessUnit[] = [];
  const jobs: { args: string[]; devices: readonly string[] }[] = [];
  const remuxer: Remuxer = ({ args, devices, stdout }) => {
    jobs.push({ args: [...args], devices });
    const said = args.includes('-list_formats') ? list.join('\n') : failure;
    if (said !== undefined)
      return new FfmpegProcess({ command: '/bin/sh', args: ['-c', 'echo "$0" >&2; exit 1', said], stdout });
    // From the input's options on, pictures that are made up.
    const from = args.indexOf('v4l2') - 1;
    const size = args[args.indexOf('-video_size') + 1];
    const made = ['-re', '-f', 'lavfi', '-i', `testsrc=size=${size}:rate=10`, '-t', '2'];
    const output = args
      .slice(args.indexOf('-i') + 2)
      .map((arg, i, all) => (all[i - 1] === '-c:v' ? 'mjpeg' : arg));
    return new FfmpegProcess({
      command: 'ffmpeg',
      args: [...args.slice(0, from), ...made, ...output],
      stdout,
    });
  };
  const abort = new AbortController();
  t.after(() => abort.abort());
  let transport: SourceTransport | undefined;
  const source = new V4l2Source(
    { url, remuxer: Promise.resolve(remuxer), deviceOf: async () => '/dev/video3' },
    {
      playing: (info) => {
        transport = info.transport;
      },
      accessUnit: (unit) => units.push(unit),
      audioFrame: () => {},
    },
  );
  const ended = source.run(abort.signal).catch((error: unknown) => error);
  return { units, jobs, ended, transport: () => transport };
}

async function failure(ended: Promise<unknown>): Promise<IngestError> {
  const error = await ended;
  assert.ok(error instanceof IngestError, String(error));
  return error;
}

describe('a USB camera', { timeout: 60_000 }, () => {
  it('is asked what it offers, set to the best of that, and its JPEGs are taken as they are', async (t) => {
    const { units, jobs, transport } = start(t, 'v4l2:///dev/v4l/by-id/usb-cam?fps=10');
    await until(() => units.length >= 10);
    assert.deepEqual([units[0]?.video.codec, units[0]?.video.width], ['mjpeg', 640]);
    assert.equal(transport(), 'v4l2');
    assert.deepEqual(
      jobs.map(({ devices }) => devices),
      [['/dev/video3'], ['/dev/video3']],
    );
    const args = jobs[1]!.args.join(' ');
    assert.match(args, /-f v4l2 -input_format mjpeg -video_size 640x480 -framerate 10 -i \/dev\/video3 /);
    assert.match(args, / -c:v copy /);
  });

  it('is not asked where format and size are given', async (t) => {
    const { units, jobs } = start(t, 'v4l2:///dev/video0?format=mjpeg&size=160x120');
    await until(() => units.length > 0);
    assert.deepEqual([jobs.length, units[0]?.video.width], [1, 160]);
  });

  for (const [what, url, stood, code, message] of [
    ['that offers raw pictures only', '', { list: [] }, 'unsupported', /offers none of them/],
    ['that does not offer what was asked for', '?format=h264', {}, 'unsupported', /h264.*offers only mjpeg/],
    [
      'that somebody else uses',
      '?format=mjpeg&size=640x480',
      { failure: '/dev/video3: Device or resource busy' },
      ...(['busy', /one stream at a time/] as const),
    ],
    [
      'that we may not open',
      '',
      { list: ['[v4l2 @ 0x1] Cannot open video device /dev/video3: Permission denied'] },
      ...(['unreachable', /does not let us/] as const),
    ],
    [
      'that is unplugged',
      '?format=mjpeg&size=640x480',
      { failure: '[v4l2 @ 0x1] ioctl(VIDIOC_DQBUF): No such device' },
      ...(['unreachable', /unplugged/] as const),
    ],
    ['of another address', '?quality=1', {}, 'invalid_url', /only format=/],
  ] as const)
    it(what, async (t) => {
      const error = await failure(start(t, `v4l2:///dev/video0${url}`, stood).ended);
      assert.equal(error.code, code);
      assert.match(error.message, message);
    });

  it('that is not there', async () => {
    const run = (url: string) => {
      const sink = { playing: () => {}, accessUnit: () => {}, audioFrame: () => {} };
      const source = new V4l2Source({ url, remuxer: new Promise(() => {}) }, sink);
      return source.run(AbortSignal.timeout(20_000)).catch((error: unknown) => error);
    };
    const gone = await failure(run('v4l2:///dev/video999'));
    assert.deepEqual([gone.code, gone.place], ['unreachable', '/dev/video999']);
  });

  it('H.264 at any size and rate that it has: ffmpeg’s arguments', () => {
    const input = {
      kind: 'v4l2',
      device: '/dev/video0',
      format: 'h264',
      size: undefined,
      fps: undefined,
    } as const;
    const args = remuxArgs(input, 'none').join(' ');
    assert.match(args, /-f v4l2 -input_format h264 -i \/dev\/video0 -map 0:v:0 -c:v copy /);
  });
});
