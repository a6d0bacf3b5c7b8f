/** Addresses of USB cameras, and what such a camera is set to. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { chooseMode, offeredFormats } from '../../../daemon/ingest/v4l2/v4l2Formats.ts';
import { parseV4l2Url } from '../../../daemon/ingest/v4l2/v4l2Url.ts';
import { streamAddress } from '../../../daemon/system/cli/provision/addresses.ts';

const BY_ID = '/dev/v4l/by-id/usb-046d_HD_Pro_Webcam_C920_A1B2C3-video-index0';

for (const [address, kept, rest] of [
  ['v4l2:///dev/video0', 'v4l2:///dev/video0', {}],
  [' V4L2:///dev/video12 ', 'v4l2:///dev/video12', { path: '/dev/video12' }],
  [`v4l2://${BY_ID}?format=h264`, `v4l2://${BY_ID}?format=h264`, { path: BY_ID, format: 'h264' }],
  [
    'v4l2:///dev/video0?fps=15&size=1280x720&format=mjpeg',
    'v4l2:///dev/video0?format=mjpeg&size=1280x720&fps=15',
    { format: 'mjpeg', size: { width: 1280, height: 720 }, fps: 15 },
  ],
] as const)
  test(`a USB camera: ${address}`, () => {
    const wanted = {
      ...{ path: '/dev/video0', format: undefined, size: undefined, fps: undefined, ...rest },
      requestUrl: kept,
    };
    assert.deepEqual(parseV4l2Url(address), wanted);
    assert.deepEqual(parseV4l2Url(kept), wanted, 'what is kept is read the same');
    assert.equal(streamAddress(address)?.url, kept, 'as provisioning compares it');
  });

for (const [address, why] of [
  ['v4l2:', /looks like v4l2:\/\/\/dev\/video0/],
  ['v4l2:///dev/sda', /looks like/],
  ['v4l2:///dev/video0/../sda', /looks like/],
  ['v4l2:///dev/v4l/by-id/../../sda', /looks like/],
  ['v4l2:///DEV/video0', /looks like/],
  ['v4l2:///dev/video0?quality=3', /only format=, size= and fps=/],
  ['v4l2:///dev/video0?fps=5&fps=6', /each once/],
  ['v4l2:///dev/video0?', /only format=/],
  ['v4l2:///dev/video0?format=yuyv', /one of h264 and mjpeg/],
  ['v4l2:///dev/video0?size=1280', /width and height/],
  ['v4l2:///dev/video0?size=0x720', /width and height/],
  ['v4l2:///dev/video0?fps=0', /1 to 240/],
  ['v4l2:///dev/video0?fps=7.5', /whole number/],
] as const)
  test(`no USB camera: ${address}`, () => {
    const parsed = parseV4l2Url(address);
    assert.match('invalid' in parsed ? parsed.invalid : '', why);
    assert.equal(streamAddress(address), undefined);
  });

describe('what a USB camera offers', () => {
  const line = (rest: string) => `[video4linux2,v4l2 @ 0x55d8c3a0] ${rest}`;
  /** A webcam with both, as ffmpeg lists it; one that says its sizes by steps. */
  const both = offeredFormats([
    line('Compressed:       mjpeg :          Motion-JPEG : 640x480 1280x720 1920x1080'),
    line('Compressed:        h264 :                H.264 : 640x480 1920x1080 2560x1440 1280x720'),
    line('Raw       :     yuyv422 :           YUYV 4:2:2 : 640x480'),
    'v4l2:/dev/video0: Immediate exit requested',
  ]);
  const steps = offeredFormats([
    line('Compressed:       mjpeg :          Motion-JPEG : {32-4096, 2}x{32-2304, 2}'),
  ]);

  test('is read from ffmpeg’s list', () => {
    assert.deepEqual(
      both.map(({ format, sizes }) => [format, sizes.length]),
      [
        ['mjpeg', 3],
        ['h264', 4],
      ],
    );
    assert.deepEqual(steps, [{ format: 'mjpeg', sizes: [] }]);
    assert.deepEqual(offeredFormats([line('Compressed: Unsupported : HEVC : 640x480'), '']), []);
  });

  test('is taken by H.264 at 1080p first, M-JPEG at 720p; what was asked for comes before that', () => {
    const none = { format: undefined, size: undefined };
    const [full, half] = [
      { width: 1920, height: 1080 },
      { width: 1280, height: 720 },
    ];
    assert.deepEqual(chooseMode(both, none), { format: 'h264', size: full });
    assert.deepEqual(chooseMode(both, { ...none, format: 'mjpeg' }), { format: 'mjpeg', size: half });
    assert.deepEqual(chooseMode(both, { format: 'mjpeg', size: full }), { format: 'mjpeg', size: full });
    assert.deepEqual(chooseMode(steps, none), { format: 'mjpeg', size: undefined });
    assert.equal(chooseMode(steps, { ...none, format: 'h264' }), undefined);
    assert.equal(chooseMode([], none), undefined);
  });
});
