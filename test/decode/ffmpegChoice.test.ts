import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  findFfmpeg,
  parseCodecList,
  parseFilterList,
  parseHwaccels,
} from '../../daemon/decode/ffmpegChoice.ts';
import { makeScript } from './fakes.ts';

describe('findFfmpeg', () => {
  it('takes the system’s ffmpeg when none is configured, without a warning', async () => {
    const ffmpeg = await findFfmpeg({});
    assert.equal(ffmpeg.source, 'system');
    assert.match(ffmpeg.path, /^\/.*ffmpeg$/);
    assert.ok(ffmpeg.release.major >= 4);
    assert.ok(ffmpeg.decoders.has('h264') && ffmpeg.encoders.has('mjpeg') && ffmpeg.filters.has('select'));
    assert.equal(ffmpeg.warning, null);
  });

  it('takes the configured one before the system’s', async (t) => {
    const { path } = await findFfmpeg({});
    const script = await makeScript(t, `exec ${path} "$@"`);
    const ffmpeg = await findFfmpeg({ configured: script });
    assert.deepEqual([ffmpeg.source, ffmpeg.path, ffmpeg.warning], ['configured', script, null]);
  });

  it('passes a configured one over that does not work, and says why', async (t) => {
    const broken: [string, RegExp][] = [
      ['/nonexistent/ffmpeg', /\/nonexistent\/ffmpeg cannot be started/],
      [await makeScript(t, 'echo "symbol lookup error" >&2; exit 127'), /fails \(symbol lookup error\)/],
      [await makeScript(t, 'echo hello'), /is no ffmpeg/],
      [
        await makeScript(t, 'echo "ffmpeg version 6.0 Copyright"'),
        /lacks h264 \(decoder\), mjpeg \(encoder\)/,
      ],
    ];
    for (const [configured, why] of broken) {
      const ffmpeg = await findFfmpeg({ configured });
      assert.equal(ffmpeg.source, 'system');
      assert.match(ffmpeg.warning ?? '', why);
    }
  });

  it('finds the one inside the npm package, old as it is', async () => {
    // Configured, since the system's would be preferred.
    const { createRequire } = await import('node:module');
    const { path } = createRequire(import.meta.url)('@ffmpeg-installer/ffmpeg') as { path: string };
    const ffmpeg = await findFfmpeg({ configured: path });
    assert.equal(ffmpeg.source, 'configured');
    assert.equal(ffmpeg.release.major, 4);
  });
});

describe('ffmpeg’s lists', () => {
  it('hwaccels', () => {
    assert.deepEqual(parseHwaccels('Hardware acceleration methods:\nvdpau\nvaapi\n\n'), ['vdpau', 'vaapi']);
    assert.deepEqual(parseHwaccels(''), []);
  });

  it('decoders, without the legend', () => {
    const output = `Decoders:
 V..... = Video
 A..... = Audio
 ------
 V....D 012v                 Uncompressed 4:2:2 10-bit
 VFS..D h264                 H.264 / AVC / MPEG-4 AVC / MPEG-4 part 10
 V..... h264_v4l2m2m         V4L2 mem2mem H.264 decoder wrapper (codec h264)
 A....D aac                  AAC (Advanced Audio Coding)
`;
    assert.deepEqual([...parseCodecList(output)], ['012v', 'h264', 'h264_v4l2m2m', 'aac']);
  });

  it('filters, with three flags (up to 7) and with two', () => {
    const output = `Filters:
  T.. = Timeline support
  A = Audio input/output
  | = Source or sink filter
 ..C scale             V->V       Scale the input video size and/or convert the image format.
 ... select            V->N       Select video frames to pass in output.
 .. scale_vaapi       V->V       Scale to/from VAAPI surfaces.
 ... color             |->V       Provide an uniformly colored input.
`;
    assert.deepEqual([...parseFilterList(output)], ['scale', 'select', 'scale_vaapi', 'color']);
  });
});
