import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { splitRtspUrl, withChannel } from '../../daemon/camera/rtspUrl.ts';

describe('an RTSP URL is split', () => {
  const cases: [string, { url: string; username: string | null; password: string | null } | undefined][] = [
    ['rtsp://10.0.0.1/live', { url: 'rtsp://10.0.0.1/live', username: null, password: null }],
    ['RTSP://10.0.0.1', { url: 'rtsp://10.0.0.1', username: null, password: null }],
    [
      'rtsp://admin:secret@10.0.0.1:554/a',
      { url: 'rtsp://10.0.0.1:554/a', username: 'admin', password: 'secret' },
    ],
    // A password with @ # : % as people paste it: the last @ of the authority counts.
    [
      'rtsp://admin:p@ss#1:%@10.0.0.1/a',
      { url: 'rtsp://10.0.0.1/a', username: 'admin', password: 'p@ss#1:%' },
    ],
    ['rtsp://admin:p%40ss@cam.local/a', { url: 'rtsp://cam.local/a', username: 'admin', password: 'p@ss' }],
    ['rtsp://admin@cam/a', { url: 'rtsp://cam/a', username: 'admin', password: null }],
    ['rtsp://:pw@cam/a', { url: 'rtsp://cam/a', username: '', password: 'pw' }],
    ['rtsp://cam/a?mail=x@y.z', { url: 'rtsp://cam/a?mail=x@y.z', username: null, password: null }],
    // Cameras whose URL itself carries the credentials keep it.
    [
      'rtsp://1.2.3.4:554/user=admin&password=&channel=1&stream=0.sdp?',
      {
        url: 'rtsp://1.2.3.4:554/user=admin&password=&channel=1&stream=0.sdp?',
        username: null,
        password: null,
      },
    ],
    ['rtsp://u:p/w@cam/a', { url: 'rtsp://cam/a', username: 'u', password: 'p/w' }],
    ['rtsp://[fe80::1]:554/a', { url: 'rtsp://[fe80::1]:554/a', username: null, password: null }],
    ['http://10.0.0.1/', undefined],
    ['rtsp://', undefined],
    ['rtsp:///path', undefined],
    ['rtsp://host:99999/', undefined],
    ['rtsp://ho st/a', undefined],
    ['rtsp://host/a\r\nX: y', undefined],
    ['', undefined],
  ];
  for (const [text, expected] of cases)
    it(`${JSON.stringify(text)} → ${expected?.url ?? 'refused'}`, () =>
      assert.deepEqual(splitRtspUrl(text), expected));

  it('never throws, and never leaves line breaks in the address', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const split = splitRtspUrl(`rtsp://${text}`);
        assert.ok(!split || !/[\r\n]/.test(split.url));
      }),
    );
  });
});

describe('channel and subtype', () => {
  it('are appended in the Dahua way where the URL names no resource', () => {
    assert.equal(withChannel('rtsp://h:554', 2, 1), 'rtsp://h:554/cam/realmonitor?channel=2&subtype=1');
    assert.equal(withChannel('rtsp://h/', 1, null), 'rtsp://h/cam/realmonitor?channel=1&subtype=0');
    assert.equal(
      withChannel('rtsp://h/cam/realmonitor', 3, 0),
      'rtsp://h/cam/realmonitor?channel=3&subtype=0',
    );
  });
  it('are left alone where the URL says what it means', () => {
    const dahua = 'rtsp://h/cam/realmonitor?channel=1&subtype=0';
    assert.equal(withChannel(dahua, 4, 1), dahua);
    assert.equal(withChannel('rtsp://h/live', 1, 0), 'rtsp://h/live');
    assert.equal(withChannel('rtsp://h', null, null), 'rtsp://h');
  });
});
