import { adtsFrames } from '../../../daemon/ingest/adts.ts';
import { parseAudioSpecificConfig } from '../../../daemon/ingest/audioSpecificConfig.ts';
import { opusDuration } from '../../../daemon/ingest/opusDepacketizer.ts';

export const seeds = ['1408', '2b92080056e5009800', 'fff1604001 3ffc0102', 'fc010203', '034201'].map((hex) =>
  Buffer.from(hex.replaceAll(' ', ''), 'hex'),
);

export function fuzz(data: Buffer): void {
  parseAudioSpecificConfig(data);
  adtsFrames(data, 16);
  opusDuration(data);
}
