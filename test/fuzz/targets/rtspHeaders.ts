import { cseqOf, parseHead, parsePublic, parseSession } from '../../../daemon/rtsp/rtspMessage.ts';
import { parseTransport, parseTransportOffers } from '../../../daemon/rtsp/transportHeader.ts';
import { text } from '../target.ts';

export const seeds = [
  text('RTSP/1.0 401 Unauthorized', 'CSeq: 2', 'Session: 9b;timeout=30', 'Public: OPTIONS, DESCRIBE'),
  text('RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=DEADBEEF;mode="PLAY"'),
  text('RTP/AVP;multicast;destination=239.0.0.1;port=5000-5001;ttl=16,RTP/AVP;unicast;client_port=1-2'),
];

export function fuzz(data: Buffer): void {
  const said = data.toString('latin1');
  const head = parseHead(said);
  if (head) cseqOf(head.headers);
  parseSession(said);
  parsePublic([said]);
  parseTransport(said);
  parseTransportOffers(said);
}
