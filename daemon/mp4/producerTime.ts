/** Which wall clock time a media time stands for (ISO/IEC 14496-12 §8.16.5), in front of a fragment. Pure. */

/** Seconds from NTP's epoch, 1900, to Unix's (RFC 5905 §6). */
const NTP_EPOCH = 2_208_988_800;
const LENGTH = 32;
const VERSION = 1;
/** The time is that of the picture's arrival, which comes the nearest to its capture (flags of the second edition's amendment). */
const AT_CAPTURE = 24;

/**
 * A `prft` box.
 * @param unixMs milliseconds
 * @param mediaTime in units of the track's timescale
 */
export function producerTime(track: number, unixMs: number, mediaTime: number): Buffer {
  const box = Buffer.alloc(LENGTH);
  box.writeUInt32BE(LENGTH, 0);
  box.write('prft', 4, 'latin1');
  box.writeUInt32BE((VERSION << 24) | AT_CAPTURE, 8);
  box.writeUInt32BE(track, 12);
  const seconds = Math.floor(unixMs / 1000);
  box.writeUInt32BE((seconds + NTP_EPOCH) % 2 ** 32, 16);
  box.writeUInt32BE(Math.floor(((unixMs / 1000 - seconds) * 2 ** 32) % 2 ** 32), 20);
  box.writeBigUInt64BE(BigInt(Math.max(0, Math.round(mediaTime))), 24);
  return box;
}

/** Unix milliseconds of a `prft` box; undefined for what is none. */
export function readProducerTime(box: Buffer): number | undefined {
  if (box.length < LENGTH || box.toString('latin1', 4, 8) !== 'prft') return undefined;
  return (box.readUInt32BE(16) - NTP_EPOCH) * 1000 + (box.readUInt32BE(20) / 2 ** 32) * 1000;
}
