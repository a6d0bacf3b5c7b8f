import { audioCoding } from '../../../daemon/ingest/audioCoding.ts';
import { parseSdp } from '../../../daemon/ingest/sdp.ts';
import { packetsOf, script } from '../packets.ts';
import { always } from '../target.ts';

const SECTIONS = [
  [
    'm=audio 0 RTP/AVP 97',
    'a=rtpmap:97 mpeg4-generic/16000/1',
    'a=fmtp:97 mode=AAC-hbr;config=1408;SizeLength=13;IndexLength=3;IndexDeltaLength=3',
  ],
  ['m=audio 0 RTP/AVP 97', 'a=rtpmap:97 MP4A-LATM/16000/1', 'a=fmtp:97 cpresent=0;config=40002820'],
  ['m=audio 0 RTP/AVP 97', 'a=rtpmap:97 opus/48000/2'],
  ['m=audio 0 RTP/AVP 0'],
  ['m=audio 0 RTP/AVP 97', 'a=rtpmap:97 G726-24/8000'],
  ['m=audio 0 RTP/AVP 97', 'a=rtpmap:97 AAL2-G726-40/8000'],
].map((lines) => parseSdp(['v=0', ...lines, ''].join('\r\n')).media[0]!);

/** The first byte says which coding. */
export const seeds = [
  Buffer.concat([
    Buffer.of(0),
    script([1, '00 10 00 20 01 02 03 04'], [17, '00 20 00 10 00 11 01 02 03 04']),
  ]),
  Buffer.concat([Buffer.of(0), script([1, '00 10 00 48 ff f1 60 40 01 3f fc 01 02'])]),
  Buffer.concat([Buffer.of(1), script([1, '04 01 02 03 04'])]),
  Buffer.concat([Buffer.of(2), script([0, 'fc 01 02'], [16, '03 42 01'])]),
  Buffer.concat([Buffer.of(3), script([0, 'ff fe fd'])]),
  Buffer.concat([Buffer.of(4), script([0, '01 02 03'], [0, '01 02'])]),
  Buffer.concat([Buffer.of(5), script([0, '01 02 03 04 05'])]),
];

export function fuzz(data: Buffer): void {
  const media = SECTIONS[(data[0] ?? 0) % SECTIONS.length]!;
  const coding = audioCoding(media);
  always('depacketizer' in coding, 'this sound is taken');
  for (const packet of packetsOf(data.subarray(1)))
    for (const { duration, offset } of coding.depacketizer.push(packet))
      always(duration > 0 && Number.isFinite(duration) && Number.isFinite(offset), 'sound has a length');
}
