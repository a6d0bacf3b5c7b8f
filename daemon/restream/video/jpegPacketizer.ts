/** JPEG to RTP payloads (RFC 2435): the scan in pieces, the tables in front of the first. Pure. */
import { jpegParts } from '../../jpeg/jpegParts.ts';
import type { RtpPayload } from '../../rtsp/rtpWriter.ts';
import { MAX_PAYLOAD } from './maxPayload.ts';

/** Tables in the packet, which may be others with each picture (§3.1.8). */
const OWN_TABLES = 255;
/** The pieces do not begin where the restart intervals do: the whole picture has to be put together first (§3.1.7). */
const WHOLE = [0xff, 0xff];
/** Pixels that eight bits hold in blocks of eight. Larger ones are 0, and the SDP says them (GStreamer's `a=x-dimensions`). */
const LARGEST = 2040;

/** None where RTP has no way to say it: progressive pictures, 4:4:4, tables of Huffman's codes of their own. */
export function jpegPayloads(picture: Buffer, most = MAX_PAYLOAD): RtpPayload[] {
  const parts = jpegParts(picture);
  if (!parts) return [];
  const { shape, tables, scan } = parts;
  const { width, height, halfLines, restartInterval } = shape;
  const isLarge = width > LARGEST || height > LARGEST;
  const blocks = (pixels: number) => (isLarge ? 0 : Math.ceil(pixels / 8));
  const type = (halfLines ? 1 : 0) | (restartInterval > 0 ? 64 : 0);
  const restart = restartInterval > 0 ? [restartInterval >> 8, restartInterval & 0xff, ...WHOLE] : [];
  const header = (at: number) =>
    Buffer.from([
      ...[0, at >> 16, (at >> 8) & 0xff, at & 0xff, type, OWN_TABLES, blocks(width), blocks(height)],
      ...restart,
    ]);
  const { data, precision } = tables;
  const first = Buffer.concat([
    header(0),
    Buffer.of(0, precision, data.length >> 8, data.length & 0xff),
    data,
  ]);
  const payloads: RtpPayload[] = [];
  for (let at = 0; at < scan.length; ) {
    const head = at === 0 ? first : header(at);
    const body = scan.subarray(at, at + most - head.length);
    payloads.push({ head, body });
    at += body.length;
  }
  return payloads;
}
