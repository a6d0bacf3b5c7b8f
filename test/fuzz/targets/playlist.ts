import { readPlaylist } from '../../../daemon/ingest/hls/playlist.ts';
import { always, text } from '../target.ts';

export const seeds = [
  text('#EXTM3U', '#EXT-X-TARGETDURATION:8', '#EXT-X-MEDIA-SEQUENCE:2680', '#EXTINF:7.975,', 'a.ts'),
  text('#EXTM3U', '#EXT-X-MAP:URI="i.mp4",BYTERANGE="700@0"', '#EXTINF:2,', '#EXT-X-BYTERANGE:9@7', 'a.mp4'),
  text('#EXTM3U', '#EXT-X-STREAM-INF:BANDWIDTH=1280000,CODECS="avc1.42c01e",AUDIO="a"', 'low.m3u8'),
];

/** An HLS playlist: whatever it says, what is to be fetched are addresses. */
export function fuzz(data: Buffer): void {
  const playlist = readPlaylist(data.toString('utf8'), 'http://cam/live.m3u8');
  if (playlist.kind === 'master') always(URL.canParse(playlist.url), 'it leads to an address');
  if (playlist.kind === 'media') {
    for (const { url, head } of playlist.pieces)
      always(URL.canParse(url) && (!head || URL.canParse(head.url)), 'a piece has an address');
    always(playlist.interval >= 1 && playlist.interval <= 60, 'it is asked for again, and not all the time');
  }
}
