import { RtspDemuxer } from '../../../daemon/rtsp/rtspDemuxer.ts';
import { always, pieces, text } from '../target.ts';

export const seeds = [
  text('RTSP/1.0 200 OK', 'CSeq: 3', 'Content-Length: 4', '', 'v=0\n'),
  Buffer.concat([
    Buffer.from('$\0\0\x04abcd$\x01\0\x02xy\r\n'),
    text('RTSP/1.0 200', 'cseq:5 ', 'Session:  1;timeout=60', '', ''),
  ]),
  text('ANNOUNCE rtsp://1.2.3.4/x RTSP/1.0', 'CSeq: 9', '', ''),
];

/** Items do not depend on how the bytes came, and what was fed may be overwritten. */
export function fuzz(data: Buffer): void {
  const read = (chunks: readonly Buffer[]) => {
    const demuxer = new RtspDemuxer({ head: 512, body: 1024 });
    demuxer.addChannel(0);
    const told = chunks.map((chunk) => {
      const memory = Buffer.from(chunk);
      const items = demuxer.feed(memory).map((item) => JSON.stringify(item));
      memory.fill(0x24);
      return items.join('');
    });
    return `${told.join('')} ${demuxer.bytesSkipped}`;
  };
  always(read([data]) === read(pieces(data)), 'cutting changes nothing');
}
