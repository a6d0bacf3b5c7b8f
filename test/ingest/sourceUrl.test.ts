import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseRtspUrl, parseSourceUrl, redactUrl } from '../../daemon/ingest/sourceUrl.ts';

function parsed(text: string) {
  const url = parseRtspUrl(text);
  assert.ok(!('invalid' in url), `${text}: ${'invalid' in url ? url.invalid : ''}`);
  return url;
}

describe('parseRtspUrl', () => {
  for (const [text, requestUrl, username, password] of [
    ['rtsp://10.0.0.5/main', 'rtsp://10.0.0.5/main', undefined, undefined],
    ['RTSP://10.0.0.5:554', 'rtsp://10.0.0.5', undefined, undefined],
    ['rtsp://cam:8554/a?b=c@d', 'rtsp://cam:8554/a?b=c@d', undefined, undefined],
    ['rtsp://cam?mail=a@b', 'rtsp://cam?mail=a@b', undefined, undefined],
    ['rtsp://admin:secret@10.0.0.5/main', 'rtsp://10.0.0.5/main', 'admin', 'secret'],
    ['rtsp://admin@10.0.0.5/main', 'rtsp://10.0.0.5/main', 'admin', undefined],
    ['rtsp://admin:@10.0.0.5/', 'rtsp://10.0.0.5/', 'admin', ''],
    ['rtsp://admin:p@ss@10.0.0.5/main', 'rtsp://10.0.0.5/main', 'admin', 'p@ss'],
    ['rtsp://admin:p#s%^!:x@10.0.0.5/main', 'rtsp://10.0.0.5/main', 'admin', 'p#s%^!:x'],
    ['rtsp://admin:p%40ss%23@10.0.0.5/main', 'rtsp://10.0.0.5/main', 'admin', 'p@ss#'],
    ['rtsp://admin:a/b?c@10.0.0.5:555/main', 'rtsp://10.0.0.5:555/main', 'admin', 'a/b?c'],
    ['rtsp://u:p@[fe80::1]:554/x', 'rtsp://[fe80::1]/x', 'u', 'p'],
    ['  rtsp://h/live ü\n'.trim(), 'rtsp://h/live%20%C3%BC', undefined, undefined],
  ] as const)
    test(`${text} → ${requestUrl} (case 24)`, () => {
      const url = parsed(text);
      assert.deepEqual([url.requestUrl, url.username, url.password], [requestUrl, username, password]);
    });

  test('host and port to connect to', () => {
    assert.deepEqual([parsed('rtsp://[::1]:8554/x').host, parsed('rtsp://[::1]:8554/x').port], ['::1', 8554]);
    assert.equal(parsed('rtsp://cam/').port, 554);
    assert.equal(parsed('rtsp://cam/').secure, false);
  });

  test('over TLS', () => {
    const { port, secure, requestUrl } = parsed('RTSPS://u:p@cam/x');
    assert.deepEqual([port, secure, requestUrl], [322, true, 'rtsps://cam/x']);
    assert.equal(parsed('rtsps://cam:554/x').requestUrl, 'rtsps://cam:554/x');
    // UniFi Protect (case 58).
    assert.equal(parsed('rtsps://10.0.0.1:7441/abc?enableSrtp').requestUrl, 'rtsps://10.0.0.1:7441/abc');
    assert.equal(parsed('rtsps://h/abc?enableSrtp&x=1').requestUrl, 'rtsps://h/abc?x=1');
    assert.equal(parsed('rtsps://h/abc?x=1&enableSrtp=true').requestUrl, 'rtsps://h/abc?x=1');
  });

  for (const text of [
    '',
    'cam/main',
    'http://cam/',
    'rtspx://cam:7441/x',
    'rtsp://',
    'rtsp:///x',
    'rtsp://cam:0/',
    'rtsp://cam:99999/',
    'rtsp://a:b/',
    'rtsp://ca m/',
    'rtsp://cam/a\r\nX: 1',
  ])
    test(`${JSON.stringify(text)} is refused with a sentence`, () => {
      const url = parseRtspUrl(text);
      assert.ok('invalid' in url);
      assert.match(url.invalid, /\w+ \w+/);
    });

  test('any text: no throw, and the request line is printable ASCII without userinfo', () => {
    const check = (text: string) => {
      const url = parseRtspUrl(text);
      if ('invalid' in url) return;
      assert.match(url.requestUrl, /^rtsp:\/\/[\x21-\x7e]+$/);
      assert.doesNotMatch(url.requestUrl.slice(7).split(/[/?]/)[0] ?? '', /@/);
    };
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => check(`rtsp://${text}`)));
    fc.assert(fc.property(fc.string(), fc.string(), (a, b) => check(`rtsp://${a}@cam/${b}`)));
  });
});

describe('parseSourceUrl', () => {
  test('also of what comes over HTTP, without a fragment, RTMP and SRT', () => {
    for (const [text, expected] of [
      [
        'http://cam/video.mjpg',
        { scheme: 'http', port: 80, secure: false, requestUrl: 'http://cam/video.mjpg' },
      ],
      [
        'HTTPS://u:p@cam/x?a=b#c',
        {
          scheme: 'https',
          port: 443,
          secure: true,
          requestUrl: 'https://cam/x?a=b',
          username: 'u',
          password: 'p',
        },
      ],
      [
        'http://u:p#s@cam:8080',
        { scheme: 'http', port: 8080, requestUrl: 'http://cam:8080', password: 'p#s' },
      ],
      [
        'rtmp://u:p@cam:1935/bcs/x?channel=0',
        { scheme: 'rtmp', port: 1935, requestUrl: 'rtmp://cam/bcs/x?channel=0', username: 'u' },
      ],
      ['srt://cam:9000?streamid=a', { scheme: 'srt', port: 9000, requestUrl: 'srt://cam:9000?streamid=a' }],
      ['rtsp://cam/a#b', { scheme: 'rtsp', port: 554, requestUrl: 'rtsp://cam/a#b' }],
    ] as const) {
      const url = parseSourceUrl(text);
      assert.ok(!('invalid' in url), text);
      assert.partialDeepStrictEqual(url, expected);
    }
  });

  test('what is neither is named, with what there is', () => {
    const url = parseSourceUrl('ftp://cam/x');
    assert.ok('invalid' in url);
    assert.equal(
      url.invalid,
      'the scheme ftp:// is not supported, only rtsp://, rtsps://, http://, https://, rtmp:// or srt://',
    );
    const srt = parseSourceUrl('srt://cam');
    assert.ok('invalid' in srt);
    assert.equal(srt.invalid, 'the address of SRT needs a host and a port');
  });
});

test('redactUrl blots out a login that stands in the path or query (case 24)', () => {
  assert.equal(redactUrl('rtsp://u:p@ss@h/main'), 'rtsp://h/main');
  assert.equal(redactUrl('rtsp://h/x?user=a&password=geheim&y=1'), 'rtsp://h/x?user=a&password=***&y=1');
  assert.equal(redactUrl('srt://h:9000?passphrase=geheim&x=1'), 'srt://h:9000?passphrase=***&x=1');
  assert.equal(
    redactUrl('rtsp://h/user=admin_password=geheim_channel=1_stream=0.sdp'),
    'rtsp://h/user=admin_password=***_channel=1_stream=0.sdp',
  );
});
