import { isRtcp, parseRtcp } from '../../../daemon/rtsp/rtcp.ts';

export const seeds = [
  Buffer.from(
    '80c80006000000010000000000000000000000000000000000000000' +
      '81ca000300000001010577616c6c6500' +
      '81cb000100000001',
    'hex',
  ),
];

export function fuzz(data: Buffer): void {
  isRtcp(data);
  parseRtcp(data);
}
