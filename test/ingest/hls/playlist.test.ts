/** HLS playlists, as RFC 8216 §8 and servers write them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readPlaylist } from '../../../daemon/ingest/hls/playlist.ts';

const BASE = 'https://cam.local:8443/hls/live.m3u8?token=1';
const read = (...lines: string[]) => readPlaylist(['#EXTM3U', ...lines, ''].join('\n'), BASE);
const media = (...lines: string[]) => {
  const playlist = read(...lines);
  assert.ok(playlist.kind === 'media', JSON.stringify(playlist));
  return playlist;
};

describe('a media playlist', () => {
  test('names its pieces, relative to where it came from', () => {
    const { pieces, interval, ended } = media(
      ...['#EXT-X-VERSION:3', '#EXT-X-TARGETDURATION:8', '#EXT-X-MEDIA-SEQUENCE:2680'],
      ...['#EXTINF:7.975,', 'https://priv.example.com/fileSequence2680.ts', '#EXTINF:7.9,', 'b/2681.ts?x=1'],
    );
    assert.deepEqual(
      pieces.map(({ url, number, duration }) => [url, number, duration]),
      [
        ['https://priv.example.com/fileSequence2680.ts', 2680, 7.975],
        ['https://cam.local:8443/hls/b/2681.ts?x=1', 2681, 7.9],
      ],
    );
    assert.deepEqual([interval, ended, pieces[0]!.head, pieces[0]!.range], [8, false, undefined, undefined]);
  });

  test('of MP4: what must stand before a piece, and parts of files', () => {
    const { pieces } = media(
      ...['#EXT-X-VERSION:6', '#EXT-X-TARGETDURATION:2', '#EXT-X-MAP:URI="init.mp4",BYTERANGE="700@0"'],
      ...[
        '#EXTINF:2,',
        '#EXT-X-BYTERANGE:1000@700',
        'all.mp4',
        '#EXTINF:2,',
        '#EXT-X-BYTERANGE:900',
        'all.mp4',
      ],
    );
    assert.deepEqual(pieces[0]!.head, {
      url: 'https://cam.local:8443/hls/init.mp4',
      range: { offset: 0, length: 700 },
    });
    assert.deepEqual(
      pieces.map(({ range }) => range),
      [
        { offset: 700, length: 1000 },
        { offset: 1700, length: 900 },
      ],
    );
  });

  test('with an end', () => {
    assert.equal(media('#EXT-X-TARGETDURATION:4', '#EXTINF:4,', 'a.ts', '#EXT-X-ENDLIST').ended, true);
  });

  test('without a word of how often to look again: every second', () => {
    assert.equal(media('#EXTINF:4,', 'a.ts').interval, 1);
  });
});

test('a master playlist leads to the stream of the highest bandwidth, never to key pictures alone', () => {
  const playlist = read(
    ...['#EXT-X-STREAM-INF:BANDWIDTH=1280000,RESOLUTION=640x360', 'low/index.m3u8'],
    ...['#EXT-X-STREAM-INF:BANDWIDTH=2560000', '/mid.m3u8'],
    '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=9000000,URI="key.m3u8"',
  );
  assert.deepEqual(playlist, { kind: 'master', url: 'https://cam.local:8443/mid.m3u8' });
});

describe('a playlist that cannot be used', () => {
  const table: [name: string, lines: string[], why: RegExp][] = [
    [
      'an encrypted one',
      ['#EXT-X-TARGETDURATION:4', '#EXT-X-KEY:METHOD=AES-128,URI="k"', '#EXTINF:4,', 'a.ts'],
      /encrypted/,
    ],
    ['rubbish', ['#EXT-X-TARGETDURATION:', '#EXT-X-MEDIA:', 'a.ts'], /makes no sense/],
    ['an address that is none', ['#EXT-X-TARGETDURATION:4', '#EXTINF:4,', 'http://[::'], /makes no sense/],
  ];
  for (const [name, lines, why] of table)
    test(name, () => {
      const playlist = read(...lines);
      assert.ok(playlist.kind === 'unusable', JSON.stringify(playlist));
      assert.match(playlist.message, why);
    });

  test('is told, whatever it is', () => {
    for (const text of ['', '#EXTM3U', '<html>', '\0', '#EXTM3U\n#EXTINF:x,\n'])
      assert.ok(['unusable', 'media'].includes(readPlaylist(text, BASE).kind), text);
  });
});
