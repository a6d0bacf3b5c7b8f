/** Bytes of an RTP payload at most: with RTP, UDP and IPv6 around it still less than Ethernet's 1500. */
export const MAX_PAYLOAD = 1400;
