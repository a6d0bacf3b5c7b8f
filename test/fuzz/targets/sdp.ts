import { setupUrls } from '../../../daemon/ingest/controlUrl.ts';
import { newCounters } from '../../../daemon/ingest/counters.ts';
import { readDescription } from '../../../daemon/ingest/description.ts';
import { IngestError } from '../../../daemon/ingest/ingestError.ts';
import { VideoReceiver } from '../../../daemon/ingest/videoReceiver.ts';
import { RtspHeaders } from '../../../daemon/rtsp/rtspMessage.ts';
import { text } from '../target.ts';

export const seeds = [
  text(
    ...[
      'v=0',
      'o=- 1 1 IN IP4 0.0.0.0',
      's=x',
      'c=IN IP4 0.0.0.0',
      't=0 0',
      'a=control:*',
      'a=range:npt=0-',
      'm=video 0 RTP/AVP 96',
    ],
    ...[
      'a=rtpmap:96 H264/90000',
      'a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0IAHpWoKA9k,aM48gA==',
      'a=control:trackID=1',
    ],
    ...[
      'm=audio 0 RTP/AVP 97',
      'a=rtpmap:97 mpeg4-generic/16000/1',
      'a=fmtp:97 streamtype=5;mode=AAC-hbr;config=1408;SizeLength=13;IndexLength=3;IndexDeltaLength=3',
    ],
    '',
  ),
  text(
    'v=0',
    'm=video 0 RTP/AVP 26',
    'a=x-dimensions:2560,1440',
    'a=framerate:0S',
    'm=audio 0 RTP/AVP 8',
    'a=sendonly',
    '',
  ),
  text(
    'v=0',
    'm=video 0 RTP/SAVP 98',
    'a=rtpmap:98 H265/90000',
    'a=fmtp:98 sprop-vps=QAE;sprop-sps=QgE;sprop-pps=RAE',
    'a=control:rtsp://h/x?y',
    '',
  ),
];

/** All that is done with the answer to DESCRIBE before a packet comes. */
export function fuzz(data: Buffer): void {
  try {
    const { video, aggregate } = readDescription(
      { headers: new RtspHeaders(), body: data },
      'rtsp://camera/x',
      undefined,
    );
    setupUrls(aggregate, video.media.control);
    new VideoReceiver({
      ...{
        format: video.format,
        dimensions: video.media.dimensions,
        ssrc: undefined,
        reorder: true,
        counters: newCounters(),
      },
      ...{ accessUnit: () => {}, senderReport: () => {}, goodbye: () => {}, now: () => 0 },
    });
  } catch (error) {
    // What it says of an answer that is of no use.
    if (!(error instanceof IngestError)) throw error;
  }
}
