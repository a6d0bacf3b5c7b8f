import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { aggregateUrl, baseUrl, setupUrls } from '../../daemon/ingest/controlUrl.ts';

describe('baseUrl (case 25)', () => {
  const request = 'rtsp://cam.lan:8554/stream';
  for (const [camera, contentBase, expected] of [
    ['no Content-Base', undefined, request],
    ['empty', '  ', request],
    ['as it should be', 'rtsp://cam.lan:8554/stream/', 'rtsp://cam.lan:8554/stream/'],
    ['Anjvision (moonfire-nvr#356)', '192.168.1.10:554/stream0/', 'rtsp://cam.lan:8554/stream0/'],
    ['go2rtc#1852', '192.168.253.220:1935/', 'rtsp://cam.lan:8554/'],
    ['go2rtc#208', 'rtsp://rtsp://turret2-cam.lan:554/stream1/', 'rtsp://cam.lan:8554/stream1/'],
    [
      'IPv6 without brackets',
      'rtsp://::ffff:192.168.1.123/onvif/profile.1/',
      'rtsp://cam.lan:8554/onvif/profile.1/',
    ],
    ['gortsplib#636', '/relative-content-base', 'rtsp://cam.lan:8554/relative-content-base'],
    ['an inner host behind NAT', 'rtsp://192.168.0.9/stream/', 'rtsp://cam.lan:8554/stream/'],
    ['beyond repair', 'what is this', request],
    ['a word that may be a path', 'stream', request],
  ] as const)
    test(`${camera}: ${JSON.stringify(contentBase)} → ${expected}`, () => {
      assert.equal(baseUrl(contentBase, request), expected);
    });
});

describe('setupUrls', () => {
  const query = 'rtsp://h:5050/H264?channel=1&subtype=0&unicast=true&proto=Onvif';
  for (const [what, base, control, expected] of [
    ['no control (single stream, case 27)', 'rtsp://h/a', undefined, ['rtsp://h/a']],
    ['* (case 27)', 'rtsp://h/a/', '*', ['rtsp://h/a/']],
    ['relative', 'rtsp://h/a', 'trackID=1', ['rtsp://h/a/trackID=1']],
    ['relative behind a slash', 'rtsp://h/a/', 'trackID=1', ['rtsp://h/a/trackID=1']],
    ['?ctype=video, no slash (case 27)', 'rtsp://h/a', '?ctype=video', ['rtsp://h/a?ctype=video']],
    ['/test, no double slash (mediamtx#3517)', 'rtsp://h/a/', '/test', ['rtsp://h/a/test', 'rtsp://h/test']],
    [
      'absolute with the wrong host (case 27)',
      'rtsp://h:5050/path',
      'rtsp://localhost/path/trackID=7',
      ['rtsp://h:5050/path/trackID=7'],
    ],
    [
      'query in the base: concatenated, then before it (case 26, retina#9)',
      query,
      'video',
      [`${query}/video`, 'rtsp://h:5050/H264/video?channel=1&subtype=0&unicast=true&proto=Onvif'],
    ],
    ['control with blanks is unusable', 'rtsp://h/a', 'x y', ['rtsp://h/a']],
  ] as const)
    test(`${what}: ${base} + ${control}`, () => {
      assert.deepEqual(setupUrls(base, control), expected);
    });
});

test('aggregateUrl: the session’s control on the base, on our host', () => {
  assert.equal(aggregateUrl('rtsp://h/a/', '*'), 'rtsp://h/a/');
  assert.equal(aggregateUrl('rtsp://h/a/', undefined), 'rtsp://h/a/');
  assert.equal(aggregateUrl('rtsp://h:8554/a/', 'rtsp://10.0.0.9:554/a?x=1'), 'rtsp://h:8554/a?x=1');
});

test('any control and base: no throw, and we keep talking to the same host and port', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (contentBase, control) => {
      const base = baseUrl(contentBase, 'rtsp://h:1/x');
      for (const url of [base, aggregateUrl(base, control), ...setupUrls(base, control)])
        assert.match(url, /^rtsp:\/\/h:1([/?]|$)/, JSON.stringify([contentBase, control]));
    }),
    {
      examples: [
        ['rtsp://x', '?'],
        ['rtsp://rtsp://', '/'],
        ['1.2.3.4', 'a@b'],
      ],
    },
  );
});
