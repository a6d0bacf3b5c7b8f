/** In which order the pieces of a running HLS stream are fetched. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hlsPieces } from '../../../daemon/ingest/hls/hlsPieces.ts';
import { IngestError } from '../../../daemon/ingest/ingestError.ts';

const list = (first: number, last: number, more = '') => {
  const pieces = Array.from({ length: last - first + 1 }, (_, i) => `#EXTINF:1,\n${first + i}.ts`);
  return `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:${first}\n${pieces.join('\n')}\n${more}`;
};
const END = '#EXT-X-ENDLIST\n';

/** What comes of playlists that are given out one after the other. */
async function pieces(...lists: string[]): Promise<string[]> {
  const asked: string[] = [];
  const came: string[] = [];
  const fetch = async (url: string) => {
    const name = url.replace('http://cam/', '');
    asked.push(name);
    const data = name.endsWith('.m3u8') ? (lists.shift() ?? list(0, 0, END)) : name;
    return { data: Buffer.from(data), url };
  };
  const { signal } = new AbortController();
  for await (const piece of hlsPieces({ url: 'http://cam/live.m3u8', place: 'here', fetch, signal }))
    came.push(piece.toString());
  return came;
}

describe('a running HLS stream', { timeout: 60_000 }, () => {
  test('is begun three pieces from its end, each piece comes once', async () => {
    const came = await pieces(list(10, 16), list(12, 17), list(13, 18, END));
    assert.deepEqual(came, ['14.ts', '15.ts', '16.ts', '17.ts', '18.ts']);
  });

  test('that was begun anew counts from 0 again', async () => {
    const came = await pieces(list(500, 503), list(0, 1), list(0, 2, END));
    assert.deepEqual(came, ['501.ts', '502.ts', '503.ts', '0.ts', '1.ts', '2.ts']);
  });

  test('of which pieces were missed goes on with what there is', async () => {
    assert.deepEqual(await pieces(list(1, 1), list(5, 6, END)), ['1.ts', '5.ts', '6.ts']);
  });

  test('that has ended is played whole', async () => {
    assert.deepEqual(await pieces(list(1, 5, END)), ['1.ts', '2.ts', '3.ts', '4.ts', '5.ts']);
  });

  test('its head comes once, and again when it changes', async () => {
    const head = (name: string) => `#EXT-X-MAP:URI="${name}"\n`;
    const text = `#EXTM3U\n#EXT-X-TARGETDURATION:1\n${head('a.mp4')}#EXTINF:1,\n1.m4s\n#EXTINF:1,\n2.m4s\n${head('b.mp4')}#EXTINF:1,\n3.m4s\n${END}`;
    assert.deepEqual(await pieces(text), ['a.mp4', '1.m4s', '2.m4s', 'b.mp4', '3.m4s']);
  });

  test('its heads may be parts of one file', async () => {
    const head = (range: string) => `#EXT-X-MAP:URI="all.mp4",BYTERANGE="${range}"\n`;
    const text = `#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:1\n${head('700@0')}#EXTINF:1,\n1.m4s\n${head('700@900')}#EXTINF:1,\n2.m4s\n${END}`;
    assert.deepEqual(await pieces(text), ['all.mp4', '1.m4s', 'all.mp4', '2.m4s']);
  });

  test('playlists in a circle are an error', async () => {
    const master = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nlive.m3u8\n';
    await assert.rejects(
      pieces(...Array<string>(10).fill(master)),
      (error) => error instanceof IngestError && error.code === 'redirect_loop',
    );
  });
});
